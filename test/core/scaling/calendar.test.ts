import { describe, expect, it } from 'vitest';
import { calendarAt, intervalsAround, type Window } from '../../../src/core/scaling/calendar.js';
import { policyFault, type Policy } from '../../../src/core/scaling/policy.js';
import { instantsOf, isZone, offsetMs } from '../../../src/core/scaling/zones.js';
import { policy } from './given.js';

const hourMs = 3_600_000;
const utc = (text: string): number => Date.parse(`${text}Z`);
const show = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16);

describe('the clock of a time zone', () => {
  it('is known by its IANA name', () => {
    expect(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns'].every(isZone)).toBe(true);
    expect(isZone('Berlin')).toBe(false);
    expect(offsetMs('Asia/Kolkata', utc('2026-01-01T00:00'))).toBe(5.5 * hourMs);
    expect(offsetMs('America/New_York', utc('2026-07-01T00:00'))).toBe(-4 * hourMs);
  });

  it('shows an hour twice when it is put back, and jumps over one when it is put forward', () => {
    // Berlin: 25 October 2026 03:00 → 02:00, 29 March 2026 02:00 → 03:00.
    const twice = instantsOf('Europe/Berlin', utc('2026-10-25T02:30'));
    expect(twice.map(show)).toEqual(['2026-10-25T00:30', '2026-10-25T01:30']);
    const never = instantsOf('Europe/Berlin', utc('2026-03-29T02:30'));
    expect(never.map(show)).toEqual(['2026-03-29T00:30', '2026-03-29T01:30']);
    const once = instantsOf('Europe/Berlin', utc('2026-03-29T12:00'));
    expect(once.map(show)).toEqual(['2026-03-29T10:00', '2026-03-29T10:00']);
  });
});

describe('a window', () => {
  const friday: Window = { days: ['fri'], from: '20:00', to: '02:00', zone: 'Europe/Berlin' };

  it('begins at the same time of day on both sides of a change of the clock', () => {
    const shown = (atMs: number) =>
      intervalsAround(friday, atMs).map((interval) => interval.map(show).join(' to '));
    // Until 23 October Berlin is two hours ahead, from the 25th one.
    expect(shown(utc('2026-10-23T12:00'))).toEqual([
      '2026-10-23T18:00 to 2026-10-24T00:00',
      '2026-10-30T19:00 to 2026-10-31T01:00',
    ]);
  });

  it('holds for an hour more or less in the night of the change', () => {
    const night: Window = { from: '22:00', to: '06:00', zone: 'Europe/Berlin' };
    const hours = (atMs: number) =>
      intervalsAround(night, atMs)
        .filter(([from, to]) => from <= atMs && to > atMs)
        .map(([from, to]) => (to - from) / hourMs);
    expect(hours(utc('2026-10-24T23:00'))).toEqual([9]);
    expect(hours(utc('2026-03-28T23:00'))).toEqual([7]);
    expect(hours(utc('2026-06-01T23:00'))).toEqual([8]);
  });

  it('covers an hour that the clock jumps over or shows twice wholly', () => {
    const early: Window = { from: '02:15', to: '02:45', zone: 'Europe/Berlin' };
    const on = (date: string) =>
      intervalsAround(early, utc(date))
        .map((interval) => interval.map(show))
        .filter(([from]) => from?.startsWith(date.slice(0, 10)));
    expect(on('2026-10-25T00:00')).toEqual([['2026-10-25T00:15', '2026-10-25T01:45']]);
    expect(on('2026-03-29T00:00')).toEqual([['2026-03-29T00:15', '2026-03-29T01:45']]);
  });
});

describe('the calendar', () => {
  const zone = 'Europe/Berlin';
  const evening = { days: ['fri', 'sat'], from: '20:00', to: '23:00', zone } as const;
  const holidays = { name: 'holidays', from: '2026-12-24 12:00', to: '2026-12-27 00:00', zone };
  const of = (changes: Partial<Policy>) => policy({ instances: { min: 2, max: 20 }, ...changes });

  it('takes the highest floor and the strictest freeze', () => {
    const by = of({
      floors: [
        { ...evening, instances: 12, aheadMs: 0 },
        { from: '06:00', to: '23:30', zone, instances: 4, aheadMs: 0 },
      ],
      freezes: [
        { ...holidays, allows: 'nothing' },
        { from: '2026-12-25 00:00', to: '2026-12-26 00:00', zone, allows: 'growth' },
      ],
    });
    expect(calendarAt(by, utc('2026-12-18T19:30'))).toEqual({
      floor: { name: 'fri sat 20:00', instances: 12 },
      freeze: null,
    });
    expect(calendarAt(by, utc('2026-12-25T10:00'))).toEqual({
      floor: { name: '06:00', instances: 4 },
      freeze: { name: 'holidays', allows: 'nothing', untilMs: utc('2026-12-26T23:00') },
    });
    expect(calendarAt(by, utc('2026-12-18T02:00'))).toEqual({ floor: null, freeze: null });
  });

  it('answers the same in whatever order it is asked, though it remembers the last answer', () => {
    const windows = {
      floors: [{ ...evening, instances: 12, aheadMs: 900_000 }],
      freezes: [{ from: '01:30', to: '03:10', zone, allows: 'growth' as const }],
    };
    const remembering = of(windows);
    const begin = utc('2026-10-20T00:00');
    const quarters = Array.from({ length: 14 * 96 }, (_, i) => begin + i * 900_000);
    const ask = (atMs: number) => JSON.stringify(calendarAt(remembering, atMs));
    const fresh = (atMs: number) =>
      JSON.stringify(calendarAt(of({ ...windows, floors: [...windows.floors] }), atMs));
    const expected = quarters.map(fresh);
    expect(quarters.map(ask)).toEqual(expected);
    expect([...quarters].reverse().map(ask)).toEqual([...expected].reverse());
    expect(new Set(expected).size).toBeGreaterThan(3);
  });
});

describe('a calendar that cannot be meant', () => {
  const day = { from: '20:00', to: '23:00', zone: 'UTC' };
  const floor = { ...day, instances: 3, aheadMs: 0 };
  const freeze = { ...day, allows: 'nothing' as const };
  const weekend = { ...freeze, days: ['sat', 'sun'] as const, from: '00:00', to: '00:00' };
  const week = { ...freeze, days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const };

  it.each<[string, Partial<Policy>, string]>([
    ['floors.0.instances', { floors: [{ ...floor, instances: 5 }] }, 'at most instances.max (4)'],
    ['floors.0.zone', { floors: [{ ...floor, zone: 'Mars' }] }, 'an IANA name'],
    ['floors.0.from', { floors: [{ ...floor, from: '8pm' }] }, 'a time such as 20:00'],
    ['floors.0.to', { floors: [{ ...floor, to: '24:30' }] }, 'a time such as 20:00'],
    ['freezes.0.to', { freezes: [{ ...freeze, to: '2026-12-24 20:00' }] }, 'without a date'],
    [
      'freezes.0.to',
      { freezes: [{ ...freeze, from: '2026-12-24 20:00', to: '2026-12-24 19:00' }] },
      'later than from',
    ],
    [
      'freezes.0.from',
      { freezes: [{ ...freeze, from: '2026-06-31 20:00', to: '2026-07-02 19:00' }] },
      'a time such as 20:00',
    ],
    [
      'freezes.0.days',
      { freezes: [{ ...freeze, days: ['fri'], from: '2026-12-24 20:00', to: '2026-12-25 20:00' }] },
      'absent',
    ],
    ['freezes', { freezes: [{ ...freeze, from: '08:00', to: '08:00' }] }, 'never end'],
    ['freezes', { freezes: [weekend, { ...week, from: '00:00', to: '24:00' }] }, 'never end'],
    [
      'floors.0',
      { floors: [{ ...floor, from: '21:00' }], freezes: [freeze] },
      'outside of the freeze',
    ],
    [
      'floors.0.aheadMs',
      { floors: [{ ...floor, from: '06:00', to: '04:00', aheadMs: 3 * hourMs }] },
      'longer than the time until it begins again',
    ],
  ])('%s is named', (field, changes, allowed) => {
    const fault = policyFault(policy(changes));
    expect(fault?.field).toBe(field);
    expect(fault?.allowed).toContain(allowed);
  });

  it('is told from one that leaves time free', () => {
    const free = { ...week, from: '00:00', to: '23:59' };
    expect(policyFault(policy({ freezes: [weekend, free] }))).toBeUndefined();
    const growth = { ...freeze, allows: 'growth' as const };
    const late = { ...floor, from: '21:00' };
    expect(policyFault(policy({ floors: [late], freezes: [growth] }))).toBeUndefined();
  });
});
