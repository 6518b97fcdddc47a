// Owns: what is waited for, so that noise does not scale: a growth to the least that was recommended
// during the growing window, a shrink to the most of the shrinking window. Never limits.
//
// Each window is a monotonic deque (Lemire, "Streaming maximum-minimum filter", 2006): constant time
// per decision, and never more entries than there are different numbers of instances.

import type { Recommended, ScalingMemory } from './memory.js';
import type { Policy } from './policy.js';
import type { Reason } from './reasons.js';
import type { Recommendation } from './recommend.js';

export interface Stabilised {
  readonly instances: number;
  /** When the window could let more through; undefined when nothing was cut. */
  readonly wakeAtMs?: number;
  readonly cut?: Reason;
  /** It would have been cut, were it not urgent. */
  readonly passed?: true;
  readonly memory: ScalingMemory;
}

/** Noise of single evaluations does not pass so many in a row. */
const evaluationsUp = 4;
const evaluationsDown = 20;
/** An evaluation that did not come says nothing any more against growing. */
const missedMax = 2;

/** The two windows of a policy, in ms; those it does not name are counted in evaluations. */
export function windowsOf({ stabilisation, scheduleEveryMs }: Policy): {
  readonly upMs: number;
  readonly downMs: number;
} {
  return {
    upMs: stabilisation.upMs ?? evaluationsUp * scheduleEveryMs,
    downMs: stabilisation.downMs ?? evaluationsDown * scheduleEveryMs,
  };
}

/**
 * A recommendation is in force until the next one is made. Against a shrink it counts however long
 * that took: what was not looked at is not known to be low. The first one of all has the present
 * number before it.
 */
export function stabilise(
  wish: Recommendation,
  instances: number,
  memory: ScalingMemory,
  policy: Policy,
  nowMs: number,
): Stabilised {
  const { upMs, downMs } = windowsOf(policy);
  const wanted = wish.instances;
  const lastAtMs = memory.lastAtMs ?? nowMs;
  const heldUntilMs = Math.min(nowMs, lastAtMs + missedMax * policy.scheduleEveryMs);
  const before: readonly Recommended[] =
    memory.most.length === 0 ? [[nowMs, instances]] : memory.most;
  const least = pushed(memory.least, wanted, heldUntilMs, nowMs, upMs, -1);
  const most = pushed(before, wanted, nowMs, nowMs, downMs, 1);
  // Field by field: a spread of objects is most of the cost of a decision.
  const { changes, towards, hot, balancedAtMs } = memory;
  const remembered = { lastAtMs: nowMs, least, most, changes, towards, hot, balancedAtMs };
  if (wish.source === 'bounds' || wanted === instances) {
    return { instances: wanted, memory: remembered };
  }

  const up = wanted > instances;
  const [first] = up ? least : most;
  const found = first?.[1] ?? wanted;
  const kept = up ? Math.max(instances, found) : Math.min(instances, found);
  if (kept === wanted) return { instances: wanted, memory: remembered };
  if (up && wish.urgent !== null) return { instances: wanted, passed: true, memory: remembered };
  const windowMs = up ? upMs : downMs;
  return {
    instances: kept,
    wakeAtMs: (first?.[0] ?? nowMs) + windowMs,
    cut: { kind: up ? 'stabilised-up' : 'stabilised-down', wanted, kept, windowMs },
    memory: remembered,
  };
}

/** The deque with a new value behind; `sign` 1: the first is the greatest, -1: the least. */
function pushed(
  deque: readonly Recommended[],
  value: number,
  heldUntilMs: number,
  nowMs: number,
  windowMs: number,
  sign: 1 | -1,
): readonly Recommended[] {
  const kept: Recommended[] = [];
  const last = deque.length - 1;
  for (let at = 0; at <= last; at += 1) {
    const entry = deque[at];
    if (entry === undefined || (entry[1] - value) * sign <= 0) break;
    const untilMs = at === last ? Math.max(entry[0], heldUntilMs) : entry[0];
    if (untilMs > nowMs - windowMs) kept.push(at === last ? [untilMs, entry[1]] : entry);
  }
  kept.push([nowMs, value]);
  return kept;
}
