// Questions for a session that cannot be answered yet: held in the order in which they came, each looked
// at again whenever something may have changed, and given up after a bounded time. Whoever asks would
// only come back later otherwise, and later than needed. Owns no socket and no route.

import type { Later } from '../ports.js';

export interface HeldLimits {
  /** No question is held longer. */
  readonly heldMs: number;
  /** No more than so many at once. */
  readonly heldMax: number;
}

interface Held<T> {
  readonly look: () => T | null;
  readonly end: (found: T | null) => void;
}

export class HeldQuestions<T> {
  private readonly limits: HeldLimits;
  private readonly later: Later;
  /** In the order of coming. */
  private readonly held = new Set<Held<T>>();

  constructor(limits: HeldLimits, later: Later) {
    this.limits = limits;
    this.later = later;
  }

  /**
   * What `look` finds, now or as soon as it finds something; null when the time is over, too many are
   * held already, or nobody waits for it any more (`gone` is handed what ends the wait).
   */
  async answer(look: () => T | null, gone: (end: () => void) => void): Promise<T | null> {
    const found = look();
    if (found !== null || this.held.size >= this.limits.heldMax) return found;
    return new Promise((resolve) => {
      const question: Held<T> = {
        look,
        end: (answer) => {
          if (!this.held.delete(question)) return;
          callOff();
          resolve(answer);
        },
      };
      this.held.add(question);
      const callOff = this.later(() => question.end(look()), this.limits.heldMs);
      gone(() => question.end(null));
    });
  }

  /** Something may have changed: answers whom it can, the first who came first. */
  lookAgain(): void {
    for (const question of this.held) {
      const found = question.look();
      if (found !== null) question.end(found);
    }
  }

  /** Nobody is held any longer. */
  close(): void {
    for (const question of this.held) question.end(null);
  }

  size(): number {
    return this.held.size;
  }
}
