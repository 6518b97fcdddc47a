// Owns: that an activity is seen to be alive while it works, so that a worker that died is noticed
// within seconds, also at a step that waits for nothing. Keeps the last progress in each heartbeat.

import { Context } from '@temporalio/activity';

/** Five of these fit into the heartbeat timeout of workflows/proxies.ts. */
const beatEveryMs = 1_000;

const lastDetails = new WeakMap<Context, unknown>();

/** A heartbeat with where the activity stands; the UI shows it. */
export function beat(details: unknown): void {
  const context = Context.current();
  lastDetails.set(context, details);
  context.heartbeat(details);
}

export async function alive<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(lastDetails.get(context)), beatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
