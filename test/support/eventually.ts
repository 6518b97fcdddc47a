// Waits for a condition with a bound: what tests use instead of sleeping.

const pollMs = 25;
/** Of what takes a second or two alone, on a machine that is several times slower. */
const boundMs = 60_000;

/** Polls until `look` returns something else than undefined or false; fails naming what was awaited. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = boundMs,
): Promise<T> {
  const untilMs = performance.now() + withinMs;
  let lastError: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > untilMs) {
      throw new Error(`not within ${withinMs} ms: ${what}`, { cause: lastError });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
