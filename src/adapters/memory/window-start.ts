// Where the latest part of a log in memory begins, by the times of its records. Looks at no clock.

import type { InRecord, WindowStart } from '../../ports.js';

export function windowStartOf(
  log: { readonly low: number; readonly records: readonly InRecord[] },
  windowMs: number,
): WindowStart {
  const { low, records } = log;
  const sinceMs = (records.at(-1)?.timestampMs ?? -Infinity) - windowMs;
  const index = records.findIndex(({ timestampMs }) => timestampMs >= sinceMs);
  return { from: low + Math.max(0, index), sinceMs, high: low + records.length };
}
