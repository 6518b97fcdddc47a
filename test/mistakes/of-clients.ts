// Mistakes about clients, and about ending instances.

import type { Connections } from '../../src/core/handover/connections.js';
import { realMachines } from '../../src/simulate/machines.js';
import { ownerIn } from '../../src/core/handover/goal.js';
import { broken, world } from './mistake.js';
import type { Mistake } from './mistake.js';

const moveWithClient = world('move with a client', { clients: [0] });

export const mistakesOfClients: readonly Mistake[] = [
  {
    name: 'the clients that wait are forgotten when the partition is acquired',
    property: 'Bounded',
    world: moveWithClient,
    machines: {
      connections: (limits) =>
        broken(realMachines.connections(limits), {
          serve(this: Connections, partition: number, revision: number) {
            const real = Object.getPrototypeOf(this) as Connections;
            return revision === 1 ? real.serve.call(this, partition, revision) : [];
          },
        }),
    },
  },
  {
    name: 'the client keeps its old socket while it dials',
    property: 'SingleSession',
    world: world(
      'an impatient client',
      { instances: 1, revisions: [[0]], clients: [0] },
      { lostSockets: 1 },
    ),
    machines: {
      client: (state, event, nowMs) => {
        const step = realMachines.client(state, event, nowMs);
        return { ...step, actions: step.actions.filter(({ kind }) => kind !== 'destroy') };
      },
    },
  },
  {
    name: 'the client resumes one message too late',
    property: 'NoLoss',
    world: world('move with messages', { clients: [0], messages: 2 }),
    machines: {
      client: (state, event, nowMs) => {
        const step = realMachines.client(state, event, nowMs);
        const actions = step.actions.map((action) => {
          if (action.kind !== 'write') return action;
          const { next } = action.frame as { readonly next?: string | null };
          if (typeof next !== 'string') return action;
          return { ...action, frame: { ...action.frame, next: String(Number(next) + 1) } };
        });
        return { ...step, actions };
      },
    },
  },
  {
    name: 'an instance is removed as soon as the plan gives it nothing',
    property: 'NoKill',
    world: world('shrink', { revisions: [[1], [0]], removes: true }),
    rules: { mayRemove: (_log, latest, ordinal) => ownerIn(latest, 0) !== ordinal },
  },
];
