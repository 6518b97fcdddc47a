// Weights in columns: the same answers as adding up one by one.
import { expect, test } from 'vitest';
import { loadOf, weightsOf, type Load } from '../../../src/core/placement/load.js';
import { randomOf } from '../../../bench/random.js';

const seed = 20_26;

function sumOf(weights: readonly number[], from: number, to: number): number {
  return weights.slice(from, to + 1).reduce((a, b) => a + b, 0);
}

/** How many fit, counted one by one. */
function fitOneByOne(weights: readonly number[], limit: number): number {
  let sum = 0;
  const end = weights.findIndex((weight) => (sum += weight) > limit);
  return end < 0 ? weights.length : end;
}

test(`what fits from either end is what adding up one by one says, seed ${seed}`, () => {
  const random = randomOf(seed);
  for (let world = 0; world < 300; world += 1) {
    const size = 1 + Math.floor(random() * 70);
    // Whole numbers, with idle partitions among them: sums are exact in any order.
    const weights = Array.from({ length: size }, () =>
      random() < 0.3 ? 0 : Math.floor(random() * 20),
    );
    const load = loadOf(weightsOf([...weights, 1, 2]));
    const from = Math.floor(random() * size);
    const to = from + Math.floor(random() * (size - from));
    const part = weights.slice(from, to + 1);
    for (const limit of [-1, 0, random() * 30, random() * sumOf(weights, from, to), Infinity]) {
      expect(load.fitLow(from, to, limit)).toBe(fitOneByOne(part, limit));
      expect(load.fitHigh(from, to, limit)).toBe(fitOneByOne(part.toReversed(), limit));
    }
    expect(load.of(from, to)).toBe(sumOf(weights, from, to));
    expect(load.at(from)).toBe(weights[from]);
    expect(load.heaviest).toBe(Math.max(...weights, 2));
  }
});

test(`of many partitions, too, each answer is that of sums of all from the first on, seed ${seed}`, () => {
  const random = randomOf(seed);
  // More than have a mark each, and the last ones behind the last mark.
  const size = 70_003;
  const weights = Array.from({ length: size }, () => (random() < 0.1 ? 0 : random() ** 4));
  const before = [0];
  for (const weight of weights) before.push((before.at(-1) as number) + weight);
  const sum = (from: number, to: number): number =>
    (before[to + 1] as number) - (before[from] as number);
  const load = loadOf(weightsOf(weights));
  for (let world = 0; world < 2_000; world += 1) {
    const from =
      world % 5 === 0 ? size - 1 - Math.floor(random() * 40) : Math.floor(random() * size);
    const to = Math.min(size - 1, from + Math.floor(random() * (world % 3 === 0 ? 12 : 400)));
    const length = to - from + 1;
    expect(load.of(from, to)).toBe(sum(from, to));
    for (const limit of [-1, 0, random(), random() * sum(from, to), sum(from, to), Infinity]) {
      let low = 0;
      while (low < length && sum(from, from + low) <= limit) low += 1;
      let high = 0;
      while (high < length && sum(to - high, to) <= limit) high += 1;
      expect(load.fitLow(from, to, limit)).toBe(low);
      expect(load.fitHigh(from, to, limit)).toBe(high);
    }
  }
});

test('equal weights are counted, whatever they come in', () => {
  const loads: Load[] = [
    loadOf(undefined),
    loadOf(weightsOf([3, 3, 3, 3])),
    loadOf(weightsOf(new Float64Array(4))),
  ];
  expect(loads.map(({ unit }) => unit)).toEqual([1, 3, 0]);
  for (const load of loads) {
    expect(load.uniform).toBe(true);
    expect([load.of(1, 3), load.at(2), load.fitLow(0, 3, 2.5), load.fitHigh(0, 3, -1)]).toEqual([
      3, 1, 2, 0,
    ]);
  }
});

test.each([[[1, NaN]], [[1, -1]], [[1, Infinity]], [new Float64Array([0, NaN])]])(
  'the first weight that is none is named: %j',
  (weights: ArrayLike<number>) => {
    expect(weightsOf(weights).firstWrong).toBe(1);
  },
);
