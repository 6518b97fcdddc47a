// Owns: how many instances the load, the signals and the forecast call for, before anything is waited
// for or limited. Where two answers meet, more instances win. Never looks at what was decided before
// but for the direction of a change that was cut short.

import type { CalendarDay } from './calendar.js';
import { isMeasurable } from './measurable.js';
import type { Load } from './measure.js';
import type { Policy } from './policy.js';
import type { Reason, ReasonOf } from './reasons.js';
import { signals, type Signal, type SignalThresholds } from './signals.js';
import type { ScalingSnapshot, SignalReading } from './snapshot.js';

export interface Recommendation {
  readonly instances: number;
  /** What it rests on: the policy's bounds, what is measured, or what is expected. */
  readonly source: 'bounds' | 'threshold' | 'forecast';
  /** So far above `upper` that no window and no budget is waited for; null: they are. */
  readonly urgent: ReasonOf<'urgent'> | null;
  readonly reasons: readonly Reason[];
}

export interface Situation {
  /** Instances that own partitions. */
  readonly instances: number;
  readonly load: Load;
  readonly snapshot: ScalingSnapshot;
  readonly policy: Policy;
  readonly day: CalendarDay;
  readonly towards: 'up' | 'down' | null;
}

export function recommend(situation: Situation): Recommendation {
  const { instances, load, policy } = situation;
  const wish = withForecast(situation, byMeasures(situation));
  const bound = outOfBounds(situation);
  if (bound === undefined) return trusted(wish, instances, load);

  if (bound.instances > instances) {
    if (wish.instances <= bound.instances) return bound;
    return { ...wish, reasons: [...bound.reasons, ...wish.reasons] };
  }
  // Too many by the policy: fewer only on whole data, and not fewer than the maximum.
  return trusted({ ...bound, instances: policy.instances.max }, instances, load);
}

/** Fewer than the minimum or a scheduled floor, or more than the maximum. */
function outOfBounds({ instances, policy, day }: Situation): Recommendation | undefined {
  const { min, max } = policy.instances;
  const bound = (to: number, reason: Reason): Recommendation => {
    return { instances: to, source: 'bounds', urgent: null, reasons: [reason] };
  };
  const floor = Math.min(day.floor?.instances ?? 0, max);
  if (day.floor !== null && floor > min && instances < floor) {
    return bound(floor, { kind: 'below-floor', instances, floor, name: day.floor.name });
  }
  if (instances < min) return bound(min, { kind: 'below-min', instances, min });
  if (instances > max) return bound(max, { kind: 'above-max', instances, max });
  return undefined;
}

/** Nothing is removed on missing or contradicting data. */
function trusted(wish: Recommendation, instances: number, load: Load): Recommendation {
  const { missing, doubtful } = load;
  if (wish.instances >= instances || (missing === 0 && !doubtful)) return wish;
  const hold: Reason =
    missing > 0
      ? { kind: 'no-shrink-on-missing-samples', missing, instances }
      : { kind: 'no-shrink-on-doubt' };
  return { ...wish, instances, reasons: [hold, ...wish.reasons] };
}

function byMeasures(situation: Situation): Recommendation {
  const { instances, load, policy, towards } = situation;
  const { clients } = load;
  if (clients === undefined || load.absurd) {
    const reasons: readonly Reason[] = clients === undefined ? [{ kind: 'no-samples' }] : [];
    return { instances, source: 'threshold', urgent: null, reasons };
  }
  const need = needOf(clients, instances, policy.clientsPerInstance, policy.hysteresis, towards);
  const reasons: Reason[] = reasonsOf(need, clients, instances, policy);
  let wanted = need.wanted;
  for (const signal of signals) {
    const thresholds = policy.signals[signal];
    if (thresholds === undefined) continue;
    const asked = bySignal(signal, thresholds, situation, wanted);
    if (asked.reason === undefined) continue;
    if (asked.wanted > wanted) reasons.unshift(asked.reason);
    else reasons.push(asked.reason);
    wanted = Math.max(wanted, asked.wanted);
  }
  const bound = policy.clientsPerInstance.upper * (1 + policy.stabilisation.urgentShare);
  const { perInstance } = need;
  const urgent = perInstance > bound ? ({ kind: 'urgent', perInstance, bound } as const) : null;
  return { instances: wanted, source: 'threshold', urgent, reasons };
}

interface Need {
  readonly kind: 'above' | 'below' | 'within' | 'towards';
  readonly wanted: number;
  readonly perInstance: number;
  /** Fewer would do, but so few would be too near `upper`. */
  readonly flaps?: ReasonOf<'would-flap'>;
}

/**
 * Between the thresholds the present number stands, unless a change to the target was cut short. A
 * shrink must leave nobody above the target and room below `upper`: else it would be undone soon, and
 * with few instances one shrink would ask for the next.
 */
