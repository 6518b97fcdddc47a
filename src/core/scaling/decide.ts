// Owns: whether a service needs another number of instances, as a pure function of a snapshot and
// its policy. Every cut leaves a reason. Never looks at a clock and never acts.

import type { Policy } from './policy.js';
import type { Reason } from './reasons.js';

export interface Sample {
  readonly instance: string;
  readonly clients: number;
  readonly ageMs: number;
}

export interface ScalingSnapshot {
  /** Names of the instances of the latest distribution; null before the first. */
  readonly members: readonly string[] | null;
  /** How many instances the platform shows as Ready. */
  readonly ready: number;
  readonly samples: readonly Sample[];
  /** When the last change was committed or its saga ended; null when there was none. */
  readonly lastChangeAtMs: number | null;
  /** Whether that change had to be undone. */
  readonly lastChangeUndone: boolean;
  readonly rebalanceRunning: boolean;
  /** Absent in decisions of before there were rolls. */
  readonly rollRunning?: boolean;
  /** A rebalance that ended without recording an outcome (terminated); null when there is none. */
  readonly unfinished: string | null;
}

export interface Decision {
  readonly kind: 'act' | 'skip';
  readonly reasons: readonly Reason[];
  /** Number of instances to have; only with `act`. */
  readonly desired?: number;
  /** When looking again could give another answer, if that is known. */
  readonly wakeAtMs?: number;
}

/** Decides on one snapshot. Reasons stand in the order in which they weighed; the last cut comes first. */
export function decide(snapshot: ScalingSnapshot, policy: Policy, nowMs: number): Decision {
  if (snapshot.rebalanceRunning) return skip([{ kind: 'rebalance-running' }]);
  // Between two of its steps nothing is as it shall be: a surge instance runs, somebody is empty.
  if (snapshot.rollRunning === true) return skip([{ kind: 'roll-running' }]);
  if (snapshot.members === null) return bootstrap(snapshot, policy);

  const instances = snapshot.members.length;
  if (snapshot.unfinished !== null) {
    const reasons: readonly Reason[] = [
      { kind: 'unfinished-rebalance', rebalance: snapshot.unfinished },
    ];
    return { kind: 'act', desired: instances, reasons };
  }
  const load = measure(snapshot.members, snapshot.samples, policy.sampleMaxAgeMs);
  const wish = wanted(instances, load, policy);
  if (wish.desired === undefined) return skip([...wish.reasons, ...load.reasons]);

  const reasons = [...wish.reasons, ...load.reasons];
  const waiting = cooldown(snapshot, policy, nowMs);
  if (waiting !== undefined)
    return { ...skip([waiting.reason, ...reasons]), wakeAtMs: waiting.untilMs };
  return { kind: 'act', desired: wish.desired, reasons };
}

function bootstrap(snapshot: ScalingSnapshot, policy: Policy): Decision {
  const { ready } = snapshot;
  const { min, max } = policy.instances;
  if (ready < min) return skip([{ kind: 'waiting-for-instances', ready, min }]);
  return {
    kind: 'act',
    desired: Math.min(ready, max),
    reasons: [{ kind: 'bootstrap', ready, min }],
  };
}

interface Load {
  /** Known clients, with the mean for whoever did not answer; undefined when nobody did. */
  readonly clients: number | undefined;
  readonly missing: number;
  readonly reasons: readonly Reason[];
}

/** Who is missing or stale counts as the mean of the others: not as empty. */
function measure(members: readonly string[], samples: readonly Sample[], maxAgeMs: number): Load {
  const byInstance = new Map(samples.map((sample) => [sample.instance, sample]));
  const reasons: Reason[] = [];
  let known = 0;
  let clients = 0;
  for (const instance of members) {
    const sample = byInstance.get(instance);
    if (sample === undefined) reasons.push({ kind: 'sample-missing', instance });
    else if (sample.ageMs > maxAgeMs) {
      reasons.push({ kind: 'sample-stale', instance, ageMs: sample.ageMs, maxAgeMs });
    } else {
      known += 1;
      clients += sample.clients;
    }
  }
  const missing = members.length - known;
  if (known === 0) return { clients: undefined, missing, reasons };
  return { clients: Math.ceil((clients / known) * members.length), missing, reasons };
}

