// What a planner refuses to be asked: every way in which an input can be wrong, found before anything
// is computed. Never repairs an input.
import { countOf, firstOverlap, normalize, subtract, type Range, type Ranges } from '../ranges.js';
import { weightsOf, type Weights } from './load.js';
import { areDisjoint, gapsBetween, spansOf, type Spans } from './spans.js';
import type { PlanInput } from './types.js';

/** Largest P: a million partitions and room to the next power of two. */
export const partitionsMax = 1_048_576;
export const instancesMax = 10_000;
export const instancesAllowed = `a list of 1 to ${instancesMax} names`;
export const toleranceAllowed = 'a number from 0 to below 1';
export const rangesAllowed = `a whole number from 1 to ${partitionsMax}`;
export const positiveAllowed = 'a number above 0';
/** Bounds what a capacity can do to the arithmetic: shares stay far from the ends of a double. */
const capacityRatioMax = 1e6;

/** Letters, digits, and `-._` between them: StatefulSet pods, or bare ordinals. */
export const instanceNamePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const instanceNameAllowed = 'letters and digits with - . _ between them, at most 253';

const pinnedAllowed = 'partitions of instances that stay';

/** Thrown when a plan input contradicts itself; names the field, what was found and what is allowed. */
export class PlanInputError extends Error {
  readonly field: string;
  readonly found: unknown;
  readonly allowed: string;

  constructor(field: string, found: unknown, allowed: string, message?: string) {
    super(message ?? `${field} must be ${allowed}`);
    this.name = 'PlanInputError';
    this.field = field;
    this.found = found;
    this.allowed = allowed;
  }
}

/** An input that is not wrong, its large fields as columns: they are read once, not again by the rules. */
export interface Checked {
  readonly input: PlanInput;
  /** Name → its place in `instances`. */
  readonly places: ReadonlyMap<string, number>;
  /** Who owns something now, and what, in the order of `current`. */
  readonly owners: readonly string[];
  readonly lists: readonly Ranges[];
  /** The same in the order of the partitions; owners are places in `owners`. */
  readonly spans: Spans;
  readonly weights: Weights | undefined;
}

/** What is shown as text. @throws PlanInputError */
export function checkOwnership(ownership: unknown): void {
  const owner = 'an object with partitions and instances';
  checkObject('ownership', ownership, owner);
  const { partitions, instances } = ownership;
  need(isWhole(partitions, 1, partitionsMax), 'partitions', partitions, rangesAllowed);
  checkObject('instances', instances, 'an object of ranges by instance');
  for (const [name, ranges] of Object.entries(instances)) needRanges(`instances.${name}`, ranges);
}

export function checkObject(
  field: string,
  value: unknown,
  allowed: string,
): asserts value is Readonly<Record<string, unknown>> {
  need(typeof value === 'object' && value !== null, field, value, allowed);
}

/** Throws {@link PlanInputError} for the first thing wrong, in the order of the fields. */
export function checkPlanInput(input: PlanInput): Checked {
  checkObject('input', input, 'an object with partitions and instances');
  const { partitions } = input;
  need(isWhole(partitions, 1, partitionsMax), 'partitions', partitions, rangesAllowed);
  const places = checkInstances(input.instances);
  const current = input.current ?? {};
  checkObject('current', current, 'an object of ranges by instance');
  const owned = checkCurrent(current, partitions, places);
  checkUnowned(input, owned.spans);
  const weights = checkWeights(input.weights, partitions);
  const { tolerance, maxRangesPerInstance, budget, pace } = input;
  need(
    tolerance === undefined || isWithin(tolerance, 0, 1),
    'tolerance',
    tolerance,
    toleranceAllowed,
  );
  need(
    maxRangesPerInstance === undefined || isWhole(maxRangesPerInstance, 1, partitionsMax),
    'maxRangesPerInstance',
    maxRangesPerInstance,
    rangesAllowed,
  );
  checkCapacity(input);
  checkPinned(input, owned.spans);
  for (const [field, value] of [
    ['budget.clients', budget?.clients],
    ['pace.acceptPerSecond', pace?.acceptPerSecond],
    ['pace.gapMs', pace?.gapMs],
  ] as const) {
    need(value === undefined || isPositive(value), field, value, positiveAllowed);
  }
  return { input, places, ...owned, weights };
}

function checkInstances(instances: readonly string[]): ReadonlyMap<string, number> {
  need(Array.isArray(instances), 'instances', instances, instancesAllowed);
  need(
    instances.length >= 1 && instances.length <= instancesMax,
    'instances',
    `${instances.length} names`,
    instancesAllowed,
  );
  const places = new Map<string, number>();
  instances.forEach((name, i) => {
    const isName = typeof name === 'string' && instanceNamePattern.test(name);
    if (!isName || places.has(name)) {
      const wanted = isName ? 'each instance once' : instanceNameAllowed;
      throw new PlanInputError(`instances[${i}]`, name, wanted);
    }
    places.set(name, i);
  });
  return places;
}

function checkCurrent(
  current: Readonly<Record<string, Ranges>>,
  partitions: number,
  places: ReadonlyMap<string, number>,
): Pick<Checked, 'owners' | 'lists' | 'spans'> {
  const owners = Object.keys(current);
  need(
    owners.length <= instancesMax,
    'current',
    `${owners.length} instances`,
    `an object of at most ${instancesMax} instances`,
  );
  for (const name of owners) {
    // Who stays has been looked at.
    const isName = places.has(name) || instanceNamePattern.test(name);
    if (!isName) throw new PlanInputError('current', name, `keys of ${instanceNameAllowed}`);
    needRanges(`current.${name}`, current[name]);
  }
  const lists = owners.map((name) => current[name] as Ranges);
  const spans = spansOf(lists, partitions);
  if (!spans.isWithin) {
    lists.forEach((ranges, i) => checkRanges(`current.${owners[i] ?? ''}`, ranges, partitions));
  }
  if (!areDisjoint(spans)) refuseOverlap(owners, lists);
  return { owners, lists, spans };
}

