// Prints what walks of random scale events reach, as a Markdown table: one line a kind of walk and
// seed. Arguments: how many seeds, how many events.
import { walk, type WalkInput, type WalkResult } from './walk.js';

const [seeds = '3', events = '500', only = ''] = process.argv.slice(2);
const kinds: readonly (readonly [WalkInput['weights'], tolerance: number, stepMax: number])[] = [
  ['equal', 0, 1],
  ['equal', 0.02, 1],
  ['equal', 0.05, 1],
  ['equal', 0.1, 1],
  ['equal', 0.2, 1],
  ['equal', 0, 5],
  ['equal', 0.1, 5],
  ['log-normal', 0.1, 1],
  ['log-normal', 0.1, 5],
];

process.stdout.write(
  '| weights | tolerance | step | seed | moved ÷ bounds | at each 100th: n, mean ranges / max | max/mean | min/mean |\n' +
    '| --- | --- | --- | --- | --- | --- | --- | --- |\n',
);
for (const [weights, tolerance, stepMax] of kinds) {
  if (!`${weights} ${tolerance} ${stepMax}`.includes(only)) continue;
  for (let seed = 1; seed <= Number(seeds); seed += 1) {
    const result = walk({
      seed,
      events: Number(events),
      partitions: 20_000,
      tolerance,
      instances: [20, 80],
      stepMax,
      weights,
      sampleEvery: 100,
    });
    process.stdout.write(
      `| ${weights} | ${tolerance} | ${stepMax} | ${seed} | ${line(result)} |\n`,
    );
  }
}

function line({ moved, bound, samples }: WalkResult): string {
  const each = samples.map(
    ({ instances, meanRanges, maxRanges }) =>
      `${instances}: ${meanRanges.toFixed(2)} / ${maxRanges}`,
  );
  const most = Math.max(...samples.map(({ maxOverMean }) => maxOverMean));
  const least = Math.min(...samples.map(({ minOverMean }) => minOverMean));
  return `${(moved / bound).toFixed(4)} | ${each.join(', ')} | ${most.toFixed(3)} | ${least.toFixed(3)}`;
}
