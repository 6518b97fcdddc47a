// Owns: how a policy gets its place in a replay: how often it is evaluated, what it begins with, how long
// its changes take, and how far its forecast looks. Never replays.

import { leadTimeMs } from '../core/scaling/lead-time.js';
import type { Policy } from '../core/scaling/policy.js';
import { windowsOf } from '../core/scaling/stabilise.js';
import { growthMs, type ChangeModel } from './change-model.js';
import { trustOf } from './outlook.js';
import { PolicyWorld } from './policy-world.js';
import type { Seat } from './replay.js';
import type { Trace } from './trace.js';

export interface NamedPolicy {
  readonly name: string;
  readonly policy: Policy;
}

export interface Setting {
  readonly change: ChangeModel;
  /** Connected users that an instance can serve; absent: the policy's target ÷ 0.8. */
  readonly capacity?: number | undefined;
  /** Rows that a forecast looks ahead; absent: as far as in production, rounded up. */
  readonly horizonSteps?: number | undefined;
  /** Between two evaluations; absent: as the policy's schedule. At least one for each row. */
  readonly everyMs?: number | undefined;
}

export interface PolicySeat extends Seat {
  readonly world: PolicyWorld;
  readonly of: NamedPolicy;
  /** What a growth takes. */
  readonly tookMs: number;
}

/** The share of its capacity that an instance has at the target. */
const targetShare = 0.8;

/** What an instance can serve, when nobody says it: the target is 80 % of it. */
export const capacityOf = ({ clientsPerInstance }: Policy): number =>
  clientsPerInstance.target / targetShare;

export function seatOf(trace: Trace, named: NamedPolicy, setting: Setting): PolicySeat {
  const { policy, name } = named;
  const { stepMs } = trace;
  const { clientsPerInstance, instances, forecast, scheduleEveryMs } = policy;
  const ticksPerRow = Math.max(1, Math.round(stepMs / (setting.everyMs ?? scheduleEveryMs)));
  const everyMs = stepMs / ticksPerRow;
  const { upMs, downMs } = windowsOf(policy);
  const needed = Math.ceil((trace.values[0] ?? 0) / clientsPerInstance.target);
  const change = changeOf(policy, setting);
  const tookMs = growthMs(change, clientsPerInstance.target);
  const aheadMs = leadTimeMs(policy, [{ tookMs }]);
  const world = new PolicyWorld({
    name,
    policy: {
      ...policy,
      // Nobody is disturbed by a replay, so what a dry run would do is done.
      mode: 'live',
      // A trace has connected users only, and what is not measured keeps every instance.
      signals: {},
      scheduleEveryMs: everyMs,
      // Windows are as long as in production, however often one looks here; one that is over before the
      // next look is none.
      stabilisation: {
        ...policy.stabilisation,
        upMs: upMs < everyMs ? 0 : upMs,
        downMs: downMs < everyMs ? 0 : downMs,
      },
    },
    capacity: setting.capacity ?? capacityOf(policy),
    change,
    stepMs,
    ticksPerRow,
    instances: Math.min(instances.max, Math.max(instances.min, needed)),
  });
  const horizonSteps = setting.horizonSteps ?? Math.max(1, Math.ceil(aheadMs / stepMs));
  const { zone } = forecast;
  return { world, of: named, horizonSteps, tookMs, trust: trustOf(forecast), zone };
}

/** People move at the policy's pace. */
export function changeOf({ pace }: Policy, { change }: Setting): ChangeModel {
  return { ...change, clientsPerSecond: pace.acceptPerSecond };
}

/** What a policy says and a replay does not, in words for people; empty: nothing. */
export function leftOut({ signals, approval, mode }: Policy): readonly string[] {
  return [
    ...(Object.keys(signals).length > 0 ? ['signals are in no trace: replayed without them'] : []),
    ...(approval === 'never' ? [] : ['approval: replayed as if everything were approved at once']),
    ...(mode === 'dry-run' ? ['mode dry-run: replayed as if it were live'] : []),
  ];
}
