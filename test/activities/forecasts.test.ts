// The forecast that a worker keeps of a service: learnt from its history, within a time, and the same
// whoever learns it.
import { describe, expect, it } from 'vitest';
import { createForecasts, learnWithinMs, type Foreseen } from '../../activities/forecasts.js';
import type { LoadHistory } from '../../activities/load-history.js';
import { UnreachableError } from '../../src/errors.js';
import type { Policy } from '../../src/core/scaling/policy.js';
import { policy } from '../core/scaling/given.js';

const minute = 60_000;
const stepMs = 5 * minute;
const day = 24 * 60 * minute;
const nowMs = Date.UTC(2026, 5, 8, 17, 56);
const leadMs = 10 * minute;

/** Twice as many within half an hour at 18:00 every day, with a little noise that repeats nowhere. */
function load(atMs: number): number {
  const ofDay = (atMs % day) / minute;
  const risen = Math.min(1, Math.max(0, (ofDay - 18 * 60) / 30));
  const fallen = Math.min(1, Math.max(0, (ofDay - 22 * 60) / 30));
  return 100 + 100 * (risen - fallen) + Math.sin(atMs / 777_777) * 2;
}

/** Known from `sinceMs` on. */
function past(sinceMs: number) {
  const asked: (readonly [number, number])[] = [];
  const history: LoadHistory = async (fromMs, untilMs) => {
    asked.push([fromMs, untilMs]);
    const steps = Math.floor((untilMs - fromMs) / stepMs);
    return Array.from({ length: steps }, (_, at) => {
      const atMs = fromMs + at * stepMs;
      return atMs < sinceMs ? undefined : load(atMs);
    });
  };
  return { asked, history };
}

const acting: Policy = policy({ forecast: { ...policy().forecast, mode: 'acting' } });
const forecastIn = (foreseen: Foreseen) => {
  if (foreseen.kind !== 'forecast') throw new Error(foreseen.why);
  return foreseen.forecast;
};

