// Owns: one case for each reason that cuts a recommendation: what is seen, by which policy, after what,
// and the sentence that comes of it.

import type { ScalingMemory } from '../../../src/core/scaling/memory.js';
import type { Policy } from '../../../src/core/scaling/policy.js';
import type { ReasonKind } from '../../../src/core/scaling/reasons.js';
import type { ScalingSnapshot } from '../../../src/core/scaling/snapshot.js';
import { nowMs, snapshot } from './given.js';

export interface Case {
  readonly seen: ScalingSnapshot;
  readonly by?: Partial<Policy>;
  readonly memory?: Partial<ScalingMemory>;
  readonly kind: 'act' | 'skip';
  readonly text: string;
}

export const wide: Partial<Policy> = { instances: { min: 2, max: 9 } };
export const clients: Partial<Policy> = { balanceBy: 'clients' };
export const windows = { upMs: 60_000, downMs: 300_000, urgentShare: 0.3 };
export const evening = { name: 'show', from: '11:00', to: '23:00', zone: 'UTC' };

const change = (agoMs: number, from: number, to: number, moved: number) => ({
  changes: [{ atMs: nowMs - agoMs, from, to, moved }],
});
const changed = (agoMs: number) => ({ lastChangeAtMs: nowMs - agoMs });

export const cutCases = {
  'stabilised-up': {
    seen: snapshot([110, 110]),
    by: { stabilisation: windows },
    memory: { lastAtMs: nowMs - 15_000, least: [[nowMs - 15_000, 2]] },
    kind: 'skip',
    text: '4 instances are wanted, but not yet for 60 s: only 2 were all that time',
  },
  'stabilised-down': {
    seen: snapshot([30, 30, 30]),
    by: { stabilisation: windows },
    memory: { lastAtMs: nowMs - 15_000, most: [[nowMs - 15_000, 3]] },
    kind: 'skip',
    text: '2 instances would do, but 3 were needed within the last 300 s',
  },
  'hot-not-long': {
    seen: snapshot([120, 40]),
    by: { ...clients, stabilisation: windows },
    memory: { hot: { instance: 'messaging-0', sinceMs: nowMs - 30_000 } },
    kind: 'skip',
    text: 'messaging-0 has 120 users, above 100, for 30 s (evened out after 60 s)',
  },
  'limited-by-step': {
    seen: snapshot([300, 300]),
    by: wide,
    kind: 'act',
    text: '9 instances were wanted, but one decision changes at most 1',
  },
  'limited-by-rate': {
    seen: snapshot([200, 200, 200, 200], changed(120_000)),
    by: {
      instances: { min: 2, max: 20 },
      steps: { up: { count: 2, percent: 100, periodMs: 600_000 }, down: null },
    },
    memory: change(200_000, 2, 4, 0),
    kind: 'skip',
    text: '12 instances were wanted, but 2 may change in 600 s, and 2 have',
  },
  'limited-by-max': {
    seen: snapshot([150, 150, 150, 150]),
    kind: 'skip',
    text: '5 instances were wanted, but the policy allows 4',
  },
  'limited-by-min': {
    seen: snapshot([5, 5]),
    kind: 'skip',
    text: '1 instance was wanted, but the policy keeps 2',
  },
  'limited-by-floor': {
    seen: snapshot([5, 5, 5]),
    by: { floors: [{ ...evening, instances: 3, aheadMs: 0 }] },
    kind: 'skip',
    text: '2 instances were wanted, but 3 are scheduled (show)',
  },
  'limited-by-budget': {
    seen: snapshot([110, 110], changed(1_000_000)),
    by: { disruption: { clientsPerHour: 100 } },
    memory: change(1_800_000, 3, 2, 60),
    kind: 'skip',
    text: '3 instances would move 74 users, and 60 of the 100 that may be moved in an hour have been',
  },
  frozen: {
    seen: snapshot([110, 110]),
    by: { freezes: [{ ...evening, allows: 'nothing' }] },
    kind: 'skip',
    text: 'frozen by the policy (show) for another 11 h',
  },
  cooldown: {
    seen: snapshot([110, 110], changed(20_000)),
    kind: 'skip',
    text: 'the last change was 20 s ago (cooldown 60 s)',
  },
  'cooldown-after-undo': {
    seen: snapshot([110, 110], { ...changed(100_000), lastChangeUndone: true }),
    kind: 'skip',
    text: 'the last change was undone 100 s ago (cooldown 300 s)',
  },
  'cooldown-after-rejection': {
    seen: snapshot([110, 110], { lastRejectedAtMs: nowMs - 15_000 }),
    kind: 'skip',
    text: 'the last plan was rejected 15 s ago: nobody is asked again for 30 min',
  },
  'balanced-lately': {
    seen: snapshot([120, 40]),
    by: clients,
    memory: { balancedAtMs: nowMs - 60_000 },
    kind: 'skip',
    text: 'users were evened out 60 s ago (at most every 600 s)',
  },
  'dry-run': {
    seen: snapshot([110, 95]),
    by: { mode: 'dry-run' },
    kind: 'act',
    text: 'the policy is a dry run: decided and recorded, not done',
  },
} satisfies Partial<Record<ReasonKind, Case>>;
