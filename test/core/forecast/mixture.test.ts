import { describe, expect, it } from 'vitest';
import { Mixture } from '../../../src/core/forecast/mixture.js';
import { seeded } from '../../support/seeded.js';

const forever = Number.POSITIVE_INFINITY;
const of = (...forecasts: number[]): Float64Array => Float64Array.from(forecasts);

describe('a mixture of forecasts', () => {
  it('is the first of them while nobody has proven anything', () => {
    const mixture = new Mixture(2, 'follow', forever);
    expect(mixture.mix(of(5, 9))).toBe(5);
    expect([...mixture.weights]).toEqual([1, 0]);
  });

  it('weighs by regret over squares, in the numbers of its formula', () => {
    const mixture = new Mixture(3, 'follow', forever);
    mixture.mix(of(0, 6, 8));
    // 10 came: the mixture (0) was off by 10, the members by 10, 4 and 2: regrets 0, 6, 8.
    mixture.learn(10, of(0, 6, 8), 0);
    // Weights 6/(64+36) and 8/(64+64), normalised.
    const [second, third] = [6 / 100, 8 / 128];
    expect(mixture.mix(of(100, 1, 2))).toBeCloseTo((second + 2 * third) / (second + third), 12);
    expect(mixture.weights[0]).toBe(0);
  });

  it('combines by the slope of its own error: two that err on either side meet in the middle', () => {
    const random = seeded(2);
    const combine = new Mixture(3, 'combine', forever);
    let mixed = Number.NaN;
    for (let n = 0; n < 3_000; n += 1) {
      const actual = 100 + 10 * random.next();
      const forecasts = of(0, actual - 20, actual + 20);
      mixed = combine.mix(forecasts);
      combine.learn(actual, forecasts, mixed);
    }
    expect(combine.weights[1]).toBeCloseTo(0.5, 1);
    expect(combine.weights[2]).toBeCloseTo(0.5, 1);
  });

  it('follows whoever is best, and forgets at its half-life', () => {
    const follow = new Mixture(2, 'follow', 10);
    const rounds = (count: number, forecasts: Float64Array): void => {
      for (let n = 0; n < count; n += 1) follow.learn(0, forecasts, follow.mix(forecasts));
    };
    rounds(1_000, of(3, 1));
    expect(follow.weights[1]).toBeGreaterThan(0.99);
    rounds(60, of(1, 3));
    expect(follow.weights[0]).toBeGreaterThan(0.9);
  });

  it('neither asks nor judges who says nothing', () => {
    const mixture = new Mixture(2, 'follow', forever);
    const asleep = of(4, Number.NaN);
    mixture.learn(6, asleep, mixture.mix(asleep));
    expect(mixture.mix(asleep)).toBe(4);
    const awake = of(4, 6);
    mixture.learn(6, awake, mixture.mix(awake));
    expect(mixture.mix(awake)).toBe(6);
    // Asleep again, its weight goes to the others: here there is nobody proven, so to the first.
    expect(mixture.mix(asleep)).toBe(4);
  });

  it('does not depend on the scale', () => {
    const ofScale = (scale: number): number => {
      const random = seeded(8);
      const mixture = new Mixture(3, 'combine', 50);
      let mixed = 0;
      for (let n = 0; n < 200; n += 1) {
        const forecasts = of(random.next(), random.next(), random.next()).map((x) => x * scale);
        mixed = mixture.mix(forecasts);
        mixture.learn(random.next() * scale, forecasts, mixed);
      }
      return mixed / scale;
    };
    expect(ofScale(2 ** 40)).toBe(ofScale(1));
    expect(ofScale(2 ** -40)).toBe(ofScale(1));
  });
});
