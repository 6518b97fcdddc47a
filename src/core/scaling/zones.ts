// Owns: from the wall clock of a time zone to instants and back, by the zone's IANA name and the
// runtime's own zone data. Never knows what a time is for.

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether the runtime knows a zone of this name. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What a zone's clock is ahead of UTC at an instant, in ms. */
export function offsetMs(zone: string, atMs: number): number {
  if (zone === 'UTC') return 0;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(atMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000;
}

/**
 * The first and the last instant at which a zone's clock shows `localMs` (its reading as if it were
 * UTC). They differ where the clock is put back. A reading that the clock jumps over lies between the
 * two that are returned.
 */
export function instantsOf(zone: string, localMs: number): readonly [first: number, last: number] {
  const before = localMs - offsetMs(zone, localMs - dayMs);
  const after = localMs - offsetMs(zone, localMs + dayMs);
  if (before === after) return [before, before];
  const shown = [before, after].filter((atMs) => atMs + offsetMs(zone, atMs) === localMs);
  const instants = shown.length === 0 ? [before, after] : shown;
  return [Math.min(...instants), Math.max(...instants)];
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
