// Owns: how often a function is run before and while it is timed. Medians: one garbage collection
// or one busy neighbour must not decide. Never judges a time.

export interface Patience {
  /** Untimed runs until the compiler has seen enough: at least one, then until this is spent. */
  readonly warmUpMs: number;
  /** Timed runs: at least `runsMin`, then until this is spent. */
  readonly timedMs: number;
  readonly runsMin: number;
}

export const fullPatience: Patience = { warmUpMs: 1_500, timedMs: 2_000, runsMin: 5 };
export const quickPatience: Patience = { warmUpMs: 60, timedMs: 60, runsMin: 3 };
/** For peers that take seconds a run; they have run once already, for what was before. */
export const slowPatience: Patience = { warmUpMs: 200, timedMs: 600, runsMin: 3 };
/** A JVM starts cold every time, and must not look slow for it. */
export const jvmPatience: Patience = { warmUpMs: 4_000, timedMs: 4_000, runsMin: 5 };

/** More are no better. */
const runsMax = 101;

export interface Timed<T> {
  readonly result: T;
  /** Median. */
  readonly ms: number;
  readonly runs: number;
}

export function timed<T>(work: () => T, { warmUpMs, timedMs, runsMin }: Patience): Timed<T> {
  const warmUpEndsMs = performance.now() + warmUpMs;
  let result = work();
  while (performance.now() < warmUpEndsMs) result = work();
  const times: number[] = [];
  const endsMs = performance.now() + timedMs;
  while (times.length < runsMin || (performance.now() < endsMs && times.length < runsMax)) {
    const startedMs = performance.now();
    result = work();
    times.push(performance.now() - startedMs);
  }
  return { result, ms: median(times), runs: times.length };
}

/** Of at least one number. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