interface Wish {
  readonly desired?: number;
  readonly reasons: readonly Reason[];
}

function wanted(instances: number, load: Load, policy: Policy): Wish {
  const { min, max } = policy.instances;
  if (instances < min)
    return limit(instances, min, [{ kind: 'below-min', instances, min }], policy);
  if (instances > max) {
    if (load.missing > 0)
      return holdOnMissing(instances, load.missing, { kind: 'above-max', instances, max });
    return limit(instances, max, [{ kind: 'above-max', instances, max }], policy);
  }
  if (load.clients === undefined) return { reasons: [{ kind: 'no-samples' }] };

  const { clients } = load;
  const { upper, lower, target } = policy.clientsPerInstance;
  const perInstance = clients / instances;
  const needed = Math.max(1, Math.ceil(clients / target));
  if (perInstance > upper) {
    const reason: Reason = { kind: 'above-upper', perInstance, upper, clients, instances };
    return limit(instances, Math.max(instances + 1, needed), [reason], policy);
  }
  if (perInstance < lower) {
    const reason: Reason = { kind: 'below-lower', perInstance, lower, clients, instances };
    if (load.missing > 0) return holdOnMissing(instances, load.missing, reason);
    return shrink(
      clients,
      limit(instances, Math.min(instances - 1, needed), [reason], policy),
      policy,
    );
  }
  return {
    reasons: [{ kind: 'within-thresholds', perInstance, lower, upper, clients, instances }],
  };
}

function holdOnMissing(instances: number, missing: number, reason: Reason): Wish {
  return { reasons: [{ kind: 'no-shrink-on-missing-samples', missing, instances }, reason] };
}

/** A shrink must leave room below the upper threshold, else the next evaluation would undo it. */
function shrink(clients: number, wish: Wish, policy: Policy): Wish {
  if (wish.desired === undefined) return wish;
  const perInstance = clients / wish.desired;
  const bound = policy.clientsPerInstance.upper * (1 - policy.hysteresis);
  if (perInstance <= bound) return wish;
  return {
    reasons: [{ kind: 'would-flap', perInstance, bound, instances: wish.desired }, ...wish.reasons],
  };
}

/** Step first, then the policy's limits; no wish is left when that brings it back to the present. */
function limit(
  instances: number,
  wantedInstances: number,
  reasons: readonly Reason[],
  policy: Policy,
): Wish {
  const cuts: Reason[] = [];
  const { min, max } = policy.instances;
  const { stepMax } = policy;
  let desired = Math.min(Math.max(wantedInstances, instances - stepMax), instances + stepMax);
  if (desired !== wantedInstances)
    cuts.push({ kind: 'limited-by-step', wanted: wantedInstances, stepMax });
  if (desired > max && desired > instances) {
    cuts.push({ kind: 'limited-by-max', wanted: desired, max });
    desired = max;
  }
  if (desired < min && desired < instances) {
    cuts.push({ kind: 'limited-by-min', wanted: desired, min });
    desired = min;
  }
  if (desired === instances) return { reasons: [...cuts, ...reasons] };
  return { desired, reasons: [...reasons, ...cuts] };
}

function cooldown(
  snapshot: ScalingSnapshot,
  policy: Policy,
  nowMs: number,
): { readonly reason: Reason; readonly untilMs: number } | undefined {
  const { lastChangeAtMs, lastChangeUndone } = snapshot;
  if (lastChangeAtMs === null) return undefined;
  const cooldownMs = lastChangeUndone ? policy.cooldownAfterUndoMs : policy.cooldownMs;
  const sinceMs = Math.max(0, nowMs - lastChangeAtMs);
  if (sinceMs >= cooldownMs) return undefined;
  const kind = lastChangeUndone ? 'cooldown-after-undo' : 'cooldown';
  return { reason: { kind, sinceMs, cooldownMs }, untilMs: lastChangeAtMs + cooldownMs };
}

function skip(reasons: readonly Reason[]): Decision {
  return { kind: 'skip', reasons };
}
