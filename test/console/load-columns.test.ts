// What the chart is given: real forecasts, and such as never should come.
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../console/src/load-columns.js';
import type { LoadPicture } from '../../src/console/picture.js';

const nothing = { clients: [], upper: [], lower: [], foreseen: [], low: [], high: [] };
const loadOf = (atMs: number[], changed: Partial<Record<keyof typeof nothing, unknown[]>>) => {
  const empty = atMs.map(() => null);
  const columns = Object.keys(nothing).map((name) => [name, empty]);
  return { atMs, ...Object.fromEntries(columns), ...changed } as unknown as LoadPicture;
};
/** Columns by name. */
const drawn = (load: LoadPicture) => {
  const [times, clients, upper, lower, foreseen, low, high] = columnsOf(load);
  return { times, clients, upper, lower, foreseen, low, high };
};

describe('the chart', () => {
  it('gets a band that is never upside down', () => {
    const load = loadOf([1_000, 2_000], { foreseen: [10, 10], low: [12, 5], high: [8, 20] });
    expect(drawn(load)).toMatchObject({ foreseen: [10, 10], low: [8, 5], high: [12, 20] });
  });

  it('gets a band of no width as one, and none where a bound is missing', () => {
    const load = loadOf([1_000, 2_000, 3_000], {
      ...{ foreseen: [10, 11, null], low: [10, null, 3], high: [10, 20, 4] },
    });
    expect(drawn(load)).toMatchObject({
      foreseen: [10, 11, undefined],
      low: [10, undefined, undefined],
      high: [10, undefined, undefined],
    });
  });

  it.each([NaN, Infinity, -Infinity, undefined, 'many'])('gets no %s', (odd) => {
    const load = loadOf([1_000, 2_000], {
      ...{ clients: [odd, 7], upper: [odd, 9], foreseen: [odd, 4], low: [1, odd], high: [2, 5] },
    });
    const numbers = columnsOf(load)
      .flat()
      .filter((cell) => cell != null);
    expect(numbers.every((cell) => Number.isFinite(cell))).toBe(true);
    expect(drawn(load)).toMatchObject({
      ...{ clients: [undefined, 7], foreseen: [undefined, 4], low: [undefined, undefined] },
    });
  });

  it('gets no load and no bound below nothing', () => {
    const load = loadOf([1_000], { clients: [-3], foreseen: [1], low: [-40], high: [2] });
    expect(drawn(load)).toMatchObject({ clients: [0], low: [0], high: [2] });
  });

  it('gets rows in the order of time, each moment once', () => {
    const load = loadOf([3_000, 1_000, 1_000, NaN], { clients: [3, 1, null, 9] });
    expect(drawn(load)).toMatchObject({ times: [1, 3], clients: [1, 3] });
  });

  it('draws on between rows of the other kind, and ends a line where nothing was known for long', () => {
    const minute = 60_000;
    const atMs = [0, 1, 2, 3, 20, 21].map((at) => at * minute);
    const load = loadOf(atMs, {
      clients: [1, null, 2, null, 3, 4],
      foreseen: [null, 5, null, 5, null, null],
    });
    const { times, clients, foreseen } = drawn(load);
    expect(times).toEqual([0, 60, 120, 180, 660, 1_200, 1_260]);
    expect(clients).toEqual([1, undefined, 2, undefined, null, 3, 4]);
    expect(foreseen).toEqual([undefined, 5, undefined, 5, ...[undefined, undefined, undefined]]);
  });

  it('gets nothing for nothing', () => {
    expect(columnsOf({ atMs: [], ...nothing })).toEqual([[], [], [], [], [], [], []]);
  });
});
