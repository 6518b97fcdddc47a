// Every small world: all current assignments, holes included, of up to eight partitions, and every
// change of instances, against the fewest moves that any balanced assignment needs (brute force).
import { describe, expect, it } from 'vitest';
import { checkTiling, distributionFromRanges } from '../../../src/core/distribution.js';
import { planDistribution } from '../../../src/core/placement/plan.js';
import { fromPartitions, type Ranges } from '../../../src/core/ranges.js';

/** All ways to give `partitions` to `choices` owners, as arrays of owners. */
function* assignments(partitions: number, choices: number): Generator<readonly number[]> {
  for (let code = 0; code < choices ** partitions; code += 1) {
    let rest = code;
    yield Array.from({ length: partitions }, () => {
      const owner = rest % choices;
      rest = Math.floor(rest / choices);
      return owner;
    });
  }
}

function countsOf(assignment: readonly number[], n: number): number[] {
  const counts = Array.from({ length: n }, () => 0);
  for (const owner of assignment) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}

/** Assignments to the instances named in `after` whose counts differ by at most one. */
function balancedAssignments(partitions: number, after: readonly number[]): Uint8Array[] {
  const balanced: Uint8Array[] = [];
  for (const assignment of assignments(partitions, after.length)) {
    const counts = countsOf(assignment, after.length);
    if (Math.max(...counts) - Math.min(...counts) > 1) continue;
    balanced.push(Uint8Array.from(assignment, (rank) => after[rank] as number));
  }
  return balanced;
}

function currentOf(assignment: readonly number[], hole: number): Record<string, Ranges> {
  const current: Record<string, Ranges> = {};
  for (const owner of new Set(assignment)) {
    if (owner === hole) continue;
    const own = assignment.flatMap((held, p) => (held === owner ? [p] : []));
    current[owner] = fromPartitions(own);
  }
  return current;
}

function leastMoves(
  before: readonly number[],
  hole: number,
  balanced: readonly Uint8Array[],
): number {
  let least = Infinity;
  for (const after of balanced) {
    let moves = 0;
    for (let p = 0; p < after.length; p += 1) {
      if (before[p] !== hole && before[p] !== after[p]) moves += 1;
    }
    if (moves < least) least = moves;
  }
  return least;
}

/** Plans every world of `partitions` held by 0..owners-1 (or nobody) that becomes `after`'s. */
function checkWorlds(partitions: number, owners: number, after: readonly number[]): number {
  const balanced = balancedAssignments(partitions, after);
  let worlds = 0;
  for (const before of assignments(partitions, owners + 1)) {
    const current = currentOf(before, owners);
    const plan = planDistribution({ partitions, instances: after.map(String), current });
    const where = `before ${JSON.stringify(current)} after ${JSON.stringify(plan.instances)}`;
    const least = leastMoves(before, owners, balanced);
    const counts = countsOf(before, owners + 1);
    const owned = Object.entries(plan.instances).map(([name, ranges]): [number, Ranges] => [
      Number(name),
      ranges,
    ]);
    const tiles = distributionFromRanges({ service: 's', revision: 1, partitions }, owned);
    const sizes = owned.map(([, ranges]) => ranges.reduce((sum, [a, b]) => sum + b - a + 1, 0));
    const good =
      plan.moved.partitions === least &&
      plan.moved.lowerBound === least &&
      plan.moved.weight === least &&
      checkTiling(tiles) === undefined &&
      owned.length === after.length &&
      Math.max(...sizes) - Math.min(...sizes) <= 1 &&
      plan.waves.flat().reduce((sum, { from, to }) => sum + to - from + 1, 0) === least;
    if (!good) {
      expect.fail(
        `${where}: moved ${JSON.stringify(plan.moved)}, least ${least}, held ${counts.join()}`,
      );
    }
    worlds += 1;
  }
  return worlds;
}

describe('in every small world a plan with equal weights tiles, balances and moves the minimum', () => {
  for (let partitions = 1; partitions <= 6; partitions += 1) {
    it(`of ${partitions} partitions held by up to three instances or nobody, any instances after`, () => {
      let worlds = 0;
      for (let code = 1; code < 16; code += 1) {
        const after = [0, 1, 2, 3].filter((i) => (code >> i) & 1);
        worlds += checkWorlds(partitions, 3, after);
      }
      expect(worlds).toBe(15 * 4 ** partitions);
    });
  }

  it('of 7 and 8 partitions held by two instances or nobody, any of three after', () => {
    let worlds = 0;
    for (const partitions of [7, 8]) {
      for (let code = 1; code < 8; code += 1) {
        const after = [0, 1, 2].filter((i) => (code >> i) & 1);
        worlds += checkWorlds(partitions, 2, after);
      }
    }
    expect(worlds).toBe(7 * (3 ** 7 + 3 ** 8));
  });

  it('of 5 partitions held by four instances or nobody, any of them or a fifth after', () => {
    let worlds = 0;
    for (const after of [[0], [3], [0, 1], [1, 3], [0, 2, 3], [1, 2, 4], [0, 1, 2, 3]]) {
      worlds += checkWorlds(5, 4, after);
    }
    expect(worlds).toBe(7 * 5 ** 5);
  });
});