function refuseOverlap(owners: readonly string[], lists: readonly Ranges[]): void {
  const overlap = firstOverlap(lists.flat());
  if (overlap === undefined) return;
  const partition = overlap[1][0];
  const both = owners.filter((_, i) =>
    lists[i]?.some(([from, to]) => from <= partition && partition <= to),
  );
  const field = `current.${both.at(-1) ?? '?'}`;
  const names = both.map((name) => `"${name}"`).join(' and ');
  const who = both.length > 1 ? names : `${names} twice`;
  throw new PlanInputError(
    field,
    overlap[1],
    'ranges that share no partition with any other',
    `partition ${partition} is owned by ${who}`,
  );
}

/** What is owned and what is said to be unowned cover 0..P-1 once. */
function checkUnowned({ unowned, partitions }: PlanInput, spans: Spans): void {
  if (unowned === undefined) return;
  checkRanges('unowned', unowned, partitions);
  const gaps = gapsBetween(spans, partitions);
  const said = normalize(unowned);
  const [gap] = subtract(gaps, said);
  if (gap !== undefined) {
    throw new PlanInputError(
      'current',
      `nobody owns ${gap[0]}-${gap[1]}`,
      `ranges that cover 0-${partitions - 1}, or \`unowned\` that names what nobody owns`,
      `current has a gap: nobody owns partitions ${gap[0]}-${gap[1]}; give them an owner, or list them in "unowned"`,
    );
  }
  const [both] = subtract(said, gaps);
  if (both !== undefined) {
    const owned = `[${both[0]},${both[1]}]`;
    throw new PlanInputError('unowned', owned, 'partitions that nobody in `current` owns');
  }
}

function checkRanges(field: string, ranges: Ranges, partitions: number): void {
  needRanges(field, ranges);
  const last = partitions - 1;
  // Not by need(): the names of a hundred thousand fields would cost more than the plan.
  for (let i = 0; i < ranges.length; i += 1) {
    const [from, to] = (Array.isArray(ranges[i]) ? ranges[i] : []) as Range;
    if (!isWhole(from, 0, last)) {
      throw new PlanInputError(`${field}[${i}][0]`, from, `a partition from 0 to ${last}`);
    }
    if (isWhole(to, from, last)) continue;
    const allowed = `a partition from ${from} (the start of its range) to ${last}`;
    throw new PlanInputError(`${field}[${i}][1]`, to, allowed);
  }
}

function checkWeights(
  weights: ArrayLike<number> | undefined,
  partitions: number,
): Weights | undefined {
  if (weights === undefined) return undefined;
  checkObject('weights', weights, `${partitions} numbers, one a partition`);
  const found = `${weights.length} numbers`;
  need(weights.length === partitions, 'weights', found, `${partitions} numbers, one a partition`);
  const read = weightsOf(weights);
  if (read.firstWrong >= 0) {
    const field = `weights[${read.firstWrong}]`;
    throw new PlanInputError(field, weights[read.firstWrong], 'a number of at least 0');
  }
  const { total } = read;
  const most = Number.MAX_SAFE_INTEGER;
  need(total <= most, 'weights', `a sum of ${total}`, `numbers with a sum of at most ${most}`);
  return read;
}

function checkCapacity(input: PlanInput): void {
  if (input.capacity === undefined) return;
  checkObject('capacity', input.capacity, 'an object of numbers by instance');
  const known = new Set(input.instances);
  const values = known.size > Object.keys(input.capacity).length ? [1] : [];
  for (const [name, value] of Object.entries(input.capacity)) {
    const field = `capacity.${name}`;
    need(known.has(name), field, name, 'the name of one of `instances`');
    need(isPositive(value), field, value, positiveAllowed);
    values.push(value);
  }
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  need(
    values.length === 0 || high / low <= capacityRatioMax,
    'capacity',
    `from ${low} to ${high}`,
    `numbers of which none is more than ${capacityRatioMax} times another`,
  );
}

/** What is pinned stays with who has it: somebody must, and must stay. */
function checkPinned(input: PlanInput, spans: Spans): void {
  if (input.pinned === undefined) return;
  checkRanges('pinned', input.pinned, input.partitions);
  const pinned = normalize(input.pinned);
  const staying = new Set(input.instances);
  for (const [name, ranges] of Object.entries(input.current ?? {})) {
    if (staying.has(name)) continue;
    const held = normalize(ranges);
    const stuck = countOf(common(held, pinned));
    need(stuck === 0, 'pinned', `${stuck} partitions of "${name}", which leaves`, pinnedAllowed);
  }
  const [free] = common(pinned, gapsBetween(spans, input.partitions));
  if (free !== undefined) {
    throw new PlanInputError('pinned', `[${free.join()}], which nobody owns`, pinnedAllowed);
  }
}

/** What is in both; sorted and disjoint, as they are. */
function common(ranges: Ranges, others: Ranges): Ranges {
  return subtract(ranges, subtract(ranges, others));
}

function needRanges(field: string, ranges: unknown): asserts ranges is Ranges {
  if (!Array.isArray(ranges))
    throw new PlanInputError(field, ranges, 'a list of ranges [from, to]');
}

/** From low to below high. */
function isWithin(value: number, low: number, high: number): boolean {
  return typeof value === 'number' && value >= low && value < high;
}

function isPositive(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;
}

function need(good: boolean, field: string, found: unknown, allowed: string): asserts good {
  if (!good) throw new PlanInputError(field, found, allowed);
}
