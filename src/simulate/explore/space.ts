// Owns: a world as a space of states: where it begins (the first revision is held, every client is
// connected), and every event out of a state. Knows no event itself.

import type { Emit, Line, Space } from './breadth-first.js';
import { clientMoves } from './moves-clients.js';
import { controlMoves } from './moves-control.js';
import { fencingMoves } from './moves-fencing.js';
import { logMoves } from './moves-logs.js';
import { processMoves } from './moves-processes.js';
import { timeMoves } from './moves-time.js';
import { Moving } from './moving.js';
import { violationOf } from './properties.js';
import { instanceName } from '../../core/records.js';
import { service } from './host.js';
import { isAtRest, isFault, stuck } from './rest.js';
import { Visited } from './visited.js';
import { running } from './world.js';
import type { World } from './world.js';
import { noFaults } from './world-options.js';

export interface WorldSpace extends Space {
  /** What was written to the logs before the beginning. */
  readonly before: readonly Line[];
}

export function spaceOf(world: World): WorldSpace {
  const next = new Int32Array(world.width);
  const successors = (row: Int32Array, emit: Emit): void => {
    const moving = new Moving(world, row, next, emit);
    logMoves(moving);
    clientMoves(moving);
    processMoves(moving);
    fencingMoves(moving);
    timeMoves(moving);
    controlMoves(moving);
  };
  const { row, lines } = settled(world, successors);
  return {
    initial: row,
    before: lines,
    successors,
    violation: (state) => violationOf(world, state),
    ...(world.options.comesToRest
      ? { rest: { isFault, stuck, isAtRest: (state: Int32Array) => isAtRest(world, state) } }
      : {}),
  };
}

function empty(world: World): Int32Array {
  const { options } = world;
  const row = new Int32Array(world.width);
  row[0] = world.envs.idOf({ control: [0], produced: 0, left: noFaults });
  row[1] = world.logs.idOf([]);
  row[2] = world.sessions.idOf({ open: [], fenced: [] });
  const own = world.owns.idOf([]);
  const evidence = world.evidences.idOf([]);
  // Number 0 of the fencings stands for none.
  const nobody = { incarnation: '', instance: '', how: 'lease-expired', type: 'fenced' } as const;
  world.fences.idOf({ by: -1, victim: -1, fencing: null, stage: 'done', fenced: nobody });
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    row[at.own] = own;
    row[at.evidence] = evidence;
    if (slot >= options.instances) continue;
    const incarnation = `${instanceName(service, slot)}#1`;
    const log = world.machines.ownershipLog(options.partitions);
    row[at.status] = running;
    row[at.host] = world.hosts.idOf(world.newHost(slot, incarnation, log));
    row[at.lease] = world.newLease(slot, incarnation);
  }
  for (let i = 0; i < options.clients.length; i += 1)
    row[world.firstClient + i] = world.newClient();
  return row;
}

/** Not before everybody is where it belongs: these would never come to rest. */
const notYet = new Set(['time passes', 'publishes', 'says', 'message', 'removed', 'told to end']);
const settlingStepsMax = 5_000;

/** Without faults and time, one event after the other until nothing new can happen. */
function settled(
  world: World,
  successors: (row: Int32Array, emit: Emit) => void,
): { readonly row: Int32Array; readonly lines: readonly Line[] } {
  const visited = new Visited();
  const lines: Line[] = [];
  let row = empty(world);
  visited.add(row, 0);
  for (let steps = 0; steps < settlingStepsMax; steps += 1) {
    let found: Int32Array | undefined;
    successors(row, (kind, next, violation, say) => {
      if (found !== undefined || notYet.has(kind)) return;
      if (violation !== null) throw new Error(`${violation} before anything happened`);
      const before = visited.size;
      visited.add(next, 0);
      if (visited.size === before) return;
      found = next.slice();
      lines.push(say());
    });
    if (found === undefined) return { row: withBudgets(world, row), lines };
    row = found;
  }
  throw new Error(`${world.options.name}: its beginning does not come to rest`);
}

function withBudgets(world: World, row: Int32Array): Int32Array {
  const { budgets, clients, name } = world.options;
  clients.forEach((_, i) => {
    const { phase } = world.clients.get(row[world.firstClient + i] as number).state;
    if (phase !== 'welcomed') throw new Error(`${name}: client c${i} is ${phase} at the beginning`);
  });
  const env = world.envs.get(row[0] as number);
  row[0] = world.envs.idOf({ ...env, left: budgets });
  return row;
}
