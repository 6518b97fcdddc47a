// Owns: policies, snapshots and samples for tests of decisions, with good defaults.

import { decide, type Decision } from '../../../src/core/scaling/decide.js';
import type { Forecast } from '../../../src/core/scaling/forecast.js';
import { emptyMemory } from '../../../src/core/scaling/memory.js';
import { policyDefaults, type Policy } from '../../../src/core/scaling/policy.js';
import type { Reason } from '../../../src/core/scaling/reasons.js';
import type { Sample, ScalingSnapshot } from '../../../src/core/scaling/snapshot.js';

/** A Monday, noon UTC. */
export const nowMs = Date.UTC(2026, 5, 1, 12);

/** One evaluation is enough in it: what is waited for has tests of its own (stabilise.test.ts). */
export function policy(changes: Partial<Policy> = {}): Policy {
  return {
    ...policyDefaults,
    service: 'messaging',
    partitions: 360,
    instances: { min: 2, max: 4 },
    clientsPerInstance: { upper: 100, lower: 40, target: 70 },
    tolerance: 0,
    stabilisation: { upMs: 0, downMs: 0, urgentShare: 0.3 },
    ...changes,
  };
}

export function samples(...clients: number[]): Sample[] {
  return clients.map((count, i) => ({ instance: `messaging-${i}`, clients: count, ageMs: 1_000 }));
}

export function snapshot(
  clients: readonly number[],
  changes: Partial<ScalingSnapshot> = {},
): ScalingSnapshot {
  return {
    members: clients.map((_, i) => `messaging-${i}`),
    ready: clients.length,
    samples: samples(...clients),
    lastChangeAtMs: null,
    lastChangeUndone: false,
    rebalanceRunning: false,
    unfinished: null,
    ...changes,
  };
}

export function forecast(changes: Partial<Forecast> = {}): Forecast {
  return {
    value: 250,
    low: 230,
    high: 280,
    model: 'a-week-ago',
    horizonMs: 120_000,
    acts: true,
    why: 'its error is 40 % below that of the last value',
    ...changes,
  };
}

/** The first decision of all. */
export function decideOnce(snapshot: ScalingSnapshot, policy: Policy, atMs = nowMs): Decision {
  return decide({ snapshot, policy, memory: emptyMemory, nowMs: atMs }).decision;
}

export const kinds = (decision: { readonly reasons: readonly Reason[] }): string[] =>
  decision.reasons.map(({ kind }) => kind);
