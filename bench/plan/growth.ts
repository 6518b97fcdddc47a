// Owns: the growth curve: the time of our planner against P and against the number of ranges R, and
// the same per unit of P + R log R, which must not rise. No peers: they have one algorithm each.
import type { BenchCase } from '../report.js';
import type { Patience } from '../timing.js';
import { compare } from './compare.js';
import { growthScenario, startOf, type Scenario } from './scenarios.js';

const partitionsFull = [15_625, 62_500, 250_000, 1_000_000];
const partitionsQuick = [1_000, 4_000];
const fragmentsFull = [1, 4, 16, 64];
const fragmentsQuick = [1, 4];
const partitionsPerInstance = 200;

export function growthScenarios(quick: boolean, seed: number): Scenario[] {
  const sizes = quick ? partitionsQuick : partitionsFull;
  const largest = sizes.at(-1) as number;
  const fragments = quick ? fragmentsQuick : fragmentsFull;
  const of = (what: string, weighted: boolean, partitions: number, pieces: number): Scenario =>
    growthScenario(
      `growth over ${what}, ${weighted ? 'weighted' : 'equal'}`,
      { partitions, from: partitions / partitionsPerInstance },
      pieces,
      weighted,
      seed,
    );
  return [false, true].flatMap((weighted) => [
    ...sizes.map((partitions) => of('P', weighted, partitions, 1)),
    ...fragments.map((pieces) => of('R', weighted, largest, pieces)),
  ]);
}

export async function growthCase(scenario: Scenario, patience: Patience): Promise<BenchCase> {
  const { params, ours, name } = await compare(scenario, {
    patience,
    peersPatience: patience,
    jvmPatience: patience,
    peers: [],
    kafka: 'a growth curve has no peers',
  });
  const ranges = countRanges(scenario);
  const { partitions } = scenario.change;
  const work = partitions + ranges * Math.log2(ranges);
  const nsPerWork = ((ours['ms'] as number) * 1e6) / work;
  return { name, params: { ...params, ranges }, ours: { ...ours, nsPerWork }, peers: [] };
}

function countRanges(scenario: Scenario): number {
  const owners = startOf(scenario);
  let ranges = 1;
  for (let p = 1; p < owners.length; p += 1) if (owners[p] !== owners[p - 1]) ranges += 1;
  return ranges;
}
