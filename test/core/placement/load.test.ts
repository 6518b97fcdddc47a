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
