// Owns: one case for each reason of the closed list, with the sentence that comes of it. Those that
// cut a recommendation are in cut-cases.ts.

import type { ReasonKind } from '../../../src/core/scaling/reasons.js';
import type { ScalingSnapshot, SignalReading } from '../../../src/core/scaling/snapshot.js';
import { clients, cutCases, evening, wide, windows, type Case } from './cut-cases.js';
import { forecast, nowMs, policy, samples, snapshot } from './given.js';

const first = (changes: Partial<ScalingSnapshot>) => snapshot([], { members: null, ...changes });
const cpu = { cpuCores: { upper: 2, target: 1.5 } };
const cores = (total: number, changes: Partial<SignalReading> = {}): readonly SignalReading[] => [
  { signal: 'cpuCores', total, instances: 3, ageMs: 1_000, ...changes },
];
const acting = { forecast: { ...policy().forecast, mode: 'acting' } } as const;

export const cases: { readonly [K in ReasonKind]: Case } = {
  bootstrap: {
    seen: first({ ready: 3 }),
    kind: 'act',
    text: 'no distribution yet and 3 instances are ready (at least 2 wanted)',
  },
  'waiting-for-instances': {
    seen: first({ ready: 1 }),
    kind: 'skip',
    text: 'no distribution yet, but only 1 of 2 instances are ready',
  },
  'told-below-min': {
    seen: first({ ready: 1, told: { replicas: 1, byOthers: false } }),
    kind: 'act',
    text: "no distribution yet, and the platform runs 1 instance: the policy's minimum is 2",
  },
  'told-by-others': {
    seen: first({ ready: 1, told: { replicas: 1, byOthers: true } }),
    kind: 'skip',
    text: "somebody else has the platform run 1 instance, fewer than the policy's minimum 2: it is not changed back",
  },
  'rebalance-running': {
    seen: snapshot([500, 500], { rebalanceRunning: true }),
    kind: 'skip',
    text: 'a rebalance is running',
  },
  'roll-running': {
    seen: snapshot([500, 500], { rollRunning: true }),
    kind: 'skip',
    text: 'a rolling upgrade is under way: instances are added and removed by it alone',
  },
  'unfinished-rebalance': {
    seen: snapshot([70, 60], { unfinished: 'messaging@7' }),
    kind: 'act',
    text: 'messaging@7 ended without an outcome: what it left is to be sorted out',
  },
  'below-min': {
    seen: snapshot([70]),
    kind: 'act',
    text: "1 instance is fewer than the policy's minimum 2",
  },
  'below-floor': {
    seen: snapshot([70, 60]),
    by: { floors: [{ ...evening, instances: 4, aheadMs: 0 }] },
    kind: 'act',
    text: '2 instances are fewer than the 4 that are scheduled (show)',
  },
  'above-max': {
    seen: snapshot([50, 50, 50, 50, 50]),
    kind: 'act',
    text: "5 instances are more than the policy's maximum 4",
  },
  'above-upper': {
    seen: snapshot([110, 95]),
    kind: 'act',
    text: '102.5 users per instance are above 100 (205 on 2)',
  },
  'below-lower': {
    seen: snapshot([30, 30, 30]),
    kind: 'act',
    text: '30 users per instance are below 40 (90 on 3)',
  },
  'within-thresholds': {
    seen: snapshot([70, 60]),
    kind: 'skip',
    text: '65 users per instance are within 40..100 (130 on 2)',
  },
  'towards-target': {
    seen: snapshot([90, 90, 90]),
    by: wide,
    memory: { towards: 'up' },
    kind: 'act',
    text: 'the last change was cut before 70 users per instance were reached (90 on 3): on towards 4',
  },
  'would-flap': {
    seen: snapshot([64, 64, 64]),
    by: { clientsPerInstance: { upper: 100, lower: 65, target: 90 } },
    kind: 'skip',
    text: '2 instances would have 96 users each, above 90: one would soon be added again',
  },
  urgent: {
    seen: snapshot([140, 140]),
    by: { ...wide, stabilisation: windows },
    memory: { lastAtMs: nowMs - 15_000, least: [[nowMs - 15_000, 2]] },
    kind: 'act',
    text: '140 users per instance are more than 130, so far above the upper threshold that nothing is waited for',
  },
  'signal-above-upper': {
    seen: snapshot([50, 50, 50], { signals: cores(6.6) }),
    by: { signals: cpu },
    kind: 'act',
    text: 'cpuCores per instance is 2.2, above 2 (3 instances)',
  },
  'signal-keeps': {
    seen: snapshot([30, 30, 30], { signals: cores(4.2) }),
    by: { signals: cpu },
    kind: 'skip',
    text: 'cpuCores per instance is 1.4 on 3: it needs 3 instances',
  },
  'forecast-ahead': {
    seen: snapshot([90, 90], { forecast: forecast() }),
    by: { ...wide, ...acting },
    kind: 'act',
    text: '250 users are expected in 120 s (a-week-ago): 4 instances are wanted, not 2',
  },
  'forecast-shadow': {
    seen: snapshot([90, 90], { forecast: forecast() }),
    kind: 'skip',
    text: '250 users are expected in 120 s (a-week-ago); if forecasts acted, 4 instances would be wanted, not 2',
  },
  'forecast-not-trusted': {
    seen: snapshot([90, 90], { forecast: forecast({ acts: false, why: 'too little history' }) }),
    by: acting,
    kind: 'skip',
    text: '250 users are expected in 120 s (a-week-ago) and would need 4, but that forecast does not act: too little history',
  },
  'forecast-missing': {
    seen: snapshot([60, 60], { noForecast: 'there is no history yet' }),
    by: acting,
    kind: 'skip',
    text: 'no forecast: there is no history yet',
  },
  'forecast-unusable': {
    seen: snapshot([90, 90], { forecast: forecast({ value: -1 }) }),
    by: acting,
    kind: 'skip',
    text: 'the forecast of a-week-ago is no number of users: it is left out',
  },
  'spares-missing': {
    seen: snapshot([60, 60], { told: { replicas: 2, byOthers: false } }),
    by: { warmSpares: 1 },
    kind: 'act',
    text: 'the platform runs 2 instances: 3 are wanted with 1 to spare',
  },
  'hot-instance': {
    seen: snapshot([120, 40]),
    by: clients,
    kind: 'act',
    text: 'messaging-0 has 120 users, above 100, while the mean is 80: users are evened out, not instances added',
  },
  'hot-by-partitions': {
    seen: snapshot([120, 40]),
    kind: 'skip',
    text: 'messaging-0 has 120 users, above 100, but the policy evens out partitions, not clients (balanceBy)',
  },
  'sample-missing': {
    seen: snapshot([60, 60], { samples: samples(60) }),
    kind: 'skip',
    text: 'no sample of messaging-1: counted as the mean of the others',
  },
  'sample-stale': {
    seen: snapshot([60, 60], {
      samples: [...samples(60), { instance: 'messaging-1', clients: 60, ageMs: 15_001 }],
    }),
    kind: 'skip',
    text: 'the sample of messaging-1 is 15 s old (at most 15 s): counted as the mean of the others',
  },
  'sample-invalid': {
    seen: snapshot([60, -1]),
    kind: 'skip',
    text: 'the sample of messaging-1 is no number of users: counted as the mean of the others',
  },
  'sample-twice': {
    seen: snapshot([60, 60], {
      samples: [...samples(60, 60), { instance: 'messaging-1', clients: 90, ageMs: 0 }],
    }),
    kind: 'skip',
    text: 'two samples of messaging-1 say 60 and 90 users: the higher counts',
  },
  'signal-missing': {
    seen: snapshot([30, 30, 30]),
    by: { signals: cpu },
    kind: 'skip',
    text: 'no fresh reading of cpuCores from every instance: nothing is removed without it',
  },
  'zero-while-sessions': {
    seen: snapshot([0, 0, 0], { sessions: 200 }),
    kind: 'skip',
    text: 'the metrics say that nobody is connected while 200 sessions exist: held as it is',
  },
  'metrics-contradict': {
    seen: snapshot([20, 20, 20], { sessions: 240 }),
    kind: 'skip',
    text: '60 users are counted here and 240 there, more than 50 % apart: the higher counts',
  },
  'metrics-problem': {
    seen: snapshot([20, 20, 20], {
      telemetry: [{ kind: 'telemetry-stale', ageMs: 90_000, maxAgeMs: 15_000 }],
    }),
    kind: 'skip',
    text: 'the metrics are 90 s old (at most 15 s)',
  },
  'no-shrink-on-missing-samples': {
    seen: snapshot([10, 10, 10], { samples: samples(10, 10) }),
    kind: 'skip',
    text: 'never shrinks on missing data: 1 of 3 samples are missing or stale',
  },
  'no-shrink-on-doubt': {
    seen: snapshot([10, 10, 10], { sessions: 90 }),
    kind: 'skip',
    text: 'never shrinks while what was measured is in doubt',
  },
  'no-samples': {
    seen: snapshot([0, 0], { samples: [] }),
    kind: 'skip',
    text: 'no instance has a fresh sample',
  },
  ...cutCases,
};
