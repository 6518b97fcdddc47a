// Owns: whether a service needs another number of instances, or its users evened out, as a pure
// function of a snapshot, the policy and what earlier decisions left to remember:
// recommend → stabilise → limit → decide. Every cut leaves a reason. Never looks at a clock, never acts.

import { ordinalOf } from '../records.js';
import { withSpares } from '../saga/spares.js';
import { balance } from './balance.js';
import { calendarAt } from './calendar.js';
import {
  cooldown,
  frozen,
  limitByBudget,
  limitSteps,
  movedBy,
  type Limits,
  type Wait,
} from './limit.js';
import { measure, type Load } from './measure.js';
import { remembering, settled, type ScalingMemory } from './memory.js';
import type { Policy } from './policy.js';
import type { Reason } from './reasons.js';
import { recommend, type Recommendation } from './recommend.js';
import type { ScalingSnapshot } from './snapshot.js';
import { stabilise } from './stabilise.js';

export type { Sample, ScalingSnapshot, Told } from './snapshot.js';

export interface Decision {
  readonly kind: 'act' | 'skip';
  readonly reasons: readonly Reason[];
  /** Number of instances to have; only with `act`. The present one: users are evened out. */
  readonly desired?: number;
  /** What made it act; absent: a threshold or the policy's bounds. */
  readonly source?: 'forecast' | 'balance';
  /** When looking again could give another answer, if that is known. */
  readonly wakeAtMs?: number;
}

export interface DecisionInput {
  readonly snapshot: ScalingSnapshot;
  readonly policy: Policy;
  /** What the decision before this one returned; `emptyMemory` for the first. */
  readonly memory: ScalingMemory;
  /** Wall clock, in ms: freezes and floors are times of day. */
  readonly nowMs: number;
}

export interface Decided {
  readonly decision: Decision;
  /** For the next decision; a value of JSON, bounded (memory.ts). */
  readonly memory: ScalingMemory;
}

/**
 * Decides on one snapshot. Equal inputs give equal answers, also from a record: everything is JSON.
 * Reasons stand in the order in which they weighed; what cut a change to nothing comes first.
 * O(instances) per decision. Stabilising by the highest recommendation of a window and the larger of
 * several limits are the rules of Kubernetes' HorizontalPodAutoscaler (v2, `behavior`).
 */
export function decide({ snapshot, policy, memory, nowMs }: DecisionInput): Decided {
  const { members, unfinished } = snapshot;
  const unchanged = (decision: Decision): Decided => ({ decision, memory });
  if (snapshot.rebalanceRunning) return unchanged(skip([{ kind: 'rebalance-running' }]));
  // Between two of its steps nothing is as it shall be: a surge instance runs, somebody is empty.
  if (snapshot.rollRunning === true) return unchanged(skip([{ kind: 'roll-running' }]));

  const before = settled(memory, snapshot, policy, nowMs);
  const day = calendarAt(policy, nowMs);
  const limits: Limits = { policy, day, changes: before.changes, nowMs };
  if (members === null) return unchanged(told(bootstrap(snapshot, limits), policy));
  if (unfinished !== null) {
    const reasons: readonly Reason[] = [{ kind: 'unfinished-rebalance', rebalance: unfinished }];
    return unchanged(told({ kind: 'act', desired: members.length, reasons }, policy));
  }

  const load = measure(members, snapshot, policy);
  const { towards } = before;
  const situation = { instances: members.length, load, snapshot, policy, day, towards };
  const { decision, memory: after } = scale(situation, recommend(situation), before, limits);
  return { decision: told(toppedUp(decision, snapshot, limits), policy), memory: after };
}

/** The first distribution needs the minimum Ready, and the platform told to run so many. */
function bootstrap(snapshot: ScalingSnapshot, limits: Limits): Decision {
  const { ready, told: platform } = snapshot;
  const { min, max } = limits.policy.instances;
  if (ready >= min) {
    const reasons: readonly Reason[] = [{ kind: 'bootstrap', ready, min }];
    return { kind: 'act', desired: Math.min(ready, max), reasons };
  }
  const waiting: Reason = { kind: 'waiting-for-instances', ready, min };
  if (platform === undefined || platform.replicas >= min) return skip([waiting]);
  const { replicas } = platform;
  if (platform.byOthers) return skip([{ kind: 'told-by-others', replicas, min }, waiting]);
  const reasons: readonly Reason[] = [{ kind: 'told-below-min', replicas, min }];
  const wait = cooldown('up', snapshot, limits);
  return wait === undefined ? { kind: 'act', desired: min, reasons } : held(wait, reasons);
}

interface Situation {
  readonly instances: number;
  readonly load: Load;
  readonly snapshot: ScalingSnapshot;
}

