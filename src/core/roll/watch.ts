// Owns: judging whether instances on a new version go well: a state and a look in, a state and perhaps a
// verdict out. One process that ends is an accident, and is waited for; one that ends again crash-loops.
// Never looks itself.

import { accidentsMax, countEnds, noCrashes, type Crashes } from './crashes.js';

export interface SeenInstance {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  /** How often its process ended since it was put there; absent where the platform cannot tell. */
  readonly ends?: number;
}

interface Watched {
  readonly name: string;
  readonly uid: string;
  /** The end of that process is counted already. */
  readonly isOver: boolean;
  /** What the platform counts. */
  readonly counted: Crashes;
  /** Processes of it that ended while it was watched. */
  readonly ends: number;
  /** Null while it is Ready. */
  readonly notReadySinceMs: number | null;
}

export interface WatchState {
  readonly instances: readonly Watched[];
  /** Everybody has been well since then; null before the first look. */
  readonly wellSinceMs: number | null;
}

export type Verdict =
  | { readonly kind: 'well' }
  | { readonly kind: 'unhealthy'; readonly instance: string; readonly why: string };

export const noWatch: WatchState = { instances: [], wellSinceMs: null };

const unseen = { isOver: false, counted: noCrashes, ends: 0, notReadySinceMs: null };

export function watchRolled(
  before: WatchState,
  seen: readonly SeenInstance[],
  nowMs: number,
  { watchMs, readyWithinMs }: { readonly watchMs: number; readonly readyWithinMs: number },
): { readonly state: WatchState; readonly verdict: Verdict | null } {
  const fresh = seen.filter(({ name }) => !before.instances.some((one) => one.name === name));
  const instances = [
    ...before.instances.map((one) => looked(one, seen, nowMs)),
    ...fresh.map(({ name, uid }) => looked({ ...unseen, name, uid }, seen, nowMs)),
  ];
  const isWell = instances.every(
    (one) =>
      one.notReadySinceMs === null &&
      (before.instances.find(({ name }) => name === one.name)?.ends ?? 0) === one.ends,
  );
  const wellSinceMs = isWell ? (before.wellSinceMs ?? nowMs) : null;
  const state = { instances, wellSinceMs };
  for (const { name: instance, ends, notReadySinceMs } of instances) {
    if (ends > accidentsMax) {
      const why = `ended ${ends} times while it was watched`;
      return { state, verdict: { kind: 'unhealthy', instance, why } };
    }
    if (notReadySinceMs !== null && nowMs - notReadySinceMs >= readyWithinMs) {
      const why = `was not Ready for ${readyWithinMs} ms while it was watched`;
      return { state, verdict: { kind: 'unhealthy', instance, why } };
    }
  }
  const isOver = wellSinceMs !== null && nowMs - wellSinceMs >= watchMs;
  return { state, verdict: isOver ? { kind: 'well' } : null };
}

/**
 * An end is counted when the platform tells of it, or, where it does not, when the next life is seen. Both
 * tell of the same end: first perhaps the one, and at a later look the other.
 */
function looked(one: Watched, seen: readonly SeenInstance[], nowMs: number): Watched {
  const { name } = one;
  const now = seen.find((other) => other.name === name);
  const isReady = now?.phase === 'ready';
  const isNext = now !== undefined && now.uid !== one.uid;
  const counted = now?.ends === undefined ? one.counted : countEnds(one.counted, now.ends);
  const told = counted.ends - one.counted.ends;
  return {
    name,
    uid: now?.uid ?? one.uid,
    isOver: isNext ? told > (one.isOver ? 0 : 1) : one.isOver || told > 0,
    counted,
    ends: one.ends + Math.max(told, isNext && !one.isOver ? 1 : 0),
    notReadySinceMs: isReady ? null : (one.notReadySinceMs ?? nowMs),
  };
}