describe('a forecast', () => {
  it('sees what comes one lead time ahead, and has earned to act', async () => {
    const { history } = past(nowMs - 8 * day);
    const found = await createForecasts(() => 0).of(acting, leadMs, history, nowMs);
    const { value, low, high, acts, why, horizonMs } = forecastIn(found);
    // In ten minutes it is 18:06, and at 17:56 there are 100.
    expect(load(nowMs)).toBeLessThan(103);
    expect(value).toBeGreaterThan(110);
    expect(value).toBeLessThan(135);
    expect([low <= value, value <= high, acts, horizonMs]).toEqual([true, true, true, leadMs]);
    expect(why).toMatch(/^its error was .* %, that of the last value .* %$/);
  });

  it('follows the clock of the zone that the policy names, on the day that it is changed', async () => {
    const eveningMs = Date.UTC(2026, 2, 29, 15, 56); // 17:56 in Berlin, since this morning.
    const changedMs = Date.UTC(2026, 2, 29, 1);
    const inBerlin = (atMs: number) => load(atMs + (atMs < changedMs ? 1 : 2) * 60 * minute);
    // What came before its first value is no history.
    const sinceMs = eveningMs - 15 * day;
    const history: LoadHistory = async (fromMs, untilMs) =>
      Array.from({ length: Math.floor((untilMs - fromMs) / stepMs) }, (_, at) => {
        const atMs = fromMs + at * stepMs;
        return atMs < sinceMs ? undefined : inBerlin(atMs);
      });
    const expected = async (zone: string) => {
      const of = { ...acting, forecast: { ...acting.forecast, zone } };
      return forecastIn(await createForecasts(() => 0).of(of, leadMs, history, eveningMs)).value;
    };
    const comes = inBerlin(eveningMs + leadMs);
    const [byBerlin, byUtc] = [await expected('Europe/Berlin'), await expected('UTC')];
    expect(Math.abs(byBerlin - comes)).toBeLessThan(Math.abs(byUtc - comes) / 2);
  });

  it('is learnt once, and then goes on with the steps that have ended', async () => {
    const { asked, history } = past(nowMs - 8 * day);
    const forecasts = createForecasts(() => 0);
    await forecasts.of(acting, leadMs, history, nowMs);
    expect(asked).toHaveLength(28); // Four weeks, a day at a time.
    asked.length = 0;
    await forecasts.of(acting, leadMs, history, nowMs + minute);
    expect(asked).toEqual([]);
    await forecasts.of(acting, leadMs, history, nowMs + 10 * minute);
    const end = Math.floor(nowMs / stepMs) * stepMs;
    expect(asked).toEqual([[end, end + 2 * stepMs]]);
  });

  it('comes out the same from another worker that has just started', async () => {
    const { history } = past(nowMs - 8 * day);
    const long = createForecasts(() => 0);
    await long.of(acting, leadMs, history, nowMs - stepMs);
    const one = forecastIn(await long.of(acting, leadMs, history, nowMs));
    const other = forecastIn(await createForecasts(() => 0).of(acting, leadMs, history, nowMs));
    expect(one).toEqual(other);
  });

  it('does not act on a young history, however good it is', async () => {
    const forecast = { ...acting.forecast, minHistoryMs: 10 * day };
    const { history } = past(nowMs - 8 * day);
    const found = await createForecasts(() => 0).of(
      { ...acting, forecast },
      leadMs,
      history,
      nowMs,
    );
    const { acts, why } = forecastIn(found);
    expect([acts, why]).toEqual([false, '8 days of history are known, and 10 days are wanted']);
  });

  it('is none without history', async () => {
    const found = await createForecasts(() => 0).of(acting, leadMs, past(nowMs).history, nowMs);
    expect(found).toEqual({ kind: 'none', why: 'there is no history yet' });
  });

  it('takes no longer than its time, and goes on at the next evaluation', async () => {
    let clock = 0;
    const { asked, history } = past(nowMs - 8 * day);
    const slow: LoadHistory = (fromMs, untilMs) => {
      clock += learnWithinMs / 10;
      return history(fromMs, untilMs);
    };
    const forecasts = createForecasts(() => clock);
    const first = await forecasts.of(acting, leadMs, slow, nowMs);
    expect(first).toEqual({ kind: 'none', why: 'its history is being read (39 %)' });
    expect(asked).toHaveLength(11);
    await forecasts.of(acting, leadMs, slow, nowMs);
    expect((await forecasts.of(acting, leadMs, slow, nowMs)).kind).toBe('forecast');
  });

  it('says that its history cannot be read, and has lost nothing', async () => {
    const { history } = past(nowMs - 8 * day);
    const forecasts = createForecasts(() => 0);
    const before = await forecasts.of(acting, leadMs, history, nowMs);
    const dead: LoadHistory = () =>
      Promise.reject(new UnreachableError('Prometheus', 'it is gone'));
    const none = await forecasts.of(acting, leadMs, dead, nowMs + stepMs);
    expect(none).toEqual({ kind: 'none', why: 'its history cannot be read: it is gone' });
    // Within the same step nothing needs to be read.
    expect(await forecasts.of(acting, leadMs, dead, nowMs)).toEqual(before);
    const broken: LoadHistory = () => Promise.reject(new TypeError('a bug'));
    await expect(forecasts.of(acting, leadMs, broken, nowMs + stepMs)).rejects.toThrow('a bug');
    expect((await forecasts.of(acting, leadMs, history, nowMs + stepMs)).kind).toBe('forecast');
  });

  it('begins anew when it is to look further ahead', async () => {
    const { asked, history } = past(nowMs - 8 * day);
    const forecasts = createForecasts(() => 0);
    await forecasts.of(acting, leadMs, history, nowMs);
    asked.length = 0;
    const found = await forecasts.of(acting, 2 * leadMs, history, nowMs);
    expect(asked).toHaveLength(28);
    expect(forecastIn(found).value).toBeGreaterThan(140);
  });

  it('of short steps is learnt from a week, a day at a time, too', async () => {
    const forecast = { ...acting.forecast, stepMs: 15_000 };
    const { asked, history } = past(nowMs - 8 * day);
    await createForecasts(() => 0).of({ ...acting, forecast }, leadMs, history, nowMs);
    expect(asked.map(([fromMs, untilMs]) => untilMs - fromMs)).toEqual(new Array(7).fill(day));
  });

  it('of a step that is no part of a day is none', async () => {
    const forecast = { ...acting.forecast, stepMs: 70_000 };
    const { history } = past(nowMs);
    const found = await createForecasts(() => 0).of(
      { ...acting, forecast },
      leadMs,
      history,
      nowMs,
    );
    expect(found.kind).toBe('none');
    expect(found).toMatchObject({ why: expect.stringContaining('stepMs: 70000') as string });
  });
});
