import { describe, expect, it } from 'vitest';
import { LeastSquares } from '../../../src/core/forecast/least-squares.js';
import { seeded } from '../../support/seeded.js';

/** Learns y = a·x + b by samples. */
function learn(fit: LeastSquares, samples: readonly (readonly [number, number])[]): void {
  for (const [x, y] of samples) {
    fit.regressors.set([1, x]);
    fit.update(y - fit.predict());
  }
}

describe('recursive least squares', () => {
  it("makes the step of its formula: k = Px / (λ + x'Px), w += k·e", () => {
    const fit = new LeastSquares(1, 0.5);
    fit.regressors.set([2]);
    fit.update(6 - fit.predict());
    // P = 1 000: k = 2 000 / (0.5 + 4 000), w = 6·k.
    expect(fit.coefficients[0]).toBeCloseTo((6 * 2_000) / 4_000.5, 12);
  });

  it('agrees with the weighted normal equations, solved by hand', () => {
    const samples = [
      [0, 1],
      [1, 3],
      [2, 4],
      [3, 8],
    ] as const;
    const fit = new LeastSquares(2, 0.9);
    learn(fit, samples);
    // Minimise Σ 0.9^(3-n)·(y - b - a·x)² + 0.9^4/1 000·(a² + b²).
    let [s, sx, sxx, sy, sxy] = [0, 0, 0, 0, 0];
    samples.forEach(([x, y], n) => {
      const weight = 0.9 ** (3 - n);
      s += weight;
      sx += weight * x;
      sxx += weight * x * x;
      sy += weight * y;
      sxy += weight * x * y;
    });
    const ridge = 0.9 ** 4 / 1_000;
    const determinant = (s + ridge) * (sxx + ridge) - sx * sx;
    expect(fit.coefficients[0]).toBeCloseTo((sy * (sxx + ridge) - sx * sxy) / determinant, 9);
    expect(fit.coefficients[1]).toBeCloseTo(((s + ridge) * sxy - sx * sy) / determinant, 9);
  });

  it('counts a sample of half the weight half', () => {
    const twice = new LeastSquares(1, 1);
    const halves = new LeastSquares(1, 1);
    for (const y of [4, 9]) {
      twice.regressors.set([1]);
      twice.update(y - twice.predict());
      for (let half = 0; half < 2; half += 1) {
        halves.regressors.set([1]);
        halves.update(y - halves.predict(), 0.5);
      }
    }
    expect(halves.coefficients[0]).toBeCloseTo(twice.coefficients[0] ?? 0, 9);
  });

  it('stays finite and correct when nothing new comes for long, then a spike, then a new relation', () => {
    const fit = new LeastSquares(2, 0.9995);
    const constant = Array.from({ length: 300_000 }, () => [1, 5] as const);
    learn(fit, constant);
    learn(fit, [[1e6, 5e6]]);
    const random = seeded(11);
    learn(
      fit,
      Array.from({ length: 20_000 }, () => {
        const x = random.next();
        return [x, 3 * x + 2] as const;
      }),
    );
    expect(fit.coefficients[0]).toBeCloseTo(2, 3);
    expect(fit.coefficients[1]).toBeCloseTo(3, 3);
  });

  it('keeps its uncertainty bounded and positive on zeros', () => {
    const fit = new LeastSquares(3, 0.9995);
    for (let n = 0; n < 100_000; n += 1) {
      fit.regressors.set([1, 0, 0]);
      fit.update(0);
    }
    const covariance = (fit.save()['covariance'] as number[]) ?? [];
    expect(covariance.every((entry) => Number.isFinite(entry) && entry <= 1_000_000)).toBe(true);
    expect([covariance[0], covariance[4], covariance[8]].every((v) => (v ?? 0) > 0)).toBe(true);
  });

  it('is the same after being written down and read back', () => {
    const fit = new LeastSquares(2, 0.9);
    learn(fit, [
      [1, 2],
      [2, 3],
      [4, 9],
    ]);
    const again = new LeastSquares(2, 0.9);
    again.load(fit.save());
    learn(fit, [[3, 5]]);
    learn(again, [[3, 5]]);
    expect(again.save()).toEqual(fit.save());
  });
});
