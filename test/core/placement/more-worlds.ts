// How many worlds the tests of the planner try: usually as many as find faults within seconds, and with
// EVENKEEL_MORE_WORLDS=10 ten times as many, for a change of the planner.

const factor = Math.max(1, Number(process.env['EVENKEEL_MORE_WORLDS'] ?? 1));

export const isLonger = factor > 1;

export function worlds(usual: number): number {
  return Math.round(usual * factor);
}

/** For one test, on a busy machine. */
export const worldsTimeoutMs = 120_000 * factor;
