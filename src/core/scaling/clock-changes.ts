// Owns: when the clocks of a time zone are changed, from the zone data of the runtime (zones.ts).
import type { OffsetChange, OffsetTable } from '../forecast/local-time.js';
import { isZone, offsetMs as offsetIn } from './zones.js';

const hourMs = 3_600_000;
/** Clocks have never been changed twice within this. */
const strideMs = 7 * 24 * hourMs;
/** A table of more is nobody's: 200 years have 400 changes and 10 000 strides. */
const yearsMax = 200;

/**
 * Local time minus UTC from `fromMs` to `untilMs`, and every change in between, to the second.
 * Throws a RangeError for an unknown zone, or a time that is too long.
 */
export function offsetsOf(timeZone: string, fromMs: number, untilMs: number): OffsetTable {
  if (!(untilMs - fromMs <= yearsMax * 366 * 24 * hourMs)) {
    throw new RangeError(
      `untilMs: ${untilMs} found; allowed is up to ${yearsMax} years after fromMs (${fromMs}); ask for less`,
    );
  }
  const offsetOf = (atMs: number): number => offsetIn(timeZone, atMs);
  const table: OffsetChange[] = [{ fromMs, offsetMs: offsetOf(fromMs) }];
  for (let atMs = fromMs; atMs < untilMs; atMs += strideMs) {
    const endMs = Math.min(untilMs, atMs + strideMs);
    const offsetMs = offsetOf(endMs);
    if (offsetMs === table.at(-1)?.offsetMs) continue;
    table.push({ fromMs: changeBetween(atMs, endMs, offsetMs, offsetOf), offsetMs });
  }
  return table;
}

/** A forecaster lives for less; its seasons are in UTC afterwards. */
const aheadMs = 10 * 366 * 24 * hourMs;

/**
 * For a forecaster whose first step begins at `firstMs`: where local time of `zone` shifts. Empty for UTC,
 * and for a zone that this runtime does not know: a policy with one was refused where it was applied.
 */
export function clockChangesFrom(zone: string, firstMs: number): OffsetTable {
  if (zone === 'UTC' || !isZone(zone)) return [];
  return offsetsOf(zone, firstMs, firstMs + aheadMs);
}

/** The first second that has the new offset, by bisection. */
function changeBetween(
  beforeMs: number,
  afterMs: number,
  offsetMs: number,
  offsetOf: (atMs: number) => number,
): number {
  let [low, high] = [Math.floor(beforeMs / 1_000), Math.floor(afterMs / 1_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetOf(middle * 1_000) === offsetMs) high = middle;
    else low = middle;
  }
  return high * 1_000;
}
