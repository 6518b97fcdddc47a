// Owns: how many people there are when, in the demo with a forecast: a crowd that comes every four minutes,
// for days, and that as what Prometheus has recorded of it. Never knows a client.

import { randomOf } from '../../src/simulate/random.js';

/** A whole part of a day: what is learnt from yesterday is at the same time of day. */
export const periodMs = 4 * 60_000;
const riseMs = 60_000;
const holdMs = 60_000;
const fallMs = 45_000;
/** Of the peak, between two crowds. */
const quietShare = 0.45;

const recordedDays = 3;
const recordedEveryMs = 15_000;
/** By so much of the number a day differs from the one before. */
const noiseShare = 0.02;
const seed = 7;

/** Share of the peak at a time, when one of the crowds begins to come at `risesAtMs`. */
export function shareAt(atMs: number, risesAtMs: number): number {
  const since = (((atMs - risesAtMs) % periodMs) + periodMs) % periodMs;
  const come = Math.min(1, since / riseMs);
  const gone = Math.min(1, Math.max(0, since - riseMs - holdMs) / fallMs);
  return quietShare + (1 - quietShare) * (come - gone);
}

/** Three days until `untilMs` as two instances had them, in OpenMetrics. */
export function recordedText(
  service: string,
  peak: number,
  risesAtMs: number,
  untilMs: number,
): string {
  const random = randomOf(seed);
  const lines = ['# TYPE evenkeel_connected_clients gauge'];
  const sinceMs = untilMs - recordedDays * 86_400_000;
  const halves: string[][] = [[], []];
  for (let atMs = sinceMs; atMs < untilMs; atMs += recordedEveryMs) {
    const noise = 1 + noiseShare * (2 * random.next() - 1);
    const clients = Math.round(peak * shareAt(atMs, risesAtMs) * noise);
    const [half, rest] = [Math.ceil(clients / 2), Math.floor(clients / 2)];
    [half, rest].forEach((count, ordinal) => {
      // The labels that it will have when it is scraped: the same series goes on.
      const labels = `instance="${service}-${ordinal}",job="evenkeel",service="${service}"`;
      halves[ordinal]?.push(`evenkeel_connected_clients{${labels}} ${count} ${atMs / 1_000}`);
    });
  }
  return [...lines, ...halves.flat(), '# EOF', ''].join('\n');
}