function scale(
  { instances, load, snapshot }: Situation,
  wish: Recommendation,
  before: ScalingMemory,
  limits: Limits,
): Decided {
  const { policy, nowMs } = limits;
  const stable = stabilise(wish, instances, before, policy, nowMs);
  const cuts: Reason[] = stable.cut === undefined ? [] : [stable.cut];
  const skipped = (first: readonly Reason[], wakeAtMs: number | undefined): Decided => ({
    decision: skip([...first, ...wish.reasons, ...load.reasons], wakeAtMs),
    memory: stable.memory,
  });
  if (stable.instances === instances) {
    if (wish.instances !== instances) return skipped(cuts, stable.wakeAtMs);
    return evenOut({ instances, load, snapshot }, wish, stable.memory, limits);
  }

  const up = stable.instances > instances;
  const stepped = limitSteps(instances, stable.instances, limits);
  cuts.push(...stepped.cuts);
  if (stepped.instances === instances) return skipped(cuts, stepped.wakeAtMs);
  const byBounds = wish.source === 'bounds';
  const moves = (to: number): number => movedBy(load.clients ?? 0, instances, to);
  const afforded = byBounds
    ? stepped
    : limitByBudget(instances, stepped.instances, moves, snapshot, limits);
  const overBudget = afforded.instances !== stepped.instances;
  const urgent = up ? wish.urgent : null;
  if (overBudget && urgent === null) cuts.unshift(...afforded.cuts);
  if (urgent !== null && (overBudget || stable.passed === true)) cuts.push(urgent);
  const desired = urgent === null ? afforded.instances : stepped.instances;
  if (desired === instances) return skipped(cuts, afforded.wakeAtMs);
  const toMin = byBounds && up && instances < policy.instances.min;
  const wait =
    (toMin ? undefined : frozen(up, limits)) ?? cooldown(up ? 'up' : 'down', snapshot, limits);
  const reasons = [...wish.reasons, ...load.reasons, ...cuts];
  if (wait !== undefined) return { decision: held(wait, reasons), memory: stable.memory };

  const source = wish.source === 'forecast' ? ({ source: 'forecast' } as const) : {};
  const change = { atMs: nowMs, from: instances, to: desired, moved: moves(desired) };
  const towards = byBounds || desired === stable.instances ? null : up ? 'up' : 'down';
  return {
    decision: { kind: 'act', desired, reasons, ...source },
    memory: remembering({ ...stable.memory, towards, hot: null }, change),
  };
}

/** Where nothing else is done, spares that are missing are asked for: nobody moves for that. */
function toppedUp(decision: Decision, snapshot: ScalingSnapshot, limits: Limits): Decision {
  const { members } = snapshot;
  const missing = sparesMissing(snapshot, limits.policy);
  if (decision.kind === 'act' || members === null || missing === undefined) return decision;
  const reasons = [missing, ...decision.reasons];
  const wait = frozen(true, limits) ?? cooldown('up', snapshot, limits);
  return wait === undefined
    ? { kind: 'act', desired: members.length, reasons }
    : held(wait, reasons);
}

/** Fewer run than the owners and the spares; whoever else set the number is not overruled. */
function sparesMissing(
  { members, told: platform }: ScalingSnapshot,
  { warmSpares: spares, instances: { max } }: Policy,
): Reason | undefined {
  if (spares === 0 || platform === undefined || platform.byOthers || members === null) {
    return undefined;
  }
  const needed = Math.max(...members.map((name) => (ordinalOf(name) ?? 0) + 1));
  const wanted = withSpares(needed, { spares, max });
  const { replicas: running } = platform;
  return running >= wanted ? undefined : { kind: 'spares-missing', running, wanted, spares };
}

/** The number is right; whoever has too many users is looked at. */
function evenOut(
  { instances, load, snapshot }: Situation,
  wish: Recommendation,
  memory: ScalingMemory,
  limits: Limits,
): Decided {
  const { nowMs } = limits;
  // Whatever was on its way to the target is there, or the load has changed.
  const towards = wish.source === 'bounds' ? memory.towards : null;
  const trustworthy = load.missing === 0 && !load.doubtful;
  const even = trustworthy ? balance(instances, load, snapshot, memory, limits) : undefined;
  const seen = load.reasons.length === 0 ? wish.reasons : [...wish.reasons, ...load.reasons];
  const hotOnes = even?.reasons ?? [];
  const reasons = hotOnes.length === 0 ? seen : [...hotOnes, ...seen];
  const hot = even?.hot ?? null;
  if (even?.acts !== true) {
    const unchanged = hot === memory.hot && towards === memory.towards;
    return {
      decision: skip(reasons, even?.wakeAtMs),
      memory: unchanged ? memory : { ...memory, hot, towards },
    };
  }
  const change = { atMs: nowMs, from: instances, to: instances, moved: even.moved };
  return {
    decision: { kind: 'act', desired: instances, reasons, source: 'balance' },
    memory: remembering({ ...memory, hot, towards, balancedAtMs: nowMs }, change),
  };
}

/** What a dry run decides is decided as ever; only that nobody does it is added. */
function told(decision: Decision, { mode }: Policy): Decision {
  if (mode !== 'dry-run' || decision.kind === 'skip') return decision;
  return { ...decision, reasons: [...decision.reasons, { kind: 'dry-run' }] };
}

function held({ reason, untilMs }: Wait, reasons: readonly Reason[]): Decision {
  return skip([reason, ...reasons], untilMs);
}

function skip(reasons: readonly Reason[], wakeAtMs?: number): Decision {
  return wakeAtMs === undefined ? { kind: 'skip', reasons } : { kind: 'skip', reasons, wakeAtMs };
}
