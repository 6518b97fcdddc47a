// Owns: what a person may decide about a service: its limits, thresholds and pace, the defaults with
// their arithmetic, and the rules that hold between the numbers. Never reads a file (src/cli/policy-file.ts).

import type { Pace } from '../records.js';
import type { ApprovalPolicy } from '../saga/approval.js';
import { paceFault } from './pace-fault.js';

export interface Thresholds {
  /** Above this many connected users per instance instances are added. */
  readonly upper: number;
  /** Below this many they are removed. */
  readonly lower: number;
  /** What an instance should have afterwards. */
  readonly target: number;
}

export interface Policy {
  readonly service: string;
  /** P; never changes for a running service. */
  readonly partitions: number;
  readonly instances: { readonly min: number; readonly max: number };
  readonly clientsPerInstance: Thresholds;
  /** After a shrink the load per instance must stay this share below `upper`, else it would flap. */
  readonly hysteresis: number;
  /** No further change for this long after one. */
  readonly cooldownMs: number;
  /** And for this long after one that had to be undone. */
  readonly cooldownAfterUndoMs: number;
  /** Instances added or removed by one decision. */
  readonly stepMax: number;
  /** An older sample is no sample. */
  readonly sampleMaxAgeMs: number;
  /** Allowed excess over the mean, [0,1). */
  readonly tolerance: number;
  readonly maxRangesPerInstance: number;
  readonly balanceBy: 'partitions' | 'clients';
  readonly pace: Pace;
  readonly scheduleEveryMs: number;
  readonly approval: ApprovalPolicy;
  /** A plan that nobody approved within this is rejected. */
  readonly approvalMs: number;
  /** From asking the platform until the instance is Ready. */
  readonly instanceStartMs: number;
  /** From the control message until every gaining instance is warm. */
  readonly prepareMs: number;
  /** From the control message until every instance strives for the revision. */
  readonly notifyMs: number;
  /** A hand-over in which no partition arrives for this long has failed. */
  readonly handOverStallMs: number;
}

/**
 * 15 s between evaluations keeps changes small and the load on metrics low. A cooldown of 60 s is four
 * evaluations: what a change did must be seen before the next. After an undo five minutes, so that a
 * broken start is not tried every minute. A sample may miss two reports of 5 s each, and a margin.
 * An instance reads its logs and passes its probe in seconds; two minutes leave room for an image
 * pull. Half an hour to approve: the load that a plan was made for has changed by then. A new instance on a shared core was seen to welcome some 100 clients a second without making
 * them wait. A stalled hand-over has had time for ten take-backs of 2 s and the `resume`s between them.
 */
export const policyDefaults = {
  hysteresis: 0.1,
  cooldownMs: 60_000,
  cooldownAfterUndoMs: 300_000,
  stepMax: 1,
  sampleMaxAgeMs: 15_000,
  maxRangesPerInstance: 8,
  balanceBy: 'partitions',
  pace: { clientsPerWave: 6, acceptPerSecond: 100, partitionsPerWave: 64 },
  scheduleEveryMs: 15_000,
  approval: 'never',
  approvalMs: 30 * 60_000,
  instanceStartMs: 120_000,
  prepareMs: 60_000,
  notifyMs: 30_000,
  handOverStallMs: 30_000,
} as const satisfies Partial<Policy>;

/** With weights a little unevenness saves many moves; counts can be even for nothing. */
export function defaultTolerance(balanceBy: Policy['balanceBy']): number {
  return balanceBy === 'clients' ? 0.1 : 0;
}

export interface PolicyFault {
  readonly field: string;
  readonly found: number;
  readonly allowed: string;
}

/** The first rule between numbers that a policy breaks; undefined when it breaks none. */
export function policyFault(policy: Policy): PolicyFault | undefined {
  const { min, max } = policy.instances;
  const { upper, lower, target } = policy.clientsPerInstance;
  if (min > max)
    return { field: 'instances.min', found: min, allowed: `at most instances.max (${max})` };
  if (max > policy.partitions) {
    return {
      field: 'instances.max',
      found: max,
      allowed: `at most partitions (${policy.partitions})`,
    };
  }
  if (target > upper) {
    return {
      field: 'clientsPerInstance.target',
      found: target,
      allowed: `at most upper (${upper})`,
    };
  }
  if (lower >= target) {
    return {
      field: 'clientsPerInstance.lower',
      found: lower,
      allowed: `less than target (${target})`,
    };
  }
  return paceFault(policy);
}
