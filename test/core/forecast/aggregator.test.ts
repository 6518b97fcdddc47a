import { describe, expect, it } from 'vitest';
import { Aggregator, pauseMaxDays } from '../../../src/core/forecast/aggregator.js';
import { dayMs } from '../../../src/core/forecast/grid.js';

type Step = readonly [startMs: number, mean: number | undefined];

const stepMs = 300_000;

function stepsOf(
  samples: readonly (readonly [atMs: number, value: number | undefined])[],
  aggregator = new Aggregator({ stepMs }),
): Step[] {
  const steps: Step[] = [];
  for (const [atMs, value] of samples) {
    aggregator.add(atMs, value, (startMs, mean) => steps.push([startMs, mean]));
  }
  return steps;
}

describe('the aggregation to steps', () => {
  it('tells the mean of a step when the next one begins, and nothing of the one at hand', () => {
    const samples = [
      [0, 10],
      [15_000, 20],
      [stepMs - 1, 30],
      [stepMs, 1_000],
      [stepMs + 15_000, 2_000],
    ] as const;
    expect(stepsOf(samples.slice(0, 3))).toEqual([]);
    expect(stepsOf(samples)).toEqual([[0, 20]]);
  });

  it('begins steps at whole multiples, wherever the first sample lies', () => {
    expect(
      stepsOf([
        [stepMs + 100_000, 7],
        [2 * stepMs, 9],
      ]),
    ).toEqual([[stepMs, 7]]);
  });

  it('tells steps without a sample as gaps', () => {
    expect(
      stepsOf([
        [0, 5],
        [3 * stepMs, 6],
      ]),
    ).toEqual([
      [0, 5],
      [stepMs, undefined],
      [2 * stepMs, undefined],
    ]);
  });

  it('takes no value from samples that could not be had', () => {
    expect(
      stepsOf([
        [0, undefined],
        [15_000, Number.NaN],
        [30_000, Infinity],
        [stepMs, 8],
        [stepMs + 1, undefined],
        [2 * stepMs, 1],
      ]),
    ).toEqual([
      [0, undefined],
      [stepMs, 8],
    ]);
  });

  it('tells a step with too few samples as a gap', () => {
    const aggregator = new Aggregator({ stepMs, samplesMin: 2 });
    expect(
      stepsOf(
        [
          [0, 5],
          [stepMs, 6],
          [stepMs + 1, 8],
          [2 * stepMs, 1],
        ],
        aggregator,
      ),
    ).toEqual([
      [0, undefined],
      [stepMs, 7],
    ]);
  });

  it('leaves out a sample of a step that is over, and says so', () => {
    const aggregator = new Aggregator({ stepMs });
    const none = (): void => undefined;
    expect(aggregator.add(stepMs, 5, none)).toBe(true);
    expect(aggregator.add(stepMs - 1, 900, none)).toBe(false);
    expect(stepsOf([[2 * stepMs, 1]], aggregator)).toEqual([[stepMs, 5]]);
  });

  it('shortens a pause of years by whole weeks', () => {
    const years = 40 * 365 * dayMs;
    const steps = stepsOf([
      [0, 5],
      [years, 6],
    ]);
    const gaps = steps.length - 1;
    expect(gaps * stepMs).toBeLessThanOrEqual(pauseMaxDays * dayMs);
    expect(gaps * stepMs).toBeGreaterThan((pauseMaxDays - 8) * dayMs);
    expect((years / stepMs - 1 - gaps) % (7 * 288)).toBe(0);
    expect(steps.at(-1)).toEqual([years - stepMs, undefined]);
  });

  it('goes on from what it wrote down', () => {
    const first = new Aggregator({ stepMs });
    stepsOf([[0, 10]], first);
    const second = new Aggregator({ stepMs });
    second.load(first.save());
    const rest = [
      [15_000, 30],
      [stepMs, 1],
    ] as const;
    expect(stepsOf(rest, second)).toEqual([[0, 20]]);
    const fresh = new Aggregator({ stepMs });
    fresh.load(new Aggregator({ stepMs }).save());
    expect(stepsOf(rest, fresh)).toEqual([[0, 30]]);
  });
});
