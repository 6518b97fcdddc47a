// Owns: noticing that this machine does nothing for us for a while, by a timer that comes late: what then
// goes wrong may be the machine's. Knows nothing of services.

import { setInterval } from 'node:timers';
import { stallLookMs } from './limits.js';

export interface Stalls {
  /** So far. */
  longestMs(): number;
  stop(): void;
}

export function watchForStalls(): Stalls {
  let longestMs = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs - stallLookMs);
    lastMs = nowMs;
  }, stallLookMs);
  return { longestMs: () => Math.round(longestMs), stop: () => clearInterval(timer) };
}
