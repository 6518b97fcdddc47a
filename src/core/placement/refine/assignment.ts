// Which partition is with whom, one by one: what the refinement of a plan changes. Owns weights, moved
// weight and the count of work done; decides nothing.
import { fromPartitions, includes, type Range } from '../../ranges.js';
import type { Dealing, Dealt, Situation } from '../situation.js';

/** Indexes are those of the situation; instances are the staying ones. */
export interface Assignment {
  readonly weightAt: (partition: number) => number;
  /** Partition → who owned it before: a staying instance, one that leaves, or -1 for nobody. */
  readonly home: Int32Array;
  readonly owner: Int32Array;
  /** Instance → the partitions it holds and may give. */
  readonly held: readonly number[][];
  readonly weight: number[];
  /** Between these an instance's weight is kept. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Sums of doubles are equal within this. */
  readonly epsilon: number;
  /** Weight that disconnects somebody. */
  moved: number;
  /** Comparisons made so far, and how many there may be: bounds the time whatever the world. */
  work: number;
  readonly workMax: number;
}

/** Partition, and to whom it goes. */
export type Transfer = readonly [partition: number, to: number];

export function assignmentOf(
  s: Situation,
  dealing: Dealing,
  { weight, low, high, epsilon, moved, workMax }: Pick<
    Assignment,
    'weight' | 'low' | 'high' | 'epsilon' | 'moved' | 'workMax'
  >,
): Assignment {
  const home = new Int32Array(s.partitions).fill(-1);
  const owner = new Int32Array(s.partitions);
  s.held.forEach((ranges, i) => {
    for (const [from, to] of ranges) home.fill(i, from, to + 1);
  });
  dealing.kept.forEach((ranges, i) => {
    for (const [from, to] of ranges) owner.fill(i, from, to + 1);
  });
  for (const { from, to, receiver } of dealing.dealt) owner.fill(receiver, from, to + 1);
  const most = high.reduce((a, b) => Math.max(a, b), 0);
  const held: number[][] = low.map(() => []);
  for (let p = 0; p < s.partitions; p += 1) {
    const by = home[p] as number;
    const stays = by >= 0 && by < s.staying && s.pinned.length > 0 && includes(s.pinned, p);
    // Weightless ones change nothing here, and what nobody can hold stays where it is.
    const at = s.load.at(p);
    if (!stays && at > 0 && at <= most) (held[owner[p] as number] as number[]).push(p);
  }
  return {
    weightAt: s.load.at,
    home,
    owner,
    held,
    weight: [...weight],
    low,
    high,
    epsilon,
    moved,
    work: s.partitions,
    workMax,
  };
}

export function mayGoOn(a: Assignment): boolean {
  return a.work < a.workMax;
}

/** What moving a partition from one to another adds to the moved weight. */
export function costOf(a: Assignment, partition: number, from: number, to: number): number {
  const home = a.home[partition];
  if (home === from) return a.weightAt(partition);
  return home === to ? -a.weightAt(partition) : 0;
}

export function transfer(a: Assignment, [partition, to]: Transfer): void {
  const from = a.owner[partition] as number;
  const weight = a.weightAt(partition);
  a.moved += costOf(a, partition, from, to);
  a.weight[from] = (a.weight[from] as number) - weight;
  a.weight[to] = (a.weight[to] as number) + weight;
  const own = a.held[from] as number[];
  own.splice(own.indexOf(partition), 1);
  (a.held[to] as number[]).push(partition);
  a.owner[partition] = to;
}

/** The assignment as a dealing again, ascending. */
export function dealingOf(
  s: Situation,
  { home, owner }: Assignment,
): Pick<Dealing, 'kept' | 'dealt'> {
  const kept: number[][] = s.names.map(() => []);
  const dealt: Dealt[] = [];
  for (let p = 0; p < s.partitions; p += 1) {
    const [donor, receiver] = [home[p] as number, owner[p] as number];
    if (donor === receiver) {
      (kept[donor] as number[]).push(p);
      continue;
    }
    const last = dealt.at(-1);
    const joins = last?.to === p - 1 && last.donor === donor && last.receiver === receiver;
    if (joins) dealt[dealt.length - 1] = { ...last, to: p };
    else dealt.push({ from: p, to: p, donor, receiver });
  }
  return { kept: kept.map((own): readonly Range[] => fromPartitions(own)), dealt };
}
