// How an instance ends that was told to: it says so, serves on while the control plane drains it, and
// gives everything away by itself when nobody answers, when the rest of the time is needed for that, or
// when it is hurried. Owns the order and the waiting; what is given to whom is the hand-over's business.
//
//   announced ──drained──► over          announced ──unanswered, late or hurried──► alone ──empty──► over

import { leaveAloneWithinMs, leaveUnansweredMs, tickEveryMs } from '../limits.js';

export interface Leaving {
  /** All that there is, from now on. */
  readonly withinMs: number;
  readonly nowMs: () => number;
  /** Resolves when there is no time to be drained. */
  readonly hurried: Promise<unknown>;
  /** Tells the control plane. */
  readonly announce: () => void;
  /** The control plane has planned without this instance. */
  readonly isAnswered: () => boolean;
  /** Nothing is held any more, and nobody is connected. */
  readonly isEmpty: () => boolean;
  /** Gives everything away without being asked to. */
  readonly giveAway: () => void;
  /** False once it was ended some other way: fenced. */
  readonly living: () => boolean;
}

/** Resolves when the instance may end: empty, or at the end of its time. */
export async function leaveInOrder(leaving: Leaving): Promise<'drained' | 'alone' | 'late'> {
  const { withinMs, nowMs, isEmpty, isAnswered, living } = leaving;
  const startedAtMs = nowMs();
  let hurried = false;
  void leaving.hurried.then(() => (hurried = true));
  let alone = false;
  leaving.announce();
  for (;;) {
    if (isEmpty()) return alone ? 'alone' : 'drained';
    await new Promise((resolve) => setTimeout(resolve, tickEveryMs));
    const spentMs = nowMs() - startedAtMs;
    if (!living() || spentMs >= withinMs) return 'late';
    const unanswered = spentMs >= leaveUnansweredMs && !isAnswered();
    if (alone || !(hurried || unanswered || withinMs - spentMs <= leaveAloneWithinMs)) continue;
    alone = true;
    leaving.giveAway();
  }
}
