// Owns: what a person may decide about a service: its limits, thresholds and pace, and the defaults with
// their arithmetic. The rules between the numbers are in policy-faults.ts; files are read elsewhere.

import type { Pace } from '../records.js';
import type { ApprovalPolicy } from '../saga/approval.js';
import type { Floor, Freeze } from './calendar.js';
import type { Signal, SignalThresholds } from './signals.js';

export interface Thresholds {
  /** Above this many connected users per instance instances are added. */
  readonly upper: number;
  /** Below this many they are removed. */
  readonly lower: number;
  /** What an instance should have afterwards. */
  readonly target: number;
}

export { policyFault, type PolicyFault } from './policy-faults.js';

/** Within any `periodMs` at most so many instances change; the larger of the two counts. */
export interface StepLimit {
  readonly count: number;
  /** Of the instances at the beginning of the period, rounded up; 0: only `count`. */
  readonly percent: number;
  readonly periodMs: number;
}

export interface Stabilisation {
  /** Grows to the least that was wanted all this time. Absent: 4 evaluations. */
  readonly upMs?: number | undefined;
  /** Shrinks to the most that was wanted within this time. Absent: 20 evaluations. */
  readonly downMs?: number | undefined;
  /** A load above `upper` by more than this share is no noise: it waits for no window and no budget. */
  readonly urgentShare: number;
}

export interface ForecastPolicy {
  /** `shadow`: it is made and recorded, and says what it would have done. */
  readonly mode: 'off' | 'shadow' | 'acting';
  /** Between two values of the series that models learn from. */
  readonly stepMs: number;
  /** How far ahead; `measured`: as long as adding an instance took lately. */
  readonly horizonMs: number | 'measured';
  /** A model acts only while its error is below that of the last value by this share. */
  readonly margin: number;
  readonly minHistoryMs: number;
  /** IANA name: days and weeks of the load follow the clock of this zone. */
  readonly zone: string;
  /** Which number instances are planned for: the forecast, or the upper end of its interval. */
  readonly plansFor: 'value' | 'high';
}

export interface MetricsPolicy {
  readonly source: 'reports' | 'prometheus' | 'both';
  /** PromQL; `{{service}}` stands for the name of the service. `age`: of the values of `clients`, in seconds. */
  readonly queries: Readonly<Partial<Record<'clients' | 'age' | Signal, string>>>;
  readonly timeoutMs: number;
  /** Two counts of connected users that differ by more than this share contradict each other. */
  readonly contradictionShare: number;
}

export interface Price {
  /** Any currency, the same in both. */
  readonly perInstanceHour: number;
  readonly perDisconnect: number;
}

export interface Policy {
  /** Of this format. */
  readonly version: 1;
  readonly service: string;
  /** `dry-run`: decides and records, never acts. */
  readonly mode: 'live' | 'dry-run';
  /** P; never changes for a running service. */
  readonly partitions: number;
  readonly instances: { readonly min: number; readonly max: number };
  /** Instances that run, Ready, and own nothing: a growth by so many needs no start. */
  readonly warmSpares: number;
  readonly clientsPerInstance: Thresholds;
  /** Beside connected users; whichever needs most instances wins. */
  readonly signals: Readonly<Partial<Record<Signal, SignalThresholds>>>;
  /** After a shrink the load per instance must stay this share below `upper`, else it would flap. */
  readonly hysteresis: number;
  readonly stabilisation: Stabilisation;
  /** No further change for this long after one. */
  readonly cooldownMs: number;
  /** The same before a growth, before a shrink; absent: `cooldownMs`. */
  readonly cooldownUpMs?: number | undefined;
  readonly cooldownDownMs?: number | undefined;
  /** And for this long after one that had to be undone. */
  readonly cooldownAfterUndoMs: number;
  /** And for this long after a person rejected a plan, or nobody approved it. */
  readonly cooldownAfterRejectionMs: number;
  /** Instances added or removed by one decision. */
  readonly stepMax: number;
  /** Instead of `stepMax` in that direction. */
  readonly steps: { readonly up: StepLimit | null; readonly down: StepLimit | null };
  /** Clients that decisions may have moved within any hour; null: as many as it takes. */
  readonly disruption: { readonly clientsPerHour: number | null };
  /** One instance above `upper` while the total is fine is evened out this often at most. */
  readonly balanceEveryMs: number;
  readonly freezes: readonly Freeze[];
  readonly floors: readonly Floor[];
  readonly forecast: ForecastPolicy;
  readonly price: Price;
  readonly metrics: MetricsPolicy;
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
 * One hot instance is evened out every ten minutes at most: what makes it hot may be a partition that
 * nothing can cut. A forecast looks at steps of 5 min and needs two days, so that yesterday exists twice.
 */
export const policyDefaults = {
  version: 1,
  mode: 'live',
  warmSpares: 0,
  signals: {},
  hysteresis: 0.1,
  stabilisation: { urgentShare: 0.3 },
  cooldownMs: 60_000,
  cooldownAfterUndoMs: 300_000,
  cooldownAfterRejectionMs: 30 * 60_000,
  stepMax: 1,
  steps: { up: null, down: null },
  disruption: { clientsPerHour: null },
  balanceEveryMs: 600_000,
  freezes: [],
  floors: [],
  forecast: {
    mode: 'shadow',
    stepMs: 300_000,
    horizonMs: 'measured',
    margin: 0.05,
    minHistoryMs: 2 * 86_400_000,
    zone: 'UTC',
    plansFor: 'value',
  },
  price: { perInstanceHour: 0, perDisconnect: 0 },
  metrics: { source: 'reports', queries: {}, timeoutMs: 5_000, contradictionShare: 0.5 },
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

/**
 * A policy that was stored before some of the fields existed, with their defaults.
 */
export function completePolicy(stored: StoredPolicy): Policy {
  const balanceBy = stored.balanceBy ?? policyDefaults.balanceBy;
  return {
    ...policyDefaults,
    tolerance: defaultTolerance(balanceBy),
    ...stored,
    pace: { ...policyDefaults.pace, ...stored.pace },
    stabilisation: { ...policyDefaults.stabilisation, ...stored.stabilisation },
    steps: { ...policyDefaults.steps, ...stored.steps },
    disruption: { ...policyDefaults.disruption, ...stored.disruption },
    forecast: { ...policyDefaults.forecast, ...stored.forecast },
    price: { ...policyDefaults.price, ...stored.price },
    metrics: { ...policyDefaults.metrics, ...stored.metrics },
  };
}

type Grouped = 'pace' | 'stabilisation' | 'steps' | 'disruption' | 'forecast' | 'price' | 'metrics';
type AlwaysThere = 'service' | 'partitions' | 'instances' | 'clientsPerInstance';

/** What every policy has always had, and any of the rest; within a group any of its fields. */
export type StoredPolicy = Pick<Policy, AlwaysThere> &
  Partial<Omit<Policy, AlwaysThere | Grouped>> & { readonly [K in Grouped]?: Partial<Policy[K]> };
