// Turns for whoever cannot be kept waiting on a line but is told to come back: each gets a place once,
// and when it comes back in time it is served, however many came meanwhile. So a storm is served in
// the order in which it came, and nobody is sent away for ever. Bounded: places lapse, and beyond the
// longest wait none is given. Owns no clock.

import { Turns, type TurnLimits } from './turns.js';

export interface WaitingListLimits extends TurnLimits {
  /** A place lapses when nobody claims it this long after its turn. */
  readonly keepMs: number;
}

export class WaitingList {
  private readonly limits: WaitingListLimits;
  private readonly turns: Turns;
  /** Who → when it is its turn; in the order of the turns. At most perSecond × (waitMax + keep). */
  private readonly places = new Map<string, number>();

  constructor(limits: WaitingListLimits) {
    this.limits = limits;
    this.turns = new Turns(limits);
  }

  /** 0: serve it now. Else how long it should stay away; asking earlier neither helps nor harms. */
  ask(who: string, nowMs: number): number {
    this.forget(nowMs);
    const placeMs = this.places.get(who);
    if (placeMs !== undefined) {
      if (placeMs > nowMs) return placeMs - nowMs;
      this.places.delete(who);
      return 0;
    }
    const waitMs = this.turns.take(nowMs);
    if (waitMs === null) return this.limits.waitMaxMs;
    if (waitMs > 0) this.places.set(who, nowMs + waitMs);
    return waitMs;
  }

  /** Places that are kept for somebody. */
  size(): number {
    return this.places.size;
  }

  private forget(nowMs: number): void {
    for (const [who, placeMs] of this.places) {
      if (placeMs + this.limits.keepMs > nowMs) return;
      this.places.delete(who);
    }
  }
}
