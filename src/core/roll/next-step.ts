// Owns: what a rolling upgrade does next, from what is: which instances run another template than the
// present one, who owns partitions, who is Ready. Nothing is remembered, so a roll that was terminated
// goes on as a new one. Never does it.
//
//   n owners 0..n-1, all stale:  surge n · 0→n, restart 0 · 1→0, restart 1 · … · n-1→n-2, restart n-1
//                                · n→n-1 · scale back to n
//
// Everybody moves once, but those who go first: they move to the surge instance and back. So whoever has
// the fewest clients goes first. Instances that run the present template already move nobody.

export interface RollInstance {
  readonly ordinal: number;
  /** Owns partitions by the latest distribution, or holds some by the log. */
  readonly owns: boolean;
  /** Runs the present template. One that runs not at all will be started with that. */
  readonly current: boolean;
  readonly ready: boolean;
  /** Connected clients. */
  readonly clients: number;
}

export interface RollQuestion {
  /** How many own partitions when the roll has ended: ordinals 0..home-1. */
  readonly home: number;
  /** All that the platform is told to run, ascending: ordinals 0..replicas-1. */
  readonly instances: readonly RollInstance[];
}

/** One request to the rebalance workflow. */
export interface RollStep {
  readonly kind: 'surge' | 'swap' | 'restart' | 'home' | 'remove';
  /** Hands everything over to `to`, if that is given, and is started again, unless it is to be removed. */
  readonly instance?: number;
  readonly to?: number;
  /** Instances that run afterwards. */
  readonly replicas: number;
  /** Clients that are told to move. */
  readonly clients: number;
}

export type Next =
  | { readonly kind: 'done' }
  /** Owners were lost on the way, and what they had is with the others: it is dealt out again. */
  | { readonly kind: 'fill'; readonly instances: number }
  /** Somebody has to become Ready first. */
  | { readonly kind: 'wait'; readonly ordinal: number; readonly current: boolean }
  | { readonly kind: 'step'; readonly step: RollStep };

export function nextStep({ home, instances }: RollQuestion): Next {
  const replicas = instances.length;
  const owners = instances.filter(({ owns }) => owns);
  const down = owners.find(({ ready }) => !ready);
  if (down !== undefined) return waitFor(down);
  const stale = owners.filter(({ current }) => !current);
  const strays = owners.filter(({ ordinal }) => ordinal >= home);
  const empty = instances.filter(({ owns }) => !owns);
  // With nobody stale only who stays at home counts: the others are removed.
  const needed = stale.length > 0 ? empty : empty.filter(({ ordinal }) => ordinal < home);
  const spare = needed.find(({ current, ready }) => current && ready);
  if (stale.length > 0 && spare !== undefined) return swap(stale, spare, { home, instances });
  const old = needed.find(({ current }) => !current);
  if (old !== undefined) return restart(old.ordinal, replicas);
  const starting = needed.find(({ ready }) => !ready);
  if (starting !== undefined) return waitFor(starting);
  if (stale.length > 0) return { kind: 'step', step: surge(replicas + 1) };
  const stray = strays.at(-1);
  if (stray !== undefined && spare !== undefined) return goHome(stray, spare, { home, instances });
  if (replicas > home && strays.length === 0) {
    return { kind: 'step', step: { kind: 'remove', replicas: home, clients: 0 } };
  }
  if (owners.length < home) return { kind: 'fill', instances: home };
  return { kind: 'done' };
}

const surge = (replicas: number): RollStep => ({ kind: 'surge', replicas, clients: 0 });

/** The stale owner whose turn it is hands over to the spare one and is started again. */
function swap(
  stale: readonly RollInstance[],
  spare: RollInstance,
  { home, instances }: RollQuestion,
): Next {
  const staysThere = spare.ordinal < home;
  const above = stale.filter(({ ordinal }) => ordinal >= home);
  // To a place where it stays: first who has to leave its own. To the surge instance: the fewest clients.
  const [first] = staysThere && above.length > 0 ? above : staysThere ? stale : fewest(stale);
  const { ordinal: instance, clients } = first as RollInstance;
  const step: RollStep = {
    ...{ kind: 'swap', instance, to: spare.ordinal, clients },
    replicas: instances.length,
  };
  return { kind: 'step', step };
}

/** The last one above comes home, and whoever is above then holds nothing. */
function goHome(stray: RollInstance, spare: RollInstance, question: RollQuestion): Next {
  const { home, instances } = question;
  const others = instances.filter(({ owns, ordinal }) => owns && ordinal !== stray.ordinal);
  const replicas = Math.max(home, ...others.map(({ ordinal }) => ordinal + 1));
  const { ordinal: instance, clients } = stray;
  return {
    kind: 'step',
    step: { kind: 'home', instance, to: spare.ordinal, replicas, clients },
  };
}

function restart(instance: number, replicas: number): Next {
  return { kind: 'step', step: { kind: 'restart', instance, replicas, clients: 0 } };
}

const waitFor = ({ ordinal, current }: RollInstance): Next => ({ kind: 'wait', ordinal, current });

function fewest(instances: readonly RollInstance[]): readonly RollInstance[] {
  return [...instances].sort((a, b) => a.clients - b.clients || a.ordinal - b.ordinal);
}

/** More steps than any roll of so many instances takes. */
export function stepsMax(instances: number): number {
  return 3 * instances + 8;
}

/** The steps from here to the end if every one of them goes well. */
export function stepsAhead(question: RollQuestion): readonly RollStep[] {
  const steps: RollStep[] = [];
  let at = question;
  for (let i = 0; i < stepsMax(question.instances.length); i += 1) {
    const next = nextStep(at);
    if (next.kind !== 'step') break;
    steps.push(next.step);
    at = { home: at.home, instances: after(at.instances, next.step) };
  }
  return steps;
}

/** What is when a step has gone well. */
export function after(
  instances: readonly RollInstance[],
  { instance, to, replicas }: RollStep,
): readonly RollInstance[] {
  const from = instances.find(({ ordinal }) => ordinal === instance);
  const moves = to !== undefined && from !== undefined;
  return Array.from({ length: replicas }, (_, ordinal): RollInstance => {
    const fresh = { ordinal, owns: false, current: true, ready: true, clients: 0 };
    const before = instances.find((one) => one.ordinal === ordinal) ?? fresh;
    if (ordinal === instance) return fresh;
    if (!moves || ordinal !== to) return before;
    return { ...before, owns: from.owns, clients: before.clients + from.clients };
  });
}
