// Plans beside the optimum, which a mixed-integer program finds in seeded worlds of few partitions.
// EVENKEEL_MORE_WORLDS=10 compares fifty worlds of each size and kind instead of a few, with more effort for
// each, and prints the table of docs/placement.md.
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { PlanInput } from '../../../src/core/placement/types.js';
import { fromPartitions, includes } from '../../../src/core/ranges.js';
import { seeded } from '../../support/seeded.js';
import { isLonger, worlds } from './more-worlds.js';
import { optimumOf, type Effort } from './optimum.js';
import { kinds, sizes, worldOf, type Size, type WeightsKind } from './worlds.js';

const effort: Effort = isLonger
  ? { nodesMax: 10_000, secondsMax: 5 }
  : { nodesMax: 500, secondsMax: 1 };
/** Of the larger sizes fewer, because each takes longer. */
const seedsOf = ({ partitions }: Size): number =>
  isLonger ? worlds(5) : partitions < 50 ? 6 : partitions < 200 ? 4 : 3;
/** What an unsolved world may take, and the rest of its kind and size. */
const timeoutMs = isLonger ? worlds(120_000) : 60_000;

/** Nearly every plan is within this of the optimum, */
const within = 1.01;
const withinShare = 0.9;
/** and none is farther from it. */
const worst = 1.25;

interface Compared {
  readonly name: string;
  /** Absent where the effort was not enough. */
  readonly overOptimum?: number;
  readonly boundOverOptimum?: number;
  readonly maxOverAllowed: number;
}

async function compare(seed: number, size: Size, kind: WeightsKind): Promise<Compared> {
  const { name, input } = worldOf(seed, size, kind);
  const plan = planDistribution(input);
  const optimum = await optimumOf(input, plan, effort);
  const { weight, lowerBound } = plan.moved;
  if (optimum.kind === 'infeasible') throw new Error(`${name}: not even the plan is feasible`);
  const rounding = 1e-9 * input.weights.reduce((a, b) => a + b, 0);
  // Whatever was found moves at least the lower bound, or that is none.
  expect(lowerBound, name).toBeLessThanOrEqual(optimum.moved + rounding);
  expect(optimum.moved, name).toBeLessThanOrEqual(weight + rounding);
  const maxOverAllowed = plan.balance.maxOverMean / (1 + input.tolerance);
  if (maxOverAllowed <= 1 + 1e-9) {
    const again = planDistribution({ ...input, current: plan.instances });
    expect(again.moved.partitions, `${name}, planned again`).toBe(0);
  }
  if (optimum.kind === 'unsolved') return { name, maxOverAllowed };
  const over = (a: number): number => (optimum.moved > rounding ? a / optimum.moved : 1);
  if (optimum.moved <= rounding) expect(weight, name).toBeLessThanOrEqual(rounding);
  return {
    name,
    overOptimum: over(weight),
    boundOverOptimum: over(lowerBound),
    maxOverAllowed,
  };
}

