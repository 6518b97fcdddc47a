// Owns: a grid of policies and of others' rules over one trace, and which of them nobody beats in cost,
// overload and people moved. Never reads a file, never prints.

import type { Policy } from '../core/scaling/policy.js';
import type { Figures } from './account.js';
import { growthMs } from './change-model.js';
import { capacityOf, changeOf, seatOf, type Setting } from './seats.js';
import { replay, type ReplayOptions, type Seat } from './replay.js';
import { hpaLike, kedaLike, thresholdOnly, type RuleMaker } from './rules.js';
import { RuleWorld } from './rule-world.js';
import type { Trace } from './trace.js';

export const families = [
  'with forecast',
  'without forecast',
  'threshold only',
  'HPA-like',
  'KEDA-like',
] as const;
export type Family = (typeof families)[number];

export interface Point {
  readonly family: Family;
  /** What was varied, in words. */
  readonly setting: string;
  readonly target: number;
  /** Absent: a rule of others. */
  readonly policy?: Policy;
  readonly overloadMinutes: number;
  /** Of all instances, those that did not serve yet included. */
  readonly instanceHours: number;
  readonly clientsMoved: number;
  readonly scaleEvents: number;
  /** By the policy's prices; without any, the instance-hours. */
  readonly cost: number;
  /** Nobody of its family is better in one of cost, overload and people moved, and no worse in the others. */
  readonly frontier: boolean;
}

/** Shares of the capacity that an instance has at the target: from half to nearly all of it. */
export const targetSharesOfGrid: readonly number[] = Array.from(
  { length: 20 },
  (_, at) => 0.5 + 0.025 * at,
);
/** From the target to `upper` and `lower`, as shares of it. */
const bands = [0.03, 0.06, 0.15];
const plans = ['value', 'high'] as const;
/** Lead times that are looked ahead: what is decided must last until the next decision serves, too. */
const leadTimes = [1, 2];
/** Of a policy without `steps`: an hour's load may double within a lead time, and fall to half. */
const stepsUp = { count: 8, percent: 100 };
const stepsDown = { count: 4, percent: 50 };

const rules: readonly (readonly [Family, RuleMaker])[] = [
  ['threshold only', thresholdOnly],
  ['HPA-like', hpaLike],
  ['KEDA-like', kedaLike],
];

interface Candidate extends Omit<Point, keyof Counted | 'frontier'> {
  readonly seat: Seat;
}
type Counted = Pick<
  Point,
  'overloadMinutes' | 'instanceHours' | 'clientsMoved' | 'scaleEvents' | 'cost'
>;

export interface SearchOptions extends Pick<ReplayOptions, 'from' | 'onRow'> {
  /** Instead of those of the grid. */
  readonly targetShares?: readonly number[];
}

/** All points, by target and family; `base` says all that is not varied. */
export function search(
  trace: Trace,
  base: Policy,
  setting: Setting,
  options: SearchOptions,
): readonly Point[] {
  const { targetShares = targetSharesOfGrid } = options;
  const candidates = targetShares.flatMap((share) => [
    ...ours(trace, base, setting, share),
    ...peers(trace, base, setting, share),
  ]);
  replay({ ...options, trace, seats: candidates.map(({ seat }) => seat) });
  const points = candidates.map(({ seat, ...of }) => ({
    ...of,
    ...counted(seat.world.figures(), base),
  }));
  return points.map((point) => ({ ...point, frontier: !points.some((one) => beats(one, point)) }));
}

/** The cheapest point of each family within so many minutes of overload; of equals, who moves fewer. */
export function cheapestWithin(
  points: readonly Point[],
  overloadMinutes: number,
): readonly (Point | undefined)[] {
  return families.map((family) =>
    least(
      points.filter((one) => one.family === family && one.overloadMinutes <= overloadMinutes),
      ({ cost, clientsMoved }) => [cost, clientsMoved],
    ),
  );
}

/** The point of each family with least overload for so many instance-hours at most. */
export function safestWithin(
  points: readonly Point[],
  instanceHours: number,
): readonly (Point | undefined)[] {
  return families.map((family) =>
    least(
      points.filter((one) => one.family === family && one.instanceHours <= instanceHours),
      (one) => [one.overloadMinutes, one.clientsMoved],
    ),
  );
}

