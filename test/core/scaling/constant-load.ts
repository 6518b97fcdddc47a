// Owns: a service in virtual time whose load is a function of the tick: what its policy decides is
// done at once. For tests of what many evaluations do, one after the other.

import { decide, type Decision } from '../../../src/core/scaling/decide.js';
import { emptyMemory, type ScalingMemory } from '../../../src/core/scaling/memory.js';
import type { Policy } from '../../../src/core/scaling/policy.js';
import type { Sample, ScalingSnapshot } from '../../../src/core/scaling/snapshot.js';

export interface Event {
  readonly tick: number;
  readonly from: number;
  readonly to: number;
}

export interface Walk {
  readonly policy: Policy;
  readonly instances: number;
  readonly ticks: number;
  /** Connected users of the whole service. */
  readonly load: (tick: number) => number;
  readonly eachDecision?: (decision: Decision, memory: ScalingMemory, tick: number) => void;
}

/** Every change, in order. */
export function walk({ policy, instances, ticks, load, eachDecision }: Walk): Event[] {
  const events: Event[] = [];
  let memory = emptyMemory;
  let snapshot = {
    members: [] as string[],
    samples: [] as { instance: string; clients: number; ageMs: number }[],
    ready: 0,
    lastChangeAtMs: null as number | null,
    lastChangeUndone: false,
    rebalanceRunning: false,
    unfinished: null,
  } satisfies ScalingSnapshot;
  const resize = (count: number): void => {
    const members = Array.from({ length: count }, (_, i) => `messaging-${i}`);
    const samples = members.map((instance) => ({ instance, clients: 0, ageMs: 1_000 }));
    snapshot = { ...snapshot, members, samples, ready: count };
  };
  resize(instances);
  for (let tick = 0; tick < ticks; tick += 1) {
    const nowMs = tick * policy.scheduleEveryMs;
    spread(Math.round(load(tick)), snapshot.samples);
    const decided = decide({ snapshot, policy, memory, nowMs });
    memory = decided.memory;
    eachDecision?.(decided.decision, memory, tick);
    const { kind, desired } = decided.decision;
    if (kind !== 'act' || desired === undefined) continue;
    events.push({ tick, from: snapshot.members.length, to: desired });
    resize(desired);
    snapshot = { ...snapshot, lastChangeAtMs: nowMs };
  }
  return events;
}

/** As evenly as whole users allow. */
function spread(clients: number, samples: { clients: Sample['clients'] }[]): void {
  const each = Math.floor(clients / samples.length);
  const over = clients - each * samples.length;
  samples.forEach((sample, i) => (sample.clients = each + (i < over ? 1 : 0)));
}

/** A normal variate from a uniform source (Box and Muller, 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
