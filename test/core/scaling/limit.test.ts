import { describe, expect, it } from 'vitest';
import { decide, type Decision } from '../../../src/core/scaling/decide.js';
import {
  changesMax,
  emptyMemory,
  remembering,
  type ScalingMemory,
} from '../../../src/core/scaling/memory.js';
import type { Policy } from '../../../src/core/scaling/policy.js';
import type { ScalingSnapshot } from '../../../src/core/scaling/snapshot.js';
import { walk } from './constant-load.js';
import { decideOnce, forecast, kinds, nowMs, policy, samples, snapshot } from './given.js';

const wide = (changes: Partial<Policy> = {}) =>
  policy({ instances: { min: 2, max: 60 }, ...changes });

function decideAfter(memory: Partial<ScalingMemory>, seen: ScalingSnapshot, by: Policy): Decision {
  const whole = { ...emptyMemory, ...memory };
  return decide({ snapshot: seen, policy: by, memory: whole, nowMs }).decision;
}

describe('step limits', () => {
  const doubling = { count: 4, percent: 100, periodMs: 60_000 };

  it('take the larger of a number and a share of the instances at the beginning of the period', () => {
    const by = wide({ steps: { up: doubling, down: null } });
    expect(decideOnce(snapshot([900, 900]), by).desired).toBe(6);
    const ten = snapshot(new Array<number>(10).fill(900));
    expect(decideOnce(ten, by).desired).toBe(20);
  });

  it('are used up by changes of the same direction within the period, and wake when one leaves it', () => {
    const by = wide({ steps: { up: doubling, down: null }, cooldownMs: 0 });
    const seen = snapshot(new Array<number>(6).fill(900), { lastChangeAtMs: nowMs - 20_000 });
    const change = { atMs: nowMs - 20_000, from: 2, to: 6, moved: 0 };
    const used = decideAfter({ changes: [change] }, seen, by);
    expect(used).toMatchObject({ kind: 'skip', wakeAtMs: nowMs + 40_000 });
    const down = { ...change, from: 10, to: 6 };
    expect(decideAfter({ changes: [down] }, seen, by)).toMatchObject({ kind: 'act', desired: 16 });
  });

  it('count one way only where they are given for one way', () => {
    const by = wide({ steps: { up: doubling, down: null } });
    expect(decideOnce(snapshot([10, 10, 10, 10]), by).desired).toBe(3);
  });

  it('never allow more than they say within any period', () => {
    const by = wide({
      steps: { up: { count: 3, percent: 0, periodMs: 300_000 }, down: null },
      cooldownMs: 30_000,
    });
    const events = walk({ policy: by, instances: 2, ticks: 400, load: () => 3_000 });
    for (const { tick } of events) {
      const within = events.filter((other) => other.tick <= tick && other.tick > tick - 20);
      expect(within.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThanOrEqual(3);
    }
    expect(events.at(-1)?.to).toBe(43);
  });
});

describe('the disruption budget', () => {
  const by = wide({ stepMax: 10, disruption: { clientsPerHour: 100 } });

  it('takes a smaller step where the whole would move too many', () => {
    const decision = decideOnce(snapshot(new Array<number>(10).fill(20)), by);
    // From 10 to 3 would move 140 of 200; to 5 it moves 100.
    expect(decision).toMatchObject({ kind: 'act', desired: 5 });
    expect(decision.reasons).toContainEqual({
      kind: 'limited-by-budget',
      wanted: 3,
      moves: 140,
      spent: 0,
      budget: 100,
    });
  });

  it('counts what was really moved where that is more', () => {
    const seen = snapshot([20, 20, 20, 20], { movedLastHour: 90 });
    expect(kinds(decideOnce(seen, by))[0]).toBe('limited-by-budget');
  });

  it('does not keep an overloaded service from growing', () => {
    const decision = decideOnce(snapshot([200, 200, 200]), by);
    expect(decision).toMatchObject({ kind: 'act', desired: 9 });
    expect(kinds(decision)).toContain('urgent');
  });
});

describe('cooldowns', () => {
  it('may differ by direction', () => {
    const by = wide({ cooldownUpMs: 0, cooldownDownMs: 300_000 });
    const lately = { lastChangeAtMs: nowMs - 100_000 };
    expect(decideOnce(snapshot([110, 110], lately), by).kind).toBe('act');
    expect(decideOnce(snapshot([10, 10, 10], lately), by)).toMatchObject({
      kind: 'skip',
      wakeAtMs: nowMs + 200_000,
    });
  });
});

describe('a scheduled floor', () => {
  const friday = Date.UTC(2026, 6, 3, 18); // 20:00 in Berlin
  const by = policy({
    instances: { min: 2, max: 20 },
    floors: [
      {
        days: ['fri'],
        from: '20:00',
        to: '23:00',
        zone: 'Europe/Berlin',
        instances: 12,
        aheadMs: 600_000,
      },
    ],
  });
  const quiet = snapshot([60, 60, 60]);

  it('asks for its instances ahead of time, keeps them, and lets them go', () => {
    expect(decideOnce(quiet, by, friday - 600_001).kind).toBe('skip');
    expect(decideOnce(quiet, by, friday - 600_000)).toMatchObject({ kind: 'act', desired: 4 });
    const twelve = snapshot(new Array<number>(12).fill(5));
    expect(kinds(decideOnce(twelve, by, friday + 3_600_000))).toEqual([
      'limited-by-step',
      'limited-by-floor',
      'below-lower',
    ]);
    expect(decideOnce(twelve, by, friday + 3 * 3_600_000)).toMatchObject({ desired: 11 });
  });

  it('does not hold back a load that needs more', () => {
    const loaded = snapshot(new Array<number>(11).fill(150));
    const decision = decideOnce(loaded, { ...by, stepMax: 20 }, friday);
    expect(decision).toMatchObject({ kind: 'act', desired: 20 });
    expect(kinds(decision)).toEqual(['below-floor', 'above-upper', 'limited-by-max']);
  });
});

describe('a freeze', () => {
  const freeze = { name: 'sale', from: '11:00', to: '23:00', zone: 'UTC' } as const;

  it('lets growth through where it says so, and the minimum in any case', () => {
    const growth = policy({ freezes: [{ ...freeze, allows: 'growth' }] });
    expect(decideOnce(snapshot([110, 110]), growth).kind).toBe('act');
    expect(kinds(decideOnce(snapshot([10, 10, 10]), growth))[0]).toBe('frozen');
    const nothing = policy({ freezes: [{ ...freeze, allows: 'nothing' }] });
    expect(decideOnce(snapshot([60]), nothing)).toMatchObject({ kind: 'act', desired: 2 });
    expect(decideOnce(snapshot([110, 110]), nothing).wakeAtMs).toBe(Date.UTC(2026, 5, 1, 23));
  });
});

describe('what is remembered', () => {
  it('is bounded, whatever was changed', () => {
    let memory = emptyMemory;
    for (let at = 0; at < 3 * changesMax; at += 1) {
      memory = remembering(memory, { atMs: nowMs + at, from: 2, to: 3, moved: 1 });
    }
    expect(memory.changes).toHaveLength(changesMax);
    expect(memory.changes.reduce((sum, { moved }) => sum + moved, 0)).toBe(3 * changesMax);
  });

  it('forgets a change that was refused: nobody was moved', () => {
    const by = wide({ steps: { up: { count: 1, percent: 0, periodMs: 600_000 }, down: null } });
    const asked = decide({
      snapshot: snapshot([110, 110]),
      policy: by,
      memory: emptyMemory,
      nowMs,
    });
    expect(asked.memory.changes).toHaveLength(1);
    const again = { policy: by, memory: asked.memory, nowMs: nowMs + 15_000 };
    expect(decide({ ...again, snapshot: snapshot([110, 110]) }).decision.kind).toBe('act');
    const undone = { lastChangeAtMs: nowMs + 5_000, lastChangeUndone: true };
    const after = decide({ ...again, snapshot: snapshot([110, 110], undone) });
    expect(after.decision.reasons[0]?.kind).toBe('limited-by-rate');
  });
});

describe('a forecast', () => {
  const acting = wide({ forecast: { ...policy().forecast, mode: 'acting' } });

  it('adds instances, and its request says so', () => {
    const seen = snapshot([90, 90], { forecast: forecast() });
    expect(decideOnce(seen, acting)).toMatchObject({ kind: 'act', desired: 3, source: 'forecast' });
  });

  it('never removes any', () => {
    const low = forecast({ value: 1, low: 0, high: 2 });
    for (const clients of [20, 50, 90, 130]) {
      const four = new Array<number>(4).fill(clients);
      const without = decideOnce(snapshot(four), acting);
      expect(decideOnce(snapshot(four, { forecast: low }), acting)).toEqual(without);
    }
  });

  it('is not what removes instances where it only lets fewer go', () => {
    const seen = snapshot([20, 20, 20, 20], { forecast: forecast({ value: 150 }) });
    const decision = decideOnce(seen, acting);
    expect(kinds(decision)).toContain('forecast-ahead');
    expect(decision).toMatchObject({ kind: 'act', desired: 3 });
    expect(decision.source).toBeUndefined();
  });

  it('keeps what it will need, where the load alone would let it go', () => {
    const seen = snapshot([30, 30, 30], { forecast: forecast({ value: 200 }) });
    expect(kinds(decideOnce(seen, acting))).toEqual(['forecast-ahead', 'below-lower']);
    expect(decideOnce(seen, acting).kind).toBe('skip');
  });

  it('is planned for at its upper end where the policy wants that', () => {
    const high = { ...acting, forecast: { ...acting.forecast, plansFor: 'high' } } as const;
    const seen = snapshot([80, 80, 80], { forecast: forecast({ value: 290, high: 330 }) });
    expect(decideOnce(seen, acting).kind).toBe('skip');
    expect(decideOnce(seen, high)).toMatchObject({ kind: 'act', desired: 4 });
  });

  it('does nothing where nothing is measured', () => {
    const seen = snapshot([0, 0], { samples: [], forecast: forecast() });
    expect(decideOnce(seen, acting).kind).toBe('skip');
  });
});

describe('signals', () => {
  const messages = { upper: 1_000, lower: 300, target: 700 };
  const by = wide({ stepMax: 9, signals: { messagesPerSecond: messages } });
  const reading = (total: number, changes = {}) => ({
    signals: [
      { signal: 'messagesPerSecond', total, instances: 4, ageMs: 1_000, ...changes } as const,
    ],
  });
  const four = (clients: number) => new Array<number>(4).fill(clients);

  it('win over the users where they need more instances', () => {
    expect(decideOnce(snapshot(four(70), reading(4_900)), by).desired).toBe(7);
    expect(decideOnce(snapshot(four(110), reading(4_900)), by).desired).toBe(7);
    expect(decideOnce(snapshot(four(200), reading(4_900)), by).desired).toBe(12);
  });

  it('keep what they need between their thresholds, and let go below the lower', () => {
    expect(decideOnce(snapshot(four(20), reading(2_000)), by).kind).toBe('skip');
    expect(decideOnce(snapshot(four(20), reading(1_100)), by).desired).toBe(2);
  });

  it('may add, not remove, when some instances have none', () => {
    const three = { instances: 3 };
    expect(decideOnce(snapshot(four(70), reading(3_300, three)), by).desired).toBe(7);
    expect(kinds(decideOnce(snapshot(four(20), reading(100, three)), by))).toContain(
      'signal-missing',
    );
    const stale = { ageMs: 20_000 };
    expect(decideOnce(snapshot(four(20), reading(100, stale)), by).kind).toBe('skip');
  });
});

describe('one hot instance', () => {
  const by = wide({ balanceBy: 'clients' });

  it('is evened out in place, once in a while, and counts against the budget', () => {
    const hot = { snapshot: snapshot([120, 40]), policy: by, memory: emptyMemory, nowMs };
    const decided = decide(hot);
    expect(decided.decision).toMatchObject({ kind: 'act', desired: 2, source: 'balance' });
    expect(decided.memory.changes).toEqual([{ atMs: nowMs, from: 2, to: 2, moved: 40 }]);
    const soon = decide({ ...hot, memory: decided.memory, nowMs: nowMs + 15_000 });
    expect(kinds(soon.decision)[0]).toBe('balanced-lately');
    const tight = { ...by, disruption: { clientsPerHour: 30 } };
    expect(kinds(decide({ ...hot, policy: tight }).decision)[0]).toBe('limited-by-budget');
  });

  it('is left alone while somebody does not answer, or all are too hot', () => {
    expect(kinds(decideOnce(snapshot([120, 40, 40], { samples: samples(120, 40) }), by))).toEqual([
      'within-thresholds',
      'sample-missing',
    ]);
    expect(decideOnce(snapshot([120, 110]), by)).toMatchObject({ kind: 'act', desired: 3 });
  });
});
