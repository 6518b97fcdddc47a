// Owns: judging whether instances on a new version go well: a state and a look in, a state and perhaps a
// verdict out. One process that ends is an accident, and is waited for; one that ends again crash-loops.
// Never looks itself.

export interface SeenInstance {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
}

interface Watched {
  readonly name: string;
  readonly uid: string;
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

/** Ends of one instance that are an accident. */
const endsMax = 1;

export function watchRolled(
  before: WatchState,
  seen: readonly SeenInstance[],
  nowMs: number,
  { watchMs, readyWithinMs }: { readonly watchMs: number; readonly readyWithinMs: number },
): { readonly state: WatchState; readonly verdict: Verdict | null } {
  const fresh = seen.filter(({ name }) => !before.instances.some((one) => one.name === name));
  const instances = [
    ...before.instances.map((one) => looked(one, seen, nowMs)),
    ...fresh.map((one) => looked({ ...one, ends: 0, notReadySinceMs: null }, seen, nowMs)),
  ];
  const isWell = instances.every(
    (one) =>
      one.notReadySinceMs === null &&
      (before.instances.find(({ name }) => name === one.name)?.ends ?? 0) === one.ends,
  );
  const wellSinceMs = isWell ? (before.wellSinceMs ?? nowMs) : null;
  const state = { instances, wellSinceMs };
  for (const { name: instance, ends, notReadySinceMs } of instances) {
    if (ends > endsMax) {
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

/** Between two lives it is not seen: the end counts when the next life is. */
function looked(one: Watched, seen: readonly SeenInstance[], nowMs: number): Watched {
  const { name } = one;
  const now = seen.find((other) => other.name === name);
  const isReady = now?.phase === 'ready';
  return {
    name,
    uid: now?.uid ?? one.uid,
    ends: one.ends + (now !== undefined && now.uid !== one.uid ? 1 : 0),
    notReadySinceMs: isReady ? null : (one.notReadySinceMs ?? nowMs),
  };
}
