// The clock of this machine. Monotonic time stands still while the machine itself is suspended;
// whoever needs to notice that compares both readings.

import type { Clock } from '../ports.js';

export const systemClock: Clock = {
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  wallMs: () => Date.now(),
};
