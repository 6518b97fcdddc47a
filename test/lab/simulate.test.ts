// The replay: the figures of small made loads, counted by hand, and what production would have decided.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/scaling/decide.js';
import { lint } from '../../src/core/scaling/lint.js';
import { emptyMemory } from '../../src/core/scaling/memory.js';
import { completePolicy, type Policy, type StoredPolicy } from '../../src/core/scaling/policy.js';
import { changeMs, growthMs, measuredChange } from '../../src/lab/change-model.js';
import { defaultPolicy } from '../../src/lab/default-policy.js';
import { simulate, type Report, type Setting } from '../../src/lab/simulate.js';
import { normal } from '../core/scaling/constant-load.js';
import { seeded } from '../support/seeded.js';
import { daily, startMs, traceOf } from './given-trace.js';

const instant: Setting = { change: { ...measuredChange, fixedGrowthMs: 0 } };

function policy(changes: Partial<StoredPolicy> = {}): Policy {
  return completePolicy({
    service: 'messaging',
    partitions: 360,
    instances: { min: 1, max: 50 },
    clientsPerInstance: { upper: 100, lower: 60, target: 80 },
    forecast: { mode: 'off' },
    ...changes,
  });
}

function one(
  values: readonly number[],
  of = policy(),
  setting: Setting = instant,
  from = 0,
): Report {
  const [report] = simulate(traceOf(values), [{ name: 'p', policy: of }], setting, { from });
  if (report === undefined) throw new Error('no report');
  return report;
}

describe('a replay', () => {
  it('begins with what the first row needs, and leaves a constant load alone', () => {
    const report = one(new Array<number>(288).fill(320));
    expect(report.instances).toEqual({ min: 4, max: 4, mean: 4 });
    expect(report.instanceHours).toBe(96);
    expect(report.ticks).toBe(288 * 20);
    expect(report.decisions).toEqual({ act: 0, skip: 5_760 });
    expect(report.overloadMinutes).toBe(0);
    expect(report.clientsMoved).toBe(0);
    expect(report.reasons).toEqual({ 'within-thresholds': 5_760 });
    expect(report.policy).toMatchObject({ target: 80, capacity: 100, everyMs: 15_000 });
  });

  it('counts overload from the moment of a jump until who was asked for serves', () => {
    // Twenty evaluations a row: 320 users, then within a row up to 800, which is urgent (above 130 each).
    const values = [...new Array<number>(10).fill(320), ...new Array<number>(30).fill(800)];
    const steps = { up: { count: 50, percent: 0, periodMs: 60_000 } };
    const slow: Setting = {
      change: { ...measuredChange, fixedGrowthMs: 600_000 },
      everyMs: 300_000,
    };
    const report = one(values, policy({ steps }), slow);
    // Seen at row 10, serving from row 12 on: two rows of 5 min with 4 instances of 100.
    expect(report.overloadMinutes).toBe(10);
    expect(report.scaleEvents).toEqual({ up: 1, down: 0 });
    expect(report.clientsMoved).toBe(800 * (6 / 10));
    expect(report.instances).toMatchObject({ min: 4, max: 10 });
    expect(report.preparingHours).toBeCloseTo(6 * (5 / 60), 9); // The tick at row 11; at 12 they serve.
    expect(report.reasons['rebalance-running']).toBe(1);
  });

  it('lets a warm spare serve without its start, and starts its successor', () => {
    // Two jumps by one instance each, half an hour apart; a start takes 20 minutes.
    const level = (users: number): number[] => new Array<number>(6).fill(users);
    const values = [...level(320), ...level(410), ...level(490), ...level(490)];
    const slow: Setting = { change: { ...measuredChange, fixedGrowthMs: 1_200_000 } };
    const cold = one(values, policy(), slow);
    const warm = one(values, policy({ warmSpares: 1 }), slow);
    expect(cold.scaleEvents).toEqual({ up: 2, down: 0 });
    expect(warm.scaleEvents).toEqual(cold.scaleEvents);
    // The window of a minute, and seconds for the people: the spare makes up for the start.
    expect(cold.overloadMinutes).toBeGreaterThan(15);
    expect(warm.overloadMinutes).toBeLessThan(2);
    // Paid all the time: two hours.
    expect(warm.preparingHours).toBeGreaterThan(1.9);
  });

  it('decides at each tick what production decides on the same snapshot', () => {
    // The first act of the replay, made again by hand from what the service looked like then.
    const jump = [320, 320, 900, 900, 900];
    const report = one(jump, policy(), { ...instant, everyMs: 300_000 });
    const members = ['messaging-0', 'messaging-1', 'messaging-2', 'messaging-3'];
    let memory = emptyMemory;
    const kinds = [320, 320, 900].map((load, row) => {
      const snapshot = {
        members,
        ready: 4,
        samples: members.map((instance) => ({ instance, clients: load / 4, ageMs: 0 })),
        lastChangeAtMs: null,
        lastChangeUndone: false,
        rebalanceRunning: false,
        unfinished: null,
      };
      const input = { snapshot, memory, nowMs: startMs + row * 300_000 };
      const decided = decide({ ...input, policy: policy({ scheduleEveryMs: 300_000 }) });
      memory = decided.memory;
      return decided.decision.kind;
    });
    expect(kinds).toEqual(['skip', 'skip', 'act']);
    expect(report.decisions.act).toBe(3); // Rows 2, 3 and 4, one instance each.
  });

  it('counts from a row on, and has lived through those before it', () => {
    const values = daily(4, 2_000);
    const whole = one(values);
    const later = one(values, policy(), instant, 288);
    expect(later.ticks).toBe(3 * 288 * 20);
    expect(later.instances.min).toBeGreaterThan(0);
    expect(later.scaleEvents.up).toBeLessThan(whole.scaleEvents.up);
  });

  it('gives each policy the figures that it has alone', () => {
    const trace = traceOf(daily(10, 2_000));
    const policies = [
      { name: 'a', policy: policy({ forecast: { mode: 'acting' } }) },
      { name: 'b', policy: policy({ stabilisation: { downMs: 3_600_000 } }) },
    ];
    const options = { from: 1_000 };
    const both = simulate(trace, policies, instant, options);
    const alone = policies.map((named) => simulate(trace, [named], instant, options)[0]);
    expect(both).toEqual(alone);
    expect(both[0]?.forecast.acted).toBeGreaterThan(0);
    expect(both[0]?.forecast.trusted).toBeGreaterThan(0.5);
    expect(both[1]?.forecast.acted).toBe(0);
    expect(both[1]?.clientsMoved).toBeLessThan(both[0]?.clientsMoved ?? 0);
  });

  it('does what a dry run would do', () => {
    const values = daily(2, 2_000);
    expect(one(values, policy({ mode: 'dry-run' }))).toEqual(one(values));
  });

  it('prices instance-hours and moves', () => {
    const price = { perInstanceHour: 2, perDisconnect: 0.5 };
    const { cost, instanceHours, preparingHours, clientsMoved } = one(
      daily(2, 2_000),
      policy({ price }),
    );
    expect(cost).toBeCloseTo(2 * (instanceHours + preparingHours) + 0.5 * clientsMoved, 6);
    expect(one(daily(2, 2_000)).cost).toBeNull();
  });

  it('never scores a filled row, and learns from none', () => {
    const trace = { ...traceOf(daily(3, 2_000)), filled: new Set([10, 600]) };
    const [report] = simulate(trace, [{ name: 'p', policy: policy() }], instant, { from: 0 });
    expect(report?.forecast.rows).toBe(3 * 288 - 2 - 1); // And the first cannot be forecast.
  });
});

