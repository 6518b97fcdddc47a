// A clock that stands until a test moves it.

import { checkGiven } from '../given.js';
import type { Clock } from '../ports.js';

export interface ManualClock extends Clock {
  /** Both times go on by so much. */
  advance(ms: number): void;
}

export function createManualClock(wallMs = 0): ManualClock {
  checkGiven(
    'createManualClock',
    { wallMs },
    {
      wallMs: { allowed: 'milliseconds, a number', fits: Number.isFinite },
    },
  );
  let passedMs = 0;
  return {
    monotonicMs: () => passedMs,
    wallMs: () => wallMs + passedMs,
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError('time does not go back');
      passedMs += ms;
    },
  };
}
