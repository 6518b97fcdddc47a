// Owns: traces for tests of the lab, from lines and from values.
import { TraceReader, type Trace } from '../../src/lab/trace.js';

export const startMs = Date.UTC(2026, 5, 1);

export function traceOfLines(lines: readonly string[]): Trace {
  const reader = new TraceReader();
  for (const line of lines) reader.take(line);
  return reader.end();
}

export function traceOf(values: readonly number[], stepMs = 300_000): Trace {
  return { startMs, stepMs, values: Float64Array.from(values), filled: new Set() };
}

/** A day that rises and falls, with a busier evening; from 0.2 to 1 of `peak`. */
export function daily(days: number, peak: number, rowsPerDay = 288): number[] {
  return Array.from({ length: days * rowsPerDay }, (_, row) => {
    const at = (row % rowsPerDay) / rowsPerDay;
    return Math.round(peak * (0.6 - 0.4 * Math.cos(2 * Math.PI * at)));
  });
}
