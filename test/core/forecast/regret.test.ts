// Never much worse than the best of the simple rules, whatever the load is like.
import { describe, expect, it } from 'vitest';
import { measure } from '../../../bench/forecast/measure.js';
import { recordedNames, shapesOf, type Series } from '../../../bench/forecast/recorded.js';
import { shapes, syntheticOf } from '../../../bench/forecast/synthetic.js';

const regretMax = 3;
/** Some seconds of one core each; other work on the machine makes them minutes. */
const patienceMs = 300_000;

/** Series on which it is worse by more, with by how much. */
const broken = (list: readonly Series[]): string[] =>
  list.flatMap((series) => {
    const { regret, best } = measure(series);
    return regret > regretMax ? [`${series.name}: ${regret.toFixed(1)} % worse than ${best}`] : [];
  });

describe('the forecast is at most 3 % worse than the best simple rule', () => {
  it.each(recordedNames)(
    'on %s in other horizons, parts, steps, levels and with losses',
    (name) => expect(broken(shapesOf(name))).toEqual([]),
    patienceMs,
  );

  it.each(shapes)(
    'on made load of $day steps a day, $horizon ahead, $days days',
    (shape) => expect(broken(syntheticOf(shape, 1))).toEqual([]),
    patienceMs,
  );
});
