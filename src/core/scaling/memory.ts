// Owns: what a decision remembers of those before it: an explicit, bounded value without anything but
// JSON in it, given to the next decision and recorded with it. Never decides.

import type { Policy } from './policy.js';
import type { ScalingSnapshot } from './snapshot.js';

/** A recommendation and until when it was in force, in ms of the decision's clock. */
export type Recommended = readonly [untilMs: number, instances: number];

/** A change that a decision asked for. */
export interface Change {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  /** Clients that it moves, as far as could be seen. */
  readonly moved: number;
}

export interface ScalingMemory {
  /** When the last recommendation was made; null before the first. */
  readonly lastAtMs: number | null;
  /** Recommendations of the growing window, values ascending: the first is the least. */
  readonly least: readonly Recommended[];
  /** Recommendations of the shrinking window, values descending: the first is the most. */
  readonly most: readonly Recommended[];
  /** Oldest first, within the longest period that counts them; at most `changesMax`. */
  readonly changes: readonly Change[];
  /** A change in this direction was cut by a limit, so the target is not reached yet. */
  readonly towards: 'up' | 'down' | null;
  /** The hottest instance above `upper`, while the total is fine. */
  readonly hot: { readonly instance: string; readonly sinceMs: number } | null;
  /** When instances were evened out last. */
  readonly balancedAtMs: number | null;
}

/** Before the first decision. */
export const emptyMemory: ScalingMemory = {
  lastAtMs: null,
  least: [],
  most: [],
  changes: [],
  towards: null,
  hot: null,
  balancedAtMs: null,
};

/** More changes within the longest period are merged, oldest first. */
export const changesMax = 256;
/** The disruption budget counts over this long. */
export const budgetPeriodMs = 3_600_000;

/** With a change that is asked for now. */
export function remembering(memory: ScalingMemory, change: Change): ScalingMemory {
  const changes = [...memory.changes, change];
  if (changes.length <= changesMax) return { ...memory, changes };
  const [first, second, ...others] = changes;
  if (first === undefined || second === undefined) return { ...memory, changes };
  // The later time: it counts rather longer than shorter.
  const merged = { ...second, from: first.from, moved: first.moved + second.moved };
  return { ...memory, changes: [merged, ...others] };
}

/**
 * Without what no period counts any more, and without a last change that did not come about. Where the
 * clock has gone back since, nothing lies ahead of it: else windows would last until it is there again.
 */
export function settled(
  remembered: ScalingMemory,
  { members, lastChangeAtMs }: ScalingSnapshot,
  { steps }: Policy,
  nowMs: number,
): ScalingMemory {
  const memory = (remembered.lastAtMs ?? 0) > nowMs ? notAhead(remembered, nowMs) : remembered;
  const { changes } = memory;
  if (changes.length === 0) return memory;
  const periodMs = Math.max(budgetPeriodMs, steps.up?.periodMs ?? 0, steps.down?.periodMs ?? 0);
  const last = changes[changes.length - 1];
  const happened =
    last === undefined ||
    (lastChangeAtMs !== null && lastChangeAtMs >= last.atMs) ||
    (last.from !== last.to && members?.length !== last.from);
  const from = changes.findIndex(({ atMs }) => atMs > nowMs - periodMs);
  if (happened && from === 0) return memory;
  const kept = from === -1 ? [] : changes.slice(from);
  if (happened) return { ...memory, changes: kept };
  // Refused, rejected, or a dry run: the way to the target has not been begun.
  return { ...memory, changes: kept.slice(0, -1), towards: null };
}

function notAhead(memory: ScalingMemory, nowMs: number): ScalingMemory {
  const { least, most, changes, hot, balancedAtMs } = memory;
  const recent = ([untilMs, instances]: Recommended): Recommended => [
    Math.min(untilMs, nowMs),
    instances,
  ];
  return {
    ...memory,
    lastAtMs: nowMs,
    least: least.map(recent),
    most: most.map(recent),
    changes: changes.map((change) => ({ ...change, atMs: Math.min(change.atMs, nowMs) })),
    hot: hot === null ? null : { ...hot, sinceMs: Math.min(hot.sinceMs, nowMs) },
    balancedAtMs: balancedAtMs === null ? null : Math.min(balancedAtMs, nowMs),
  };
}
