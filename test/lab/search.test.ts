// The frontier on recorded load, and the rules of others that it is compared with.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { measuredChange } from '../../src/lab/change-model.js';
import { policyFor } from '../../src/lab/default-policy.js';
import { hpaLike, kedaLike, thresholdOnly, type Rule } from '../../src/lab/rules.js';
import { RuleWorld } from '../../src/lab/rule-world.js';
import { cheapestWithin, families, search, type Family, type Point } from '../../src/lab/search.js';
import { replay } from '../../src/lab/replay.js';
import { daily, traceOf, traceOfLines } from './given-trace.js';

const nycTaxi = () =>
  traceOfLines(
    readFileSync(join('test', 'data', 'load', 'nyc_taxi.csv'), 'utf8')
      .trim()
      .split('\n'),
  );

/** Seconds on an idle machine. */
const replayWithinMs = 120_000;

/** 1 000 users per instance, lead time one row, evaluated once a row, scored from row 1337. */
describe('the frontier on nyc_taxi', () => {
  let points: readonly Point[] = [];
  beforeAll(() => {
    // With a cooldown of a minute the next decision can be made at the next row.
    const change = { ...measuredChange, fixedGrowthMs: 29 * 60_000 };
    const setting = { change, capacity: 1_000, everyMs: 1_800_000 };
    const targetShares = [0.6, 0.7, 0.75, 0.95];
    points = search(nycTaxi(), policyFor(757, 60), setting, { from: 1_337, targetShares });
  }, replayWithinMs);
  const of = (family: Family) => points.filter((point) => point.family === family);

  it('has the known figures of thresholds only: 2 220 minutes of overload for 115 754 hours', () => {
    const [point] = of('threshold only').filter(({ target }) => target === 600);
    expect(point?.overloadMinutes).toBe(2_220);
    expect(point?.instanceHours).toBeCloseTo(115_754, -1);
  });

  it('needs 30 % fewer instance-hours for 2 000 minutes, and moves fewer people', () => {
    const best = cheapestWithin(points, 2_000)[families.indexOf('with forecast')];
    expect(best?.instanceHours).toBeLessThanOrEqual(81_100);
    const threshold = of('threshold only').map(({ clientsMoved }) => clientsMoved);
    expect(best?.clientsMoved).toBeLessThanOrEqual(Math.min(...threshold));
  });

  it('has at most 140 minutes of overload within 115 000 hours, where thresholds have 2 220', () => {
    const safe = of('with forecast').filter(({ instanceHours }) => instanceHours <= 115_000);
    expect(Math.min(...safe.map(({ overloadMinutes }) => overloadMinutes))).toBeLessThanOrEqual(
      140,
    );
    const [hpa] = of('HPA-like').filter(({ target }) => target === 600);
    expect(hpa?.overloadMinutes).toBeGreaterThan(2_000);
  });

  it('does so, too, when it is looked at every 5 minutes with the windows of the policy', () => {
    const change = { ...measuredChange, fixedGrowthMs: 29 * 60_000 };
    const setting = { change, capacity: 1_000, everyMs: 300_000 };
    const options = { from: 1_337, targetShares: [0.6, 0.975] };
    const looked = search(nycTaxi(), policyFor(757, 60), setting, options);
    const best = cheapestWithin(looked, 2_000)[families.indexOf('with forecast')];
    expect(best?.instanceHours).toBeLessThanOrEqual(81_100);
    const thresholds = looked.filter(({ family }) => family === 'threshold only');
    const fewest = Math.min(...thresholds.map(({ clientsMoved }) => clientsMoved));
    expect(best?.clientsMoved).toBeLessThanOrEqual(fewest);
  });

  it('names as the frontier whom nobody of its family beats', () => {
    for (const family of families) {
      const best = cheapestWithin(points, Infinity)[families.indexOf(family)];
      expect(best?.frontier, family).toBe(true);
    }
    const beaten = points.find(({ frontier }) => !frontier);
    const better = points.filter(
      (one) =>
        one.family === beaten?.family &&
        one.cost <= beaten.cost &&
        one.overloadMinutes <= beaten.overloadMinutes &&
        one.clientsMoved <= beaten.clientsMoved,
    );
    expect(better.length).toBeGreaterThan(1); // Itself and another.
  });
});