describe('plans beside the optimum', () => {
  const rows: string[] = [];
  for (const size of sizes) {
    for (const kind of kinds) {
      const title = `${size.partitions} partitions, ${size.instances} instances, ${kind}`;
      it(
        `are within 1 % of it nearly always: ${title}`,
        async () => {
          const all: Compared[] = [];
          for (let seed = 1; seed <= seedsOf(size); seed += 1) {
            all.push(await compare(seed, size, kind));
          }
          rows.push(rowOf(size, kind, all));
          const solved = all.filter(({ overOptimum }) => overOptimum !== undefined);
          expect(solved.length, 'solved').toBeGreaterThan(0);
          const far = solved.filter(({ overOptimum = 1 }) => overOptimum > within);
          const names = far.map(({ name, overOptimum = 1 }) => `${overOptimum.toFixed(4)} ${name}`);
          const isRare = far.length <= Math.max(1, (1 - withinShare) * solved.length);
          expect(isRare, names.join('\n')).toBe(true);
          expect(Math.max(...solved.map(({ overOptimum = 1 }) => overOptimum))).toBeLessThan(worst);
        },
        timeoutMs,
      );
    }
  }

  it(
    'are within the tolerance wherever some distribution is, in worlds of up to 40 partitions',
    async () => {
      let outside = 0;
      for (const size of sizes.filter(({ partitions }) => partitions <= 40)) {
        for (const kind of kinds) {
          for (let seed = 1; seed <= 2 * seedsOf(size); seed += 1) {
            const { name, input } = worldOf(seed, size, kind);
            const plan = planDistribution(input);
            if (plan.balance.maxOverMean <= (1 + input.tolerance) * (1 + 1e-9)) continue;
            outside += 1;
            expect((await optimumOf(input, plan, effort, 'strict')).kind, name).not.toBe('solved');
          }
        }
      }
      expect(outside).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  it.runIf(isLonger)('are printed as a table', () => {
    process.stdout.write(
      '| partitions × instances | weights | solved | moved ÷ optimum: median | p90 | p99 | worst | ' +
        'bound ÷ optimum: median | within the tolerance |\n' +
        `| ${Array.from({ length: 9 }, () => '---').join(' | ')} |\n${rows.join('')}`,
    );
  });
});

function rowOf(
  { partitions, instances }: Size,
  kind: WeightsKind,
  all: readonly Compared[],
): string {
  const ratios = all.flatMap(({ overOptimum }) => overOptimum ?? []).sort((a, b) => a - b);
  const bounds = all
    .flatMap(({ boundOverOptimum }) => boundOverOptimum ?? [])
    .sort((a, b) => a - b);
  const at = (list: readonly number[], share: number): string =>
    (list[Math.min(list.length - 1, Math.floor(share * list.length))] ?? NaN).toFixed(4);
  const inside = all.filter(({ maxOverAllowed }) => maxOverAllowed <= 1 + 1e-9).length;
  const cells = [
    `${partitions} × ${instances}`,
    kind,
    `${ratios.length} of ${all.length}`,
    at(ratios, 0.5),
    at(ratios, 0.9),
    at(ratios, 0.99),
    at(ratios, 1),
    at(bounds, 0.5),
    `${inside} of ${all.length}`,
  ];
  return `| ${cells.join(' | ')} |\n`;
}

describe('the optimum itself', () => {
  /** By trying all assignments. */
  function leastMoved(input: PlanInput & { readonly weights: readonly number[] }): number {
    const { weights, instances, tolerance = 0 } = input;
    const n = instances.length;
    const mean = weights.reduce((a, b) => a + b, 0) / n;
    const held = instances.map((name) => input.current?.[name] ?? []);
    const before = held.map((own) =>
      weights.reduce((sum, weight, p) => sum + (includes(own, p) ? weight : 0), 0),
    );
    const isOwned = weights.map((_, p) =>
      Object.values(input.current ?? {}).some((own) => includes(own, p)),
    );
    let least = Infinity;
    for (let code = 0; code < n ** weights.length; code += 1) {
      let rest = code;
      let moved = 0;
      const sums = instances.map(() => 0);
      for (const [p, weight] of weights.entries()) {
        const to = rest % n;
        rest = Math.floor(rest / n);
        sums[to] = (sums[to] as number) + weight;
        if (isOwned[p] === true && !includes(held[to] ?? [], p)) moved += weight;
      }
      const isFine = sums.every((sum, i) => {
        const floor = (1 - tolerance) * mean;
        const low = held[i]?.length === 0 ? floor : Math.min(floor, before[i] as number);
        return sum <= (1 + tolerance) * mean + 1e-9 && sum >= low - 1e-9;
      });
      if (isFine) least = Math.min(least, moved);
    }
    return least;
  }

  it('is what trying all assignments finds, or nothing where there is none', async () => {
    const seen = { solved: 0, infeasible: 0 };
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seeded(seed);
      const weights = Array.from({ length: 7 }, () => 1 + random.below(9));
      const owner = weights.map(() => random.below(4) - 1);
      const current = Object.fromEntries(
        [0, 1, 2].flatMap((i) => {
          const own = fromPartitions(owner.flatMap((by, p) => (by === i ? [p] : [])));
          return own.length === 0 ? [] : [[String(i), own] as const];
        }),
      );
      const instances = random.pick([
        ['0', '1', '2'],
        ['1', '2', '3'],
        ['0', '1'],
      ]);
      const input = {
        partitions: 7,
        weights,
        current,
        instances,
        tolerance: random.pick([0.02, 0.2]),
      };
      const found = await optimumOf(input, planDistribution(input), effort, 'strict');
      const least = leastMoved(input);
      if (found.kind === 'infeasible') expect(least, `seed ${seed}`).toBe(Infinity);
      else expect(found.moved, `seed ${seed}`).toBeCloseTo(least, 6);
      if (found.kind !== 'unsolved') seen[found.kind] += 1;
    }
    expect(seen.solved).toBeGreaterThan(10);
    expect(seen.infeasible).toBeGreaterThan(0);
  });
});
