// The least weight that any plan moves which is balanced as well as a given one, by a mixed-integer
// program of its own: an oracle that shares nothing with the planner but the types of its input.
import highsModule, { type Highs, type ModelData } from 'highs';
import type { Plan, PlanInput } from '../../../src/core/placement/types.js';
import { includes, partitionsOf, type Ranges } from '../../../src/core/ranges.js';

export interface Effort {
  /** Branch-and-bound nodes. */
  readonly nodesMax: number;
  /** For one world whose nodes are slow; a world that ends by it counts as unsolved. */
  readonly secondsMax: number;
}

/**
 * `solved`: `moved` is the optimum to within the gap. `unsolved`: the effort ended first, and
 * `moved` is only the best that was found. `infeasible`: no distribution is within the bounds.
 * No distribution within the bounds moves less than `atLeast`.
 */
export type Optimum =
  | { readonly kind: 'solved' | 'unsolved'; readonly moved: number; readonly atLeast: number }
  | { readonly kind: 'infeasible' };

/** Relative gap at which the optimum counts as proven. */
export const gapMax = 1e-4;

/** Means are scaled to this, so that the solver's absolute tolerance of 1e-7 is one of 1e-10. */
const meanScaled = 1000;
const nobody = -1;

/** Partitions with the same owner and weight are one kind, and only their number matters. */
interface Kind {
  readonly owner: number;
  readonly weight: number;
  readonly pinned: boolean;
  count: number;
  /** Index of a staying instance → how many of them the plan gives it: where the search begins. */
  readonly planned: number[];
}