function needOf(
  total: number,
  instances: number,
  { upper, lower, target }: SignalThresholds,
  hysteresis: number,
  towards: 'up' | 'down' | null,
): Need {
  const perInstance = total / instances;
  const needed = Math.max(1, Math.ceil(total / target));
  if (perInstance > upper)
    return { kind: 'above', perInstance, wanted: Math.max(instances + 1, needed) };
  const below = lower !== undefined && perInstance < lower;
  const onward =
    (towards === 'up' && needed > instances) || (towards === 'down' && needed < instances);
  if (!below && !onward) return { kind: 'within', perInstance, wanted: instances };
  const kind = below ? 'below' : 'towards';
  if (!below && needed > instances) return { kind, perInstance, wanted: needed };

  const fewer = Math.min(instances - 1, needed);
  const bound = Math.min(target, upper * (1 - hysteresis));
  if (fewer < 1 || total / fewer <= bound) return { kind, perInstance, wanted: fewer };
  const wanted = Math.min(instances, Math.ceil(total / bound));
  const flaps = {
    kind: 'would-flap',
    perInstance: total / fewer,
    bound,
    instances: fewer,
  } as const;
  return { kind, perInstance, wanted, flaps };
}

function reasonsOf(need: Need, clients: number, instances: number, policy: Policy): Reason[] {
  const { upper, lower, target } = policy.clientsPerInstance;
  const { perInstance, wanted } = need;
  const flaps = need.flaps === undefined ? [] : [need.flaps];
  switch (need.kind) {
    case 'above':
      return [{ kind: 'above-upper', perInstance, upper, clients, instances }];
    case 'below':
      return [...flaps, { kind: 'below-lower', perInstance, lower, clients, instances }];
    case 'towards':
      return [...flaps, { kind: 'towards-target', perInstance, instances, target, wanted }];
    case 'within':
      return [{ kind: 'within-thresholds', perInstance, lower, upper, clients, instances }];
  }
}

/**
 * A signal without `lower` never keeps more than its target needs. Instances without it count as the
 * mean of the others, but nothing is removed then.
 */
function bySignal(
  signal: Signal,
  thresholds: SignalThresholds,
  { instances, policy, snapshot }: Situation,
  wanted: number,
): { readonly wanted: number; readonly reason?: Reason } {
  const reading = snapshot.signals?.find((one) => one.signal === signal);
  const hold = { wanted: instances, reason: { kind: 'signal-missing', signal } } as const;
  if (reading === undefined || !isUsable(reading, policy.sampleMaxAgeMs)) return hold;

  const total = (reading.total / reading.instances) * instances;
  const need = needOf(total, instances, thresholds, policy.hysteresis, null);
  const { perInstance } = need;
  const { upper, lower, target } = thresholds;
  if (need.kind === 'above') {
    const reason: Reason = { kind: 'signal-above-upper', signal, perInstance, upper, instances };
    return { wanted: need.wanted, reason };
  }
  if (reading.instances < instances) return hold;
  const least = lower === undefined ? Math.max(1, Math.ceil(total / target)) : need.wanted;
  const keeps = Math.min(instances, least);
  if (keeps <= wanted) return { wanted };
  return {
    wanted: keeps,
    reason: { kind: 'signal-keeps', signal, perInstance, instances, wanted: keeps },
  };
}

function isUsable({ total, instances, ageMs }: SignalReading, maxAgeMs: number): boolean {
  return isMeasurable(total) && instances > 0 && ageMs <= maxAgeMs;
}

/** Adds to what is measured, never takes from it. */
function withForecast(situation: Situation, measured: Recommendation): Recommendation {
  const { snapshot, policy, instances, load, towards } = situation;
  const { forecast, noForecast } = snapshot;
  const { mode, plansFor } = policy.forecast;
  // Who only looks on is not missed.
  if (forecast === undefined && noForecast !== undefined && mode === 'acting') {
    const missing: Reason = { kind: 'forecast-missing', why: noForecast };
    return { ...measured, reasons: [...measured.reasons, missing] };
  }
  if (forecast === undefined || mode === 'off' || load.clients === undefined || load.absurd) {
    return measured;
  }
  const { model, horizonMs } = forecast;
  const clients = forecast[plansFor];
  if (!isMeasurable(clients)) {
    return { ...measured, reasons: [...measured.reasons, { kind: 'forecast-unusable', model }] };
  }
  const up = towards === 'up' ? towards : null;
  const { wanted } = needOf(clients, instances, policy.clientsPerInstance, policy.hysteresis, up);
  const without = measured.instances;
  if (wanted <= without) return measured;
  const foreseen = { clients, horizonMs, model, wanted, without };
  if (mode === 'acting' && forecast.acts) {
    const reasons: readonly Reason[] = [
      { kind: 'forecast-ahead', ...foreseen },
      ...measured.reasons,
    ];
    // What only keeps a removal smaller removes all the same, and that is not the forecast's doing.
    const source = wanted > instances ? 'forecast' : measured.source;
    return { ...measured, instances: wanted, source, reasons };
  }
  const reason: Reason =
    mode === 'shadow'
      ? { kind: 'forecast-shadow', ...foreseen }
      : { kind: 'forecast-not-trusted', ...foreseen, why: forecast.why };
  return { ...measured, reasons: [...measured.reasons, reason] };
}