describe('rules of others', () => {
  /** What a rule asks for, step by step, at a target of 100 users. */
  const asked = (rule: Rule, loads: readonly number[], everyMs: number, first = 1): number[] => {
    let instances = first;
    return loads.map((load, at) => (instances = rule.desired(at * everyMs, load, instances)));
  };

  it('threshold only: as many as the load needs, at once', () => {
    expect(asked(thresholdOnly(100, 15_000), [100, 101, 1_000, 0], 15_000)).toEqual([1, 2, 10, 1]);
  });

  it('HPA-like: nothing within 10 %, and at most doubled or 4 more in 15 s', () => {
    expect(asked(hpaLike(100, 15_000), [1_090, 1_110, 5_000, 5_000], 15_000, 10)).toEqual([
      10, 12, 24, 48,
    ]);
    expect(asked(hpaLike(100, 15_000), [900, 900], 15_000)).toEqual([5, 9]);
    // Looked at once a minute, it has had four syncs in between: 4 more, doubled thrice.
    expect(asked(hpaLike(100, 60_000), [9_000], 60_000)).toEqual([40]);
  });

  it('HPA-like: down to the most that was wanted in five minutes', () => {
    const loads = [1_000, 500, ...new Array<number>(20).fill(300)];
    const instances = asked(hpaLike(100, 15_000), loads, 15_000, 10);
    expect(instances.slice(0, 20)).toEqual(new Array<number>(20).fill(10));
    expect(instances.slice(20)).toEqual([5, 3]);
  });

  it('KEDA-like: reads every 30 s, and goes to zero after 300 s without load', () => {
    expect(asked(kedaLike(100, 15_000), [100, 400, 400, 900, 900], 15_000)).toEqual([
      1, 1, 4, 4, 8,
    ]);
    const idle = asked(kedaLike(100, 30_000), [100, ...new Array<number>(12).fill(0)], 30_000);
    expect(idle.slice(0, 10)).toEqual(new Array<number>(10).fill(1));
    expect(idle.slice(10)).toEqual([0, 0, 0]);
  });

  it('serve after their lead time, and what is given up meanwhile never serves', () => {
    const trace = traceOf([100, 500, 500, 200, 200, 200], 60_000);
    const world = new RuleWorld({
      name: 'threshold only',
      rule: thresholdOnly(100, 60_000),
      capacity: 100,
      change: { ...measuredChange, fixedGrowthMs: 180_000 },
      stepMs: 60_000,
      ticksPerRow: 1,
      instances: 1,
    });
    const served: number[] = [];
    replay({ trace, seats: [{ world }], from: 0, eachRow: () => served.push(world.instances) });
    // Four more were asked for at row 1, three of them given up at row 3, and one serves at row 4.
    expect(served).toEqual([1, 1, 1, 1, 2, 2]);
    const { overloadMinutes, scaleEvents, preparingHours } = world.figures();
    expect([overloadMinutes, scaleEvents]).toEqual([3, { up: 1, down: 0 }]);
    expect(preparingHours).toBeCloseTo((4 + 4) / 60, 9); // At rows 2 and 3.
  });
});

describe('a search', () => {
  it('prices what it found when the policy has prices', () => {
    const price = { perInstanceHour: 1, perDisconnect: 0.001 };
    const base = { ...policyFor(100, 60), price };
    const setting = { change: measuredChange, everyMs: 300_000 };
    const options = { from: 0, targetShares: [0.8] };
    const points = search(traceOf(daily(2, 2_000)), base, setting, options);
    for (const { cost, instanceHours, clientsMoved } of points)
      expect(cost).toBeCloseTo(instanceHours + 0.001 * clientsMoved, 6);
  });
});
