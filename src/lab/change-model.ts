// Owns: how long a change of the number of instances takes, as a model with named figures that were
// measured on the real system (docs/benchmarks.md), and what it moves. Never decides a change.

import { movedBy } from '../core/scaling/limit.js';

export interface ChangeModel {
  /** From asking the platform until the new instance is Ready. */
  readonly startMs: number;
  /** What the saga takes for itself: plan, commit, notify, verify, record. */
  readonly sagaMs: number;
  /** Until gaining instances are warm. */
  readonly prepareMs: number;
  /** Of a hand-over, beside its clients. */
  readonly settleMs: number;
  /** Clients that a new instance welcomes, and one that leaves sends away, in a second: a policy's pace. */
  readonly clientsPerSecond: number;
  /**
   * Instead of all that for a growth: it serves, and the next decision may be made, so long after it was
   * asked for; null: as the figures above say.
   */
  readonly fixedGrowthMs: number | null;
}

/**
 * Measured on two cores: an instance is Ready 764 to 929 ms after its process was started, so a second; a
 * forced rebalance takes 526 to 618 ms for itself, and `prepare` 88 ms; a hand-over of 72 clients 772 ms,
 * which is the pace of 100 clients a second of policies and 50 ms. Where a pod needs an image or a node,
 * `startMs` is minutes: give what `evenkeel history` shows for scaleUp.
 */
export const measuredChange: ChangeModel = {
  startMs: 1_000,
  sagaMs: 600,
  prepareMs: 100,
  settleMs: 50,
  clientsPerSecond: 100,
  fixedGrowthMs: null,
};

export interface Change {
  readonly from: number;
  readonly to: number;
  /** Connected users when it is asked for. */
  readonly clients: number;
}

/**
 * From the decision until the new number serves, in ms. Each of the instances that come or go takes or
 * gives its share at the same pace, side by side. Who leaves needs no start.
 */
export function changeMs(model: ChangeModel, { from, to, clients }: Change): number {
  const handed = Math.abs(to - from);
  if (to > from && model.fixedGrowthMs !== null) return model.fixedGrowthMs;
  const { startMs, sagaMs, prepareMs, settleMs, clientsPerSecond } = model;
  const each = handed === 0 ? 0 : movedBy(clients, from, to) / handed;
  const moveMs = settleMs + (each / clientsPerSecond) * 1_000;
  return (to > from ? startMs : 0) + sagaMs + prepareMs + moveMs;
}

/** What adding one instance to a full service takes, in ms. */
export function growthMs(model: ChangeModel, clientsPerInstance: number): number {
  return changeMs(model, { from: 1, to: 2, clients: 2 * clientsPerInstance });
}