interface World {
  readonly kinds: readonly Kind[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

// The declarations of the package describe its CommonJS form; its ES module is the function itself.
const load = highsModule as unknown as typeof highsModule.default;
let runtime: Promise<Highs> | undefined;

/**
 * Bounds: every instance ends with at most (1 + tolerance) × its mean, every new one with at least
 * (1 − tolerance) × it, and no other is brought below that by giving. `like the plan`: where the plan
 * itself leaves an instance outside, the bound is what the plan leaves it.
 */
export async function optimumOf(
  input: PlanInput,
  plan: Plan,
  effort: Effort,
  bounds: 'like the plan' | 'strict' = 'like the plan',
): Promise<Optimum> {
  runtime ??= load();
  const highs = await runtime;
  const world = worldOf(input, plan, bounds);
  const scale = world.scale;
  const { model, start } = modelOf(world);
  return highs.withModel(model, (solver): Optimum => {
    solver.options.set({
      output_flag: false,
      mip_rel_gap: gapMax,
      mip_max_nodes: effort.nodesMax,
      time_limit: effort.secondsMax,
    });
    if (bounds === 'like the plan') solver.setSolution({ colValue: start });
    solver.run();
    const status = solver.getModelStatus();
    const { optimal, empty, infeasible } = highs.constants.modelStatus;
    if (status === infeasible) return { kind: 'infeasible' };
    if (status === empty) return { kind: 'solved', moved: 0, atLeast: 0 };
    const found = solver.getSolution().colValue;
    const moved =
      status === optimal || bounds === 'like the plan' ? movedIn(world, found) : Infinity;
    const atLeast = Number(solver.info.get('mip_dual_bound'));
    return {
      kind: status === optimal ? 'solved' : 'unsolved',
      moved: moved / scale,
      atLeast: Math.max(0, atLeast) / scale,
    };
  });
}

function worldOf(
  input: PlanInput,
  plan: Plan,
  bounds: 'like the plan' | 'strict',
): World & { readonly scale: number } {
  const names = input.instances;
  const tolerance = input.tolerance ?? 0.1;
  const weightAt = (p: number): number => input.weights?.[p] ?? 1;
  const ownerBefore = ownersOf(input.partitions, names, input.current ?? {});
  const ownerAfter = ownersOf(input.partitions, names, plan.instances);
  const before = names.map(() => 0);
  const after = names.map(() => 0);
  const owns = names.map(() => false);
  let total = 0;
  for (let p = 0; p < input.partitions; p += 1) {
    const weight = weightAt(p);
    total += weight;
    const [from, to] = [ownerBefore[p] as number, ownerAfter[p] as number];
    after[to] = (after[to] as number) + weight;
    if (from < 0 || from >= names.length) continue;
    before[from] = (before[from] as number) + weight;
    owns[from] = true;
  }
  const size = names.map((name) => input.capacity?.[name] ?? 1);
  const sizes = size.reduce((a, b) => a + b, 0);
  const mean = size.map((one) => (total * one) / sizes);
  const scale = total === 0 ? 1 : (meanScaled * names.length) / total;
  const isStrict = bounds === 'strict';
  const upper = mean.map((share, i) =>
    Math.max(share * (1 + tolerance), isStrict ? 0 : (after[i] as number)),
  );
  const lower = mean.map((share, i) =>
    Math.min(
      share * (1 - tolerance),
      owns[i] === true ? (before[i] as number) : Infinity,
      isStrict ? Infinity : (after[i] as number),
    ),
  );
  const kinds = new Map<string, Kind>();
  for (let p = 0; p < input.partitions; p += 1) {
    const weight = weightAt(p);
    if (weight === 0) continue;
    const owner = ownerBefore[p] as number;
    const pinned = owner >= 0 && owner < names.length && includes(input.pinned ?? [], p);
    const key = `${owner} ${weight} ${String(pinned)}`;
    const kind = kinds.get(key) ?? {
      owner,
      weight: weight * scale,
      pinned,
      count: 0,
      planned: names.map(() => 0),
    };
    kind.count += 1;
    const to = ownerAfter[p] as number;
    kind.planned[to] = (kind.planned[to] as number) + 1;
    kinds.set(key, kind);
  }
  return {
    kinds: [...kinds.values()],
    lower: lower.map((one) => one * scale),
    upper: upper.map((one) => one * scale),
    scale,
  };
}

/** Partition → index of its owner, from names.length on for those that leave, -1 for nobody. */
function ownersOf(
  partitions: number,
  names: readonly string[],
  owned: Readonly<Record<string, Ranges>>,
): Int32Array {
  const owners = new Int32Array(partitions).fill(nobody);
  let leaving = names.length;
  for (const [name, ranges] of Object.entries(owned)) {
    const known = names.indexOf(name);
    const index = known >= 0 ? known : leaving++;
    for (const p of partitionsOf(ranges)) owners[p] = index;
  }
  return owners;
}

/**
 * Column k·N + i: how many partitions of kind k instance i ends with. Row k: all of kind k are with
 * somebody. Row K + i: the weight of instance i is between its bounds. Cost: the weight that ends
 * with somebody else than its owner.
 */
function modelOf({ kinds, lower, upper }: World): {
  readonly model: ModelData;
  readonly start: Float64Array;
} {
  const n = upper.length;
  const numCols = kinds.length * n;
  const numRows = kinds.length + n;
  const colCost = new Float64Array(numCols);
  const colLower = new Float64Array(numCols);
  const colUpper = new Float64Array(numCols);
  const indices = new Int32Array(2 * numCols);
  const values = new Float64Array(2 * numCols);
  const start = new Float64Array(numCols);
  kinds.forEach(({ owner, weight, pinned, count, planned }, k) => {
    for (let i = 0; i < n; i += 1) {
      const column = k * n + i;
      colCost[column] = owner === nobody || owner === i ? 0 : weight;
      colLower[column] = pinned && owner === i ? count : 0;
      colUpper[column] = count;
      indices.set([k, kinds.length + i], 2 * column);
      values.set([1, weight], 2 * column);
      start[column] = planned[i] as number;
    }
  });
  // Sums of doubles differ in their last digits by the order in which they are made.
  const room = meanScaled * 1e-10;
  const counts = kinds.map(({ count }) => count);
  return {
    start,
    model: {
      numCols,
      numRows,
      colCost,
      colLower,
      colUpper,
      rowLower: Float64Array.from([...counts, ...lower.map((one) => one - room)]),
      rowUpper: Float64Array.from([...counts, ...upper.map((one) => one + room)]),
      integrality: new Int32Array(numCols).fill(1),
      matrix: {
        format: 'csc',
        numRows,
        numCols,
        starts: Int32Array.from({ length: numCols + 1 }, (_, column) => 2 * column),
        indices,
        values,
      },
    },
  };
}

/** The weight that a solution moves, from whole numbers again. */
function movedIn({ kinds, upper }: World, columns: ArrayLike<number>): number {
  const n = upper.length;
  let moved = 0;
  kinds.forEach(({ owner, weight }, k) => {
    for (let i = 0; i < n; i += 1) {
      if (owner !== nobody && owner !== i)
        moved += weight * Math.round(columns[k * n + i] as number);
    }
  });
  return moved;
}
