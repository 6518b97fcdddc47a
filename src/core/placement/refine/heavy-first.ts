// The heaviest partitions decide what few instances must move; the light ones fill the rest. So the heavy
// ones are assigned by branch and bound, the rest taken as if it could be divided, and the assignments that
// promise the least are carried through with real partitions. Bounded by branches, so not always the best.
import { branchOver } from './branch.js';
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
  const found: Assignment[] = [];
  const isComplete = branchOver(a, heavy, {
    branchesMax,
    needFirst: false,
    mayLead: (least) => {
      const worst = found.length < carriedMax ? below : (found.at(-1)?.atLeast ?? below);
      return least < worst - a.epsilon;
    },
    found: (to, atLeast) => {
      found.push({ to: [...to], atLeast });
      found.sort((x, y) => x.atLeast - y.atLeast);
      found.length = Math.min(found.length, carriedMax);
    },
  });
  return { found, isComplete };
}
