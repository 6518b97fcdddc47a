// The measures by which planners are compared, on distributions small enough to count by hand.
import { expect, test } from 'vitest';
import { balanceOf, boundOf, movedWeight, ratio } from '../../bench/plan/measures.js';
import { assertTiling, ownersOf, rangesOf } from '../../bench/plan/owners.js';

const owners = (...of: number[]): Int32Array => Int32Array.from(of);

test('moved is the weight of the partitions that had another owner', () => {
  const before = owners(0, 0, 0, 1, 1, 1);
  const after = owners(0, 0, 2, 1, 1, 2);
  expect(movedWeight(before, after)).toBe(2);
  expect(movedWeight(before, after, Float64Array.of(1, 2, 4, 8, 16, 32))).toBe(36);
});

test('what nobody owned is not moved', () => {
  expect(movedWeight(owners(-1, 0), owners(1, 0))).toBe(0);
});

test('balance is the fullest and the emptiest instance over the mean, and ranges are counted', () => {
  expect(balanceOf(owners(0, 1, 0, 0), 2)).toEqual({
    maxOverMean: 1.5,
    minOverMean: 0.5,
    rangesPerInstance: 1.5,
    rangesMax: 2,
  });
  const weighted = balanceOf(owners(0, 1, 0, 0), 2, Float64Array.of(1, 9, 1, 1));
  expect(weighted.maxOverMean).toBe(1.5);
  expect(balanceOf(owners(0, 0), 2)).toMatchObject({ minOverMean: 0, rangesPerInstance: 0.5 });
});

test('by count the bound is the minimum: the fullest keep the larger shares', () => {
  const change = { partitions: 7, instancesBefore: 2, instancesAfter: 3, tolerance: 0 };
  // Shares of 7 are 3, 2, 2: instance 1 keeps 3 of its 4, instance 0 keeps 2 of its 3.
  expect(boundOf(change, owners(0, 0, 0, 1, 1, 1, 1))).toBe(2);
  expect(boundOf({ ...change, partitions: 8 }, owners(0, 0, 0, 0, 1, 1, 1, 1))).toBe(2);
});

test('everything of an instance that leaves is in the bound', () => {
  const change = { partitions: 6, instancesBefore: 3, instancesAfter: 2, tolerance: 0 };
  expect(boundOf(change, owners(0, 0, 1, 1, 2, 2))).toBe(2);
});

test('with a tolerance donors lose what is above it, or the new get what is below, the larger', () => {
  const weights = Float64Array.of(6, 6, 3, 3);
  const change = { partitions: 4, instancesBefore: 2, instancesAfter: 3, weights, tolerance: 0.1 };
  // Mean 6: instance 0 has 12 and may keep 6.6; the new one must get 5.4.
  expect(boundOf(change, owners(0, 0, 1, 1))).toBeCloseTo(5.4, 6);
  expect(boundOf({ ...change, tolerance: 0.5 }, owners(0, 0, 1, 1))).toBeCloseTo(3, 6);
  expect(boundOf({ ...change, tolerance: 0.5 }, owners(0, 0, 0, 1))).toBeCloseTo(6, 6);
});

test('nothing moved where nothing had to is 1, something is infinitely too much', () => {
  expect([ratio(0, 0), ratio(1, 0), ratio(3, 2)]).toEqual([1, Infinity, 1.5]);
});

test('owners and ranges say the same', () => {
  const of = owners(0, 1, 1, 0, 2);
  const ranges = rangesOf(of, 3);
  expect(ranges).toEqual([[[0, 0], [3, 3]], [[1, 2]], [[4, 4]]]); // prettier-ignore
  const named = Object.fromEntries(ranges.map((own, i) => [`messaging-${i}`, own]));
  expect(ownersOf(5, named)).toEqual(of);
});

test.each([
  [owners(0, 1), 'answered 2 of 3 partitions'],
  [owners(0, -1, 0), 'gave partition 1 to -1'],
  [owners(0, 1, 2), 'gave partition 2 to 2'],
])('an answer that is no tiling is named: %j', (of, sentence) => {
  expect(() => assertTiling('somebody', of, 3, 2)).toThrow(`somebody ${sentence}`);
});
