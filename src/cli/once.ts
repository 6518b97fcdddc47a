// Owns: asking once and keeping the answer, for as long as it is one: a failure is kept for the questions that
// follow at once, and then it is tried again, because a console outlives outages.

/** A command that asks for several things in a row waits once for what is away. */
const failureKeptMs = 5_000;

export function once<T>(
  work: () => Promise<T>,
  nowMs: () => number = () => performance.now(),
): () => Promise<T> {
  let result: Promise<T> | undefined;
  let failedAtMs: number | undefined;
  return () => {
    if (failedAtMs !== undefined && nowMs() - failedAtMs >= failureKeptMs) result = undefined;
    if (result === undefined) {
      failedAtMs = undefined;
      result = work();
      result.catch(() => (failedAtMs = nowMs()));
    }
    return result;
  };
}

/** As `once`, but what was read is read again when it is that old. */
export function keptFor<T>(
  keptMs: number,
  read: () => Promise<T>,
  nowMs: () => number = () => performance.now(),
): () => Promise<T> {
  let kept: { readonly atMs: number; readonly result: Promise<T> } | undefined;
  return () => {
    if (kept === undefined || nowMs() - kept.atMs >= keptMs)
      kept = { atMs: nowMs(), result: read() };
    return kept.result;
  };
}
