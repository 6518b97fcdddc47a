// The clock of this machine: the only place where the product reads one for its decisions.

import type { Clock } from '../ports.js';

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
