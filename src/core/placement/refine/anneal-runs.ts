// From where annealing starts, and how hot: a little around what is, then from the assignments of the heaviest
// partitions that promise the least, then from nearly nothing. Bounded by the number of runs.
import { anneal, type Run } from './anneal.js';
import { startFrom } from './heavy-first.js';
import { undoTo, type OwnerTable, type Transfer } from './owner-table.js';

/** Found by trying, with worlds whose optimum is known (test/core/placement/optimum.test.ts). */
const around: readonly Run[] = [
  { heat: 0.02, penalty: 3, seed: 1 },
  { heat: 0.005, penalty: 3, seed: 2 },
];
const fromHeavy: Run = { heat: 0.02, penalty: 1.5, seed: 3 };
const heavyStartsMax = 6;
const anew: readonly Run[] = [
  { heat: 0.5, penalty: 1.5, seed: 4 },
  { heat: 0.3, penalty: 3, seed: 5 },
  { heat: 0.5, penalty: 1.5, seed: 6 },
  { heat: 0.1, penalty: 3, seed: 7 },
];

/** Less movement, until the target is reached or all runs are made. */
export function annealBelow(
  a: OwnerTable,
  target: number,
  starts: readonly (readonly Transfer[])[],
): void {
  const goal = () => ({ below: a.moved - a.epsilon, target });
  for (const run of around) if (a.moved > target) anneal(a, run, goal());
  for (const start of starts.slice(0, heavyStartsMax)) {
    if (a.moved <= target) return;
    const [less, done] = [goal(), a.done.length];
    startFrom(a, start);
    if (!anneal(a, fromHeavy, less)) undoTo(a, done);
  }
  for (const run of anew) if (a.moved > target) anneal(a, run, goal());
}

/** Everybody between the bounds, whatever it moves. */
export function annealInside(a: OwnerTable): boolean {
  const inside = { below: Infinity, target: Infinity };
  return [...around, ...anew].some((run) => anneal(a, run, inside));
}
