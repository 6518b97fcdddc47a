// Owns: what the fault matrix consists of: flows, the steps of each, the faults, and which of them make
// a cell. Data only; never runs one. Its test holds the steps against recorded histories.

import type { Activities } from '../activities/index.js';
import type { RebalanceRequest } from '../activities/types.js';

export type ActivityName = keyof Activities;

export interface Flow {
  readonly name: 'grow' | 'shrink' | 'in-place' | 'lost' | 'undo';
  /** Instances of the first distribution. */
  readonly instances: number;
  readonly request: Pick<RebalanceRequest, 'instances' | 'source'>;
  /** In the order in which the saga runs them; each is one activity. */
  readonly steps: readonly ActivityName[];
  /** Ordinal that is lost where a fault says that another one is. */
  readonly alsoLost: number;
  /** Its first call fails for good: the saga turns back, and the steps are those of the way back. */
  readonly turnsBackAt?: ActivityName;
}

const moving = ['commit', 'notify', 'handOver', 'verify'] as const;

export const flows: readonly Flow[] = [
  {
    name: 'grow',
    instances: 2,
    request: { instances: 3, source: 'operator' },
    steps: ['reconcile', 'plan', 'scaleUp', 'prepare', ...moving, 'record'],
    alsoLost: 0,
  },
  {
    name: 'shrink',
    instances: 3,
    request: { instances: 2, source: 'operator' },
    steps: ['reconcile', 'plan', 'prepare', ...moving, 'scaleDown', 'record'],
    alsoLost: 0,
  },
  {
    name: 'in-place',
    instances: 3,
    request: { instances: 3, source: 'operator' },
    steps: ['reconcile', 'plan', 'prepare', ...moving, 'record'],
    alsoLost: 0,
  },
  {
    name: 'lost',
    instances: 3,
    request: { source: 'instance-lost' },
    steps: ['reconcile', 'fence', 'planRecovery', ...moving, 'record'],
    alsoLost: 2,
  },
  {
    name: 'undo',
    instances: 2,
    request: { instances: 3, source: 'operator' },
    turnsBackAt: 'verify',
    steps: [
      ...(['nextEpoch', 'holdWaves', 'planBack', 'commit', 'announce', 'handOver'] as const),
      ...(['cancelPrepare', 'scaleBack', 'record'] as const),
    ],
    alsoLost: 0,
  },
];

/** Activities that no cell is about, and why; each other one is a step of a flow. */
export const withoutCells = {
  evaluate: 'a tick of the Schedule decides, no saga runs',
  requestRebalance: 'the same tick tells the saga; the next tick decides again',
  pauseSchedule: 'only after an undo that failed; a saga that cannot pause it ends as it is',
  setTemplate: 'of a roll: test/integration/saga/roll-step.test.ts',
  countMoves: 'of a roll: test/integration/saga/roll-step.test.ts',
  restart: 'of a roll: test/integration/saga/roll-step.test.ts',
  lookAtRoll: 'the workflow roll asks for sagas, and runs none itself',
  rollStep: 'the workflow roll asks for sagas, and runs none itself',
  watchRoll: 'the workflow roll asks for sagas, and runs none itself',
  recordUnbegun: 'what cannot be written of those who were not begun stands in the result',
} as const satisfies Partial<Record<ActivityName, string>>;

export const faults = [
  'fails once',
  'fails for good',
  'answer lost',
  'worker killed before',
  'worker killed during',
  'worker killed after',
  'cancelled',
  'terminated',
  'terminated, activity lives on',
  'another instance lost',
  'race lost',
  'ConfigDB away',
  'Kafka away',
  'terminated, ConfigDB restored',
] as const;
export type Fault = (typeof faults)[number];

export interface Cell {
  readonly flow: Flow;
  readonly step: ActivityName;
  readonly fault: Fault;
}

/** Only a revision that is not written yet can be lost to somebody else. */
function applies(flow: Flow, step: ActivityName, fault: Fault): boolean {
  return fault !== 'race lost' || flow.steps.indexOf(step) <= flow.steps.indexOf('commit');
}

/** All cells, in the order of the table. */
export function cells(): readonly Cell[] {
  return flows.flatMap((flow) =>
    flow.steps.flatMap((step) =>
      faults.filter((fault) => applies(flow, step, fault)).map((fault) => ({ flow, step, fault })),
    ),
  );
}

/** `grow/commit/answer lost`. */
export function nameOf({ flow, step, fault }: Cell): string {
  return `${flow.name}/${step}/${fault}`;
}
