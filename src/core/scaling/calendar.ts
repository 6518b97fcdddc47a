// Owns: freeze windows and scheduled floors: when each holds, on the wall clock of its time zone, across
// changes to and from daylight-saving time. Never decides what they mean for a number of instances.

import { instantsOf, offsetMs } from './zones.js';

export const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof days)[number];

/** Every week (`20:00`), or once (`2026-12-24 20:00`); on the clock of `zone`. */
export interface Window {
  readonly name?: string | undefined;
  /** On which it begins; absent: on every day. Only with times without a date. */
  readonly days?: readonly Day[] | undefined;
  readonly from: string;
  /** Not later than `from`: on the next day. */
  readonly to: string;
  /** IANA name. */
  readonly zone: string;
}

export interface Freeze extends Window {
  /** `growth`: instances may be added. */
  readonly allows: 'nothing' | 'growth';
}

export interface Floor extends Window {
  /** At least so many from `from` to `to`. */
  readonly instances: number;
  /** So long before `from` they are asked for. */
  readonly aheadMs: number;
}

export type Interval = readonly [fromMs: number, toMs: number];

export interface CalendarDay {
  /** The highest floor that holds. */
  readonly floor: { readonly name: string; readonly instances: number } | null;
  /** The strictest freeze that holds. */
  readonly freeze: {
    readonly name: string;
    readonly allows: Freeze['allows'];
    readonly untilMs: number;
  } | null;
}

interface Calendar {
  readonly freezes: readonly Freeze[];
  readonly floors: readonly Floor[];
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
const nothing: CalendarDay = { floor: null, freeze: null };
/** Looked ahead so far: a weekly window begins again within it. */
const aheadDays = 8;
const behindDays = 2;

/** The answer stands until something begins or ends, so that most evaluations ask for free. */
const known = new WeakMap<
  readonly Floor[],
  { freezes: readonly Freeze[]; fromMs: number; untilMs: number; day: CalendarDay }
>();

/** What holds at an instant. Between two boundaries the same object is returned. */
export function calendarAt({ freezes, floors }: Calendar, nowMs: number): CalendarDay {
  if (freezes.length === 0 && floors.length === 0) return nothing;
  const last = known.get(floors);
  if (last?.freezes === freezes && nowMs >= last.fromMs && nowMs < last.untilMs) return last.day;

  let untilMs = nowMs + (aheadDays - 1) * dayMs;
  const boundary = (interval: Interval): boolean => {
    for (const atMs of interval) if (atMs > nowMs) untilMs = Math.min(untilMs, atMs);
    return nowMs >= interval[0] && nowMs < interval[1];
  };
  let floor: CalendarDay['floor'] = null;
  for (const one of floors) {
    const holds = intervalsAround(one, nowMs, one.aheadMs).filter(boundary).length > 0;
    if (holds && one.instances > (floor?.instances ?? 0))
      floor = { name: nameOf(one), instances: one.instances };
  }
  let freeze: CalendarDay['freeze'] = null;
  for (const one of freezes) {
    const [now] = intervalsAround(one, nowMs).filter(boundary);
    if (now === undefined || (freeze?.allows === 'nothing' && one.allows === 'growth')) continue;
    freeze = { name: nameOf(one), allows: one.allows, untilMs: now[1] };
  }
  const day = { floor, freeze };
  known.set(floors, { freezes, fromMs: nowMs, untilMs, day });
  return day;
}

/** When a window holds, from two days before an instant to eight after it; all of one that is once. */
export function intervalsAround(window: Window, atMs: number, aheadMs = 0): Interval[] {
  const { from, to, zone } = window;
  const once = [dateOf(from), dateOf(to)] as const;
  if (once[0] !== null && once[1] !== null) {
    return [[instantsOf(zone, once[0])[0] - aheadMs, instantsOf(zone, once[1])[1]]];
  }
  const begins = minutesOf(from) * minuteMs;
  const ends = minutesOf(to) * minuteMs + (minutesOf(to) <= minutesOf(from) ? dayMs : 0);
  const today = Math.floor((atMs + offsetMs(zone, atMs)) / dayMs);
  const found: Interval[] = [];
  for (let day = today - behindDays; day <= today + aheadDays; day += 1) {
    const weekday = days[(((day + 4) % 7) + 7) % 7]; // The first day of 1970 was a Thursday.
    if (window.days !== undefined && weekday !== undefined && !window.days.includes(weekday)) {
      continue;
    }
    const [first] = instantsOf(zone, day * dayMs + begins);
    const [, last] = instantsOf(zone, day * dayMs + ends);
    found.push([first - aheadMs, last]);
  }
  return found;
}

/** What people called it, or when it begins. */
export function nameOf({ name, days: on, from }: Window): string {
  return name ?? [...(on ?? []), from].join(' ');
}

/** Minutes since midnight; NaN for anything else. */
export function minutesOf(time: string): number {
  const [, hour, minute] = /^(\d{2}):(\d{2})$/.exec(time) ?? [];
  const minutes = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && minutes <= 24 * 60 ? minutes : NaN;
}

/** A date with a time, as if it were UTC; null for anything else. */
export function dateOf(text: string): number | null {
  const [, date = '', time = ''] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})$/.exec(text) ?? [];
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const minutes = minutesOf(time);
  // `Date.parse` takes a 31st of June for a 1st of July.
  if (Number.isNaN(midnight) || Number.isNaN(minutes) || !isoDate(midnight, date)) return null;
  return midnight + minutes * minuteMs;
}

const isoDate = (atMs: number, date: string): boolean =>
  new Date(atMs).toISOString().startsWith(date);
