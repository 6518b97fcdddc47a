// Which partition is with whom, one by one: what the refinement of a plan changes. Owns weights, moved
// weight and the count of work done; decides nothing.
import { includes, type Range } from '../../ranges.js';
import type { Dealing, Dealt, Effort, Situation } from '../situation.js';
import type { Sums } from './sums.js';

/** Indexes are those of the situation; instances are the staying ones. */
export interface OwnerTable {
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
  /** Instance → what was worked out about what it holds; forgotten when that changes. */
  readonly sums: (Sums | undefined)[];
  /** What was done, as what undoes it. */
  readonly done: Transfer[];
  /** Comparisons made so far, and how many there may be: bounds the time whatever the world. */
  work: number;
  readonly workMax: number;
  /** What all tables of a plan have made together. */
  readonly effort: Effort;
}

/** Partition, and to whom it goes. */
export type Transfer = readonly [partition: number, to: number];

export function ownerTableOf(
  s: Situation,
  dealing: Pick<Dealing, 'kept' | 'dealt'>,
  {
    weight,
    low,
    high,
    epsilon,
    moved,
    workMax,
  }: Pick<OwnerTable, 'weight' | 'low' | 'high' | 'epsilon' | 'moved' | 'workMax'>,
): OwnerTable {
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
    sums: low.map(() => undefined),
    done: [],
    work: s.partitions,
    workMax,
    effort: s.effort,
  };
}

/** Counts comparisons. */
export function spend(a: OwnerTable, comparisons: number): void {
  a.work += comparisons;
  a.effort.comparisons += comparisons;
}

export function mayGoOn(a: OwnerTable): boolean {
  return a.work < a.workMax;
}

/** What moving a partition from one to another adds to the moved weight. */
export function costOf(a: OwnerTable, partition: number, from: number, to: number): number {
  const home = a.home[partition];
  if (home === from) return a.weightAt(partition);
  return home === to ? -a.weightAt(partition) : 0;
}

export function transfer(a: OwnerTable, [partition, to]: Transfer): void {
  const from = a.owner[partition] as number;
  const weight = a.weightAt(partition);
  a.moved += costOf(a, partition, from, to);
  a.weight[from] = (a.weight[from] as number) - weight;
  a.weight[to] = (a.weight[to] as number) + weight;
  const own = a.held[from] as number[];
  own.splice(own.indexOf(partition), 1);
  (a.held[to] as number[]).push(partition);
  a.owner[partition] = to;
  a.done.push([partition, from]);
  a.sums[from] = undefined;
  a.sums[to] = undefined;
}

/** Goes back to what was when so much had been done. */
export function undoTo(a: OwnerTable, done: number): void {
  const undo = a.done.splice(done).reverse();
  for (const one of undo) transfer(a, one);
  a.done.length = done;
}

/** The assignment as a dealing again, ascending. O(P). */
export function dealingOf(
  s: Situation,
  { home, owner }: Pick<OwnerTable, 'home' | 'owner'>,
): Pick<Dealing, 'kept' | 'dealt'> {
  const kept: Range[][] = s.names.map(() => []);
  const dealt: Dealt[] = [];
  for (let from = 0, to = 0; from < s.partitions; from = to + 1) {
    const [donor, receiver] = [home[from] as number, owner[from] as number];
    to = from;
    while (home[to + 1] === donor && owner[to + 1] === receiver) to += 1;
    if (donor === receiver) (kept[donor] as Range[]).push([from, to]);
    else dealt.push({ from, to, donor, receiver });
  }
  return { kept, dealt };
}
