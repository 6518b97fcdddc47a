// Notices that the event loop stood still because something kept the processor to itself. A process that
// was paused from outside, or that got no processor, is no mistake of the service. Stops nothing.

import { eventLoopBlockedMs, heartbeatEveryMs } from '../limits.js';

export interface LoopWatch {
  stop(): void;
}

/** `processorMs`: processor time of this process so far. */
export function watchLoop(
  nowMs: () => number,
  onBlocked: (blockedMs: number) => void,
  processorMs = processorMsOfThis,
): LoopWatch {
  let lookedAtMs = nowMs();
  let usedMs = processorMs();
  const timer = setInterval(() => {
    const [atMs, usedUpMs] = [nowMs(), processorMs()];
    const lateMs = Math.round(atMs - lookedAtMs - heartbeatEveryMs);
    if (lateMs > eventLoopBlockedMs && usedUpMs - usedMs > lateMs / 2) onBlocked(lateMs);
    [lookedAtMs, usedMs] = [atMs, usedUpMs];
  }, heartbeatEveryMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function processorMsOfThis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