function ours(trace: Trace, base: Policy, setting: Setting, share: number): Candidate[] {
  const capacity = setting.capacity ?? capacityOf(base);
  const leadMs = growthMs(changeOf(base, setting), base.clientsPerInstance.target);
  const target = share * capacity;
  const found: Candidate[] = [];
  const add = (family: Family, words: string, policy: Policy, leads: number): void => {
    const horizonSteps = Math.max(1, Math.ceil((leads * leadMs) / trace.stepMs));
    const seat = seatOf(trace, { name: words, policy }, { ...setting, capacity });
    found.push({ family, setting: words, target, policy, seat: { ...seat, horizonSteps } });
  };
  for (const band of bands) {
    const of = policyAround(base, target, band, leadMs);
    const width = `±${Math.round(100 * band)} %`;
    add('without forecast', width, { ...of, forecast: { ...of.forecast, mode: 'off' } }, 1);
    for (const plansFor of plans) {
      const forecast = { ...of.forecast, mode: 'acting', plansFor } as const;
      for (const leads of leadTimes) {
        const words = `${width}, ${plansFor}, ${leads} lead ${leads === 1 ? 'time' : 'times'}`;
        add('with forecast', words, { ...of, forecast }, leads);
      }
    }
  }
  return found;
}

function policyAround(base: Policy, target: number, band: number, leadMs: number): Policy {
  const periodMs = Math.max(base.scheduleEveryMs, Math.ceil(leadMs));
  const { up, down } = base.steps;
  return {
    ...base,
    clientsPerInstance: { upper: target * (1 + band), lower: target * (1 - band), target },
    // A removal goes to the target: the band itself keeps it from flapping.
    hysteresis: Math.min(base.hysteresis, 1 - 1 / (1 + band)),
    steps: { up: up ?? { ...stepsUp, periodMs }, down: down ?? { ...stepsDown, periodMs } },
  };
}

function peers(trace: Trace, base: Policy, setting: Setting, share: number): Candidate[] {
  const capacity = setting.capacity ?? capacityOf(base);
  const target = share * capacity;
  const change = changeOf(base, setting);
  const { stepMs, values } = trace;
  const ticksPerRow = Math.max(1, Math.round(stepMs / (setting.everyMs ?? base.scheduleEveryMs)));
  const instances = Math.max(1, Math.ceil((values[0] ?? 0) / target));
  const common = { capacity, change, stepMs, ticksPerRow, instances };
  return rules.map(([family, make]) => {
    const rule = make(target, stepMs / ticksPerRow);
    const world = new RuleWorld({ ...common, name: family, rule });
    return { family, setting: 'its defaults', target, seat: { world } };
  });
}

function counted(of: Figures, { price }: Policy): Counted {
  const { overloadMinutes, clientsMoved, scaleEvents } = of;
  const instanceHours = of.instanceHours + of.preparingHours;
  const { perInstanceHour, perDisconnect } = price;
  const isPriced = perInstanceHour > 0 || perDisconnect > 0;
  const cost = instanceHours * perInstanceHour + clientsMoved * perDisconnect;
  return {
    overloadMinutes,
    instanceHours,
    clientsMoved,
    scaleEvents: scaleEvents.up + scaleEvents.down,
    cost: isPriced ? cost : instanceHours,
  };
}

type Compared = Pick<Point, 'family' | 'cost' | 'overloadMinutes' | 'clientsMoved'>;

function beats(one: Compared, other: Compared): boolean {
  if (one.family !== other.family) return false;
  const differences = [
    one.cost - other.cost,
    one.overloadMinutes - other.overloadMinutes,
    one.clientsMoved - other.clientsMoved,
  ];
  return differences.every((by) => by <= 0) && differences.some((by) => by < 0);
}

/** By the first number, then by the second. */
function least(
  points: readonly Point[],
  numbers: (point: Point) => readonly [number, number],
): Point | undefined {
  let best: Point | undefined;
  for (const point of points) {
    const [first, second] = numbers(point);
    const [bestFirst, bestSecond] = best === undefined ? [Infinity, Infinity] : numbers(best);
    if (first < bestFirst || (first === bestFirst && second < bestSecond)) best = point;
  }
  return best;
}
