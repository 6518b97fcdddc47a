// Owns: what the running local stack of this checkout says of itself. Never starts one.

/** What `npm run stack -- env` prints, when a stack of this checkout runs; nothing otherwise. */
export async function runningStackEnv(): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    const { readRunningEnv } = await import('../../stack/state.js');
    return readRunningEnv();
  } catch {
    return {}; // A production image ships without the local stack.
  }
}
