// When an instance looks at its clock: at a steady rate, and in between when a wave is due, because a
// wave that waits for the next look makes waves of several donors fall together. Decides nothing.

import { tickEveryMs } from '../limits.js';

export interface Ticking {
  /** Looks no later than this, by the clock that was given. */
  wakeBy(atMs: number): void;
  stop(): void;
}

export function startTicking(nowMs: () => number, tick: () => void): Ticking {
  let wakeAtMs = Infinity;
  let timer: NodeJS.Timeout | undefined;
  const ticker = setInterval(tick, tickEveryMs);
  return {
    wakeBy: (atMs) => {
      if (atMs >= wakeAtMs) return;
      clearTimeout(timer);
      wakeAtMs = atMs;
      timer = setTimeout(
        () => {
          wakeAtMs = Infinity;
          tick();
        },
        Math.max(0, Math.ceil(atMs - nowMs())),
      );
    },
    stop: () => {
      clearInterval(ticker);
      clearTimeout(timer);
    },
  };
}
