// Owns: when a command that runs on is told to end.

import { once } from 'node:events';

/** Resolves with the first SIGTERM or SIGINT. */
export async function untilSignal(): Promise<void> {
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
}
