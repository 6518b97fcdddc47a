// The heaviest partitions decide what few instances must move; the light ones fill the rest. So the heavy
// ones are assigned by branch and bound, the rest taken as if it could be divided, and the assignments that
// promise the least are carried through with real partitions. Bounded by branches, so not always the best.
import { transfer, undoTo, type OwnerTable, type Transfer } from './owner-table.js';
import { repairBelow } from './repair.js';

/** More partitions or instances than this are seldom decided by a few heavy ones. */
const partitionsMax = 512;
const instancesMax = 12;
const heavyMax = 16;
const branchesMax = 20_000;
/** So many assignments are carried through. */
const carriedMax = 12;
/** Steps for each instance, with light partitions. */
const stepsPerInstance = 24;

interface Assignment {
  readonly to: readonly number[];
  /** No completion moves less. */
  readonly atLeast: number;
}

export interface HeavyFirst {
  /** No assignment between low and high moves less: a bound that knows single heavy partitions. */
  readonly atLeast: number;
  /** Assignments of the heaviest that promise the least, as transfers that bring them about. */
  readonly starts: readonly (readonly Transfer[])[];
}

/** Changes the assignment to one between low and high that moves less than `below`, where it finds one. */
export function heavyFirst(a: OwnerTable, below: number): HeavyFirst {
  const all = a.held.flat();
  if (all.length > partitionsMax || a.weight.length > instancesMax) {
    return { atLeast: 0, starts: [] };
  }
  const heavy = all.sort((p, q) => a.weightAt(q) - a.weightAt(p) || p - q).slice(0, heavyMax);
  const { found, isComplete } = promising(a, heavy, below);
  const starts = found.map(({ to }) => heavy.map((p, at): Transfer => [p, to[at] as number]));
  const atLeast = isComplete ? (found[0]?.atLeast ?? below) : 0;
  for (const start of starts) {
    const done = a.done.length;
    place(a, start);
    if (withLight(a, heavy, below)) break;
    undoTo(a, done);
  }
  return { atLeast, starts };
}

/** Heavy ones where they are assigned to, all others at home where they have one. */
export function startFrom(a: OwnerTable, start: readonly Transfer[]): void {
  const heavy = new Set(start.map(([p]) => p));
  for (const [i, own] of a.held.entries()) {
    for (const p of [...own]) {
      const by = a.home[p] as number;
      if (!heavy.has(p) && by !== i && by >= 0 && by < a.weight.length) transfer(a, [p, by]);
    }
  }
  place(a, start);
}

function place(a: OwnerTable, start: readonly Transfer[]): void {
  for (const [p, to] of start) if (a.owner[p] !== to) transfer(a, [p, to]);
}

/** Light ones go home, and then only as far as somebody needs. The heavy ones stay. */
function withLight(a: OwnerTable, heavy: readonly number[], below: number): boolean {
  const fixed = new Set(heavy);
  const aside = a.held.map((own) => own.filter((p) => fixed.has(p)));
  a.held.forEach((own) => own.splice(0, own.length, ...own.filter((p) => !fixed.has(p))));
  for (const [i, own] of a.held.entries()) {
    for (const p of [...own]) {
      const by = a.home[p] as number;
      if (by !== i && by >= 0 && by < a.weight.length) transfer(a, [p, by]);
    }
  }
  const isDone = repairBelow(a, below - a.epsilon, -1, stepsPerInstance * a.weight.length);
  aside.forEach((own, i) => (a.held[i] as number[]).push(...own));
  return isDone;
}

/** Assignments of the heavy ones, by what they move at least, ascending. */
function promising(
  a: OwnerTable,
  heavy: readonly number[],
  below: number,
): { readonly found: readonly Assignment[]; readonly isComplete: boolean } {
  const { weightAt, home, low, high, epsilon } = a;
  const n = a.weight.length;
  const staysAt = (p: number): number => {
    const by = home[p] as number;
    return by >= 0 && by < n ? by : -1;
  };
  // What cannot move stays in the weights; all else is taken out and assigned anew.
  const weight = a.weight.map((now, i) =>
    (a.held[i] as number[]).reduce((rest, p) => rest - weightAt(p), now),
  );
  const atHome = a.weight.map(() => 0);
  let [free, moved] = [0, a.moved];
  for (const own of a.held) {
    for (const p of own) {
      const by = staysAt(p);
      if (by < 0) free += weightAt(p);
      else atHome[by] = (atHome[by] as number) + weightAt(p);
      if (by >= 0 && a.owner[p] !== by) moved -= weightAt(p);
    }
  }
  const found: Assignment[] = [];
  const to: number[] = [];
  let branches = 0;
  const atLeast = (): number => {
    let [leaves, needs, gaps, left] = [0, 0, 0, free];
    for (let i = 0; i < n; i += 1) {
      const [now, own] = [weight[i] as number, atHome[i] as number];
      leaves += Math.max(0, now + own - (high[i] as number));
      needs += Math.max(0, (low[i] as number) - now - own);
      gaps += Math.max(0, (low[i] as number) - now);
      left += own;
    }
    return gaps > left + epsilon ? Infinity : moved + Math.max(leaves, needs - free);
  };
  const assign = (at: number): void => {
    const least = atLeast();
    const worst = found.length < carriedMax ? below : (found.at(-1)?.atLeast ?? below);
    if (branches >= branchesMax || least >= worst - epsilon) return;
    const p = heavy[at];
    if (p === undefined) {
      found.push({ to: [...to], atLeast: least });
      found.sort((x, y) => x.atLeast - y.atLeast);
      found.length = Math.min(found.length, carriedMax);
      return;
    }
    const [one, by] = [weightAt(p), staysAt(p)];
    if (by < 0) free -= one;
    else atHome[by] = (atHome[by] as number) - one;
    const room = (i: number): number => (high[i] as number) - (weight[i] as number);
    const order = weight
      .map((_, i) => i)
      .filter((i) => one <= room(i) + epsilon)
      .sort((i, j) => Number(j === by) - Number(i === by) || room(j) - room(i) || i - j);
    for (const i of order) {
      branches += 1;
      const cost = by >= 0 && i !== by ? one : 0;
      weight[i] = (weight[i] as number) + one;
      moved += cost;
      to[at] = i;
      assign(at + 1);
      weight[i] = weight[i] - one;
      moved -= cost;
    }
    if (by < 0) free += one;
    else atHome[by] = (atHome[by] as number) + one;
  };
  assign(0);
  a.work += branches;
  return { found, isComplete: branches < branchesMax };
}
