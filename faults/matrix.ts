// Owns: what the fault matrix consists of: flows, the steps of each, the faults, and which of them make
// a cell. Data only; never runs one. Its test holds the steps against recorded histories.

import type { Activities } from '../activities/index.js';
import type { RebalanceRequest, RollWish } from '../activities/types.js';
import { instanceName } from '../src/core/records.js';

export type ActivityName = keyof Activities;

export interface Flow {
  readonly name: 'grow' | 'shrink' | 'in-place' | 'lost' | 'undo' | 'surge' | 'roll';
  /** Instances of the first distribution. */
  readonly instances: number;
  readonly request: Asked;
  /** Asked for before, and carried out without a fault. */
  readonly first?: Asked;
  /** In the order in which the saga runs them; each is one activity. */
  readonly steps: readonly ActivityName[];
  /** Ordinal that is lost where a fault says that another one is. */
  readonly alsoLost: number;
  /** Its first call fails for good: the saga turns back, and the steps are those of the way back. */
  readonly turnsBackAt?: ActivityName;
}

type Asked = Pick<RebalanceRequest, 'instances' | 'source'> & {
  /** Its instances by their ordinals. */
  readonly roll?: Omit<RollWish, 'instance' | 'to'> & {
    readonly instance?: number;
    readonly to?: number;
  };
};

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
  {
    name: 'surge',
    instances: 2,
    request: { source: 'roll', roll: { replicas: 3, image: 'two', endsMax: 1 } },
    steps: ['reconcile', 'plan', 'setTemplate', 'scaleUp', 'record'],
    alsoLost: 0,
  },
  {
    name: 'roll',
    instances: 3,
    first: { source: 'roll', roll: { replicas: 4, image: 'two' } },
    request: { source: 'roll', roll: { replicas: 4, instance: 1, to: 3, endsMax: 1 } },
    steps: ['reconcile', 'plan', 'prepare', ...moving, 'countMoves', 'restart', 'record'],
    alsoLost: 0,
  },
];

/** As the service of that name is asked. */
export function requestOf(service: string, { roll, ...asked }: Asked): Partial<RebalanceRequest> {
  if (roll === undefined) return asked;
  const { instance, to, ...wish } = roll;
  const named = {
    ...wish,
    ...(instance === undefined ? {} : { instance: instanceName(service, instance) }),
    ...(to === undefined ? {} : { to: instanceName(service, to) }),
  };
  return { ...asked, roll: named };
}

/** Activities that no cell is about, and why; each other one is a step of a flow. */
export const withoutCells = {
  evaluate: 'a tick of the Schedule decides, no saga runs',
  requestRebalance: 'the same tick tells the saga; the next tick decides again',
  pauseSchedule: 'only after an undo that failed; a saga that cannot pause it ends as it is',
  lookAtRoll: 'the workflow roll asks for sagas, and runs none: roll-interrupted.test.ts',
  rollStep: 'the workflow roll asks for sagas, and runs none: roll-interrupted.test.ts',
  watchRoll: 'the workflow roll asks for sagas, and runs none: roll-interrupted.test.ts',
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
