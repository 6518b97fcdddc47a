// Owns: the three ways in which a trace may write a time, all UTC: `2026-06-01 12:00:00`, ISO 8601, and
// seconds since 1970. Never guesses: what is none of them is NaN.

/** What a person is told that is allowed. */
export const timestampsAllowed =
  'YYYY-MM-DD hh:mm:ss (UTC), an ISO 8601 time, or seconds since 1970';

const plain =
  /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/;
const epoch = /^\d{1,11}(\.\d{1,9})?$/;
/** Before the year 2300: what is larger was meant as milliseconds. */
const secondsMax = 10_413_792_000;

/** Milliseconds since 1970, or NaN. */
export function timeOf(text: string): number {
  const parts = plain.exec(text);
  if (parts === null) {
    const seconds = epoch.test(text) ? Number(text) : NaN;
    return seconds <= secondsMax ? Math.round(seconds * 1_000) : NaN;
  }
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = parts;
  const atMs = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Math.floor(Number(`0.${fraction || '0'}`) * 1_000),
  );
  // Date.UTC takes a 31st of June for a 1st of July, and 25:00 for the next day.
  const taken = new Date(atMs);
  const exact =
    taken.getUTCMonth() === Number(month) - 1 &&
    taken.getUTCDate() === Number(day) &&
    taken.getUTCHours() === Number(hour) &&
    Number(minute) < 60 &&
    Number(second) < 60;
  return exact ? atMs - zoneMs(zone) : NaN;
}

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
