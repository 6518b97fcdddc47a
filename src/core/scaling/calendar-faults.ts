// Owns: what cannot be meant by freezes and floors: windows that contradict themselves or each other.
// Never says what holds now (calendar.ts).

import {
  dateOf,
  intervalsAround,
  minutesOf,
  nameOf,
  type Interval,
  type Window,
} from './calendar.js';
import type { Policy } from './policy.js';
import type { PolicyFault } from './policy-faults.js';
import { isZone } from './zones.js';

const dayMs = 86_400_000;
/** A week in winter and one in summer, so that both clocks of a zone are looked at. */
const weeks = [Date.UTC(2026, 0, 5), Date.UTC(2026, 6, 6)];

export function calendarFault(policy: Policy): PolicyFault | undefined {
  const { freezes, floors, instances } = policy;
  for (const [list, windows] of Object.entries({ freezes, floors })) {
    for (const [at, window] of windows.entries()) {
      const fault = windowFault(`${list}.${at}`, window);
      if (fault !== undefined) return fault;
    }
  }
  for (const [at, { instances: found }] of floors.entries()) {
    const allowed = `at most instances.max (${instances.max})`;
    if (found > instances.max) return { field: `floors.${at}.instances`, found, allowed };
  }
  return tooLong(policy) ?? endless(policy) ?? unreachable(policy);
}

function windowFault(field: string, { from, to, zone, days }: Window): PolicyFault | undefined {
  if (!isZone(zone)) {
    return { field: `${field}.zone`, found: zone, allowed: 'an IANA name such as Europe/Berlin' };
  }
  const [begins, ends] = [dateOf(from), dateOf(to)];
  const time = 'a time such as 20:00, or a date with a time such as 2026-12-24 20:00';
  if (begins === null && Number.isNaN(minutesOf(from))) {
    return { field: `${field}.from`, found: from, allowed: time };
  }
  if (ends === null && Number.isNaN(minutesOf(to))) {
    return { field: `${field}.to`, found: to, allowed: time };
  }
  if ((begins === null) !== (ends === null)) {
    const allowed = begins === null ? 'a time without a date, as from' : 'a date, as from';
    return { field: `${field}.to`, found: to, allowed };
  }
  if (begins === null || ends === null) return undefined;
  if (days !== undefined) {
    const allowed = 'absent, because from and to are dates';
    return { field: `${field}.days`, found: days.join(' '), allowed };
  }
  return ends > begins
    ? undefined
    : { field: `${field}.to`, found: to, allowed: `later than from (${from})` };
}

/** Asked for ahead of time, a floor may not begin again before it has ended. */
function tooLong({ floors }: Policy): PolicyFault | undefined {
  for (const [at, floor] of floors.entries()) {
    if (dateOf(floor.from) !== null) continue;
    for (const week of weeks) {
      const [one, next] = intervalsAround(floor, week, floor.aheadMs);
      if (one === undefined || next === undefined || next[0] >= one[1]) continue;
      const leftMs = Math.max(0, floor.aheadMs - (one[1] - next[0]));
      const allowed = `at most ${leftMs}: else the window is longer than the time until it begins again`;
      return { field: `floors.${at}.aheadMs`, found: floor.aheadMs, allowed };
    }
  }
  return undefined;
}

/** Freezes of every week that leave no minute of it free. */
function endless({ freezes }: Policy): PolicyFault | undefined {
  const weekly = freezes.filter(({ from }) => dateOf(from) === null);
  for (const week of weeks) {
    const intervals = weekly
      .flatMap((freeze) => intervalsAround(freeze, week))
      .sort(([a], [b]) => a - b);
    let coveredMs = week;
    for (const [fromMs, toMs] of intervals) {
      if (fromMs <= coveredMs) coveredMs = Math.max(coveredMs, toMs);
    }
    if (coveredMs < week + 7 * dayMs) continue;
    const found = weekly.map(nameOf).join(' and ');
    const allowed = 'windows that leave some time of the week free: these never end';
    return { field: 'freezes', found, allowed };
  }
  return undefined;
}

/** A floor that begins while everything is frozen could not be met. */
function unreachable({ freezes, floors }: Policy): PolicyFault | undefined {
  const strict = freezes.filter(({ allows }) => allows === 'nothing');
  for (const [at, floor] of floors.entries()) {
    for (const freeze of strict) {
      if (!overlap(floor, floor.aheadMs, freeze)) continue;
      const found = `${floor.from} to ${floor.to}`;
      const allowed = `times outside of the freeze ${nameOf(freeze)}, or a freeze that allows growth`;
      return { field: `floors.${at}`, found, allowed };
    }
  }
  return undefined;
}

/** Whether a floor is asked for, or begins, within a freeze. */
function overlap(floor: Window, aheadMs: number, freeze: Window): boolean {
  const dates = [dateOf(floor.from), dateOf(freeze.from)].filter((date) => date !== null);
  const around = dates.length === 0 ? weeks : dates;
  const inside = (atMs: number, [fromMs, toMs]: Interval): boolean => atMs >= fromMs && atMs < toMs;
  return around.some((atMs) => {
    const frozen = intervalsAround(freeze, atMs);
    return intervalsAround(floor, atMs, aheadMs).some(([askedMs]) =>
      frozen.some((one) => inside(askedMs, one) && inside(askedMs + aheadMs, one)),
    );
  });
}