describe('the default policy', () => {
  it('needs 20 instances for the mean of the trace', () => {
    const trace = traceOf([100, 300]);
    expect(defaultPolicy(trace)?.clientsPerInstance.target).toBe(10);
    expect(defaultPolicy(traceOf([0, 0]))).toBeUndefined();
  });
});

describe('the default policy of a trace', () => {
  it('scales nothing after the first change on 30 days of constant load with 5 % noise', () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const noise = Array.from({ length: 30 * 288 }, () =>
        Math.round(10_000 * (1 + 0.05 * normal(() => random.next()))),
      );
      const trace = traceOf([10_000, ...noise]);
      const by = defaultPolicy(trace);
      if (by === undefined) throw new Error('a trace with load');
      const { scaleEvents } = one([10_000, ...noise], by, { change: measuredChange });
      expect(scaleEvents.up + scaleEvents.down).toBeLessThanOrEqual(1);
    }
  });

  it('has thresholds that its own linter has nothing against', () => {
    const by = defaultPolicy(traceOf([10_000, 30_000]));
    const fields = by === undefined ? ['none'] : lint(by).map(({ field }) => field);
    expect(fields.filter((field) => field.startsWith('clientsPerInstance'))).toEqual([]);
  });
});

describe('the model of a change', () => {
  it('is what was measured: 72 clients over one instance in 1.4 s, without its start', () => {
    const tookMs = changeMs(measuredChange, { from: 3, to: 4, clients: 288 });
    expect(tookMs - measuredChange.startMs).toBeCloseTo(1_426, -2);
    // A shrink was seen to take 1 574 ms for 69 clients.
    expect(changeMs(measuredChange, { from: 4, to: 3, clients: 276 })).toBeCloseTo(1_440, -1);
  });

  it('takes the time of one instance, however many come side by side', () => {
    const clients = 1_200;
    expect(changeMs(measuredChange, { from: 6, to: 12, clients })).toBe(
      changeMs(measuredChange, { from: 11, to: 12, clients }),
    );
    expect(growthMs(measuredChange, 1_000)).toBe(11_750);
  });
});
