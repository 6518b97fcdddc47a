// The line of clients that have said hello and are not verified yet: in the order in which they came,
// as fast as the instance can welcome them. Owns the turns and one timer; never a socket.

import { Turns, type TurnLimits } from '../core/turns.js';
import { acceptsBurstMax, acceptsPerSecondMax, acceptWaitMaxMs } from '../limits.js';
import type { Clock, Later } from '../ports.js';

/** How fast clients that said hello are looked at. */
export const acceptsDefault: TurnLimits = {
  perSecond: acceptsPerSecondMax,
  burst: acceptsBurstMax,
  waitMaxMs: acceptWaitMaxMs,
};

export interface AcceptLine {
  /** Calls `go`, at once or in its turn; false when the line is too long, and nothing is called. */
  enter(go: () => void): boolean;
  /** Nobody's turn comes any more. */
  close(): void;
}

export function createAcceptLine(limits: TurnLimits, clock: Clock, later: Later): AcceptLine {
  const turns = new Turns(limits);
  let line: { readonly dueMs: number; readonly go: () => void }[] = [];
  let cancel: (() => void) | undefined;
  let closed = false;

  const serve = (): void => {
    cancel = undefined;
    const nowMs = clock.monotonicMs();
    const due = line.findIndex(({ dueMs }) => dueMs > nowMs);
    const served = line.splice(0, due < 0 ? line.length : due);
    wait();
    for (const { go } of served) go();
  };
  const wait = (): void => {
    const next = line[0];
    if (next === undefined || cancel !== undefined || closed) return;
    cancel = later(serve, Math.max(1, Math.ceil(next.dueMs - clock.monotonicMs())));
  };

  return {
    enter: (go) => {
      const nowMs = clock.monotonicMs();
      const waitMs = turns.take(nowMs);
      if (waitMs === null) return false;
      // A timer that is late must not let a newcomer overtake.
      if (waitMs === 0 && line.length === 0) go();
      else line.push({ dueMs: nowMs + waitMs, go });
      wait();
      return true;
    },
    close: () => {
      closed = true;
      cancel?.();
      line = [];
    },
  };
}
