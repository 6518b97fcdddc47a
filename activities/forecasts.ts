// Owns: the forecast of each service that a worker evaluates. Its state is a function of the service's
// history, which lies elsewhere (load-history.ts): a worker that starts, or another one, rebuilds it, within
// a named time per evaluation, and from then on takes in the steps that have ended. Never decides.

import { setImmediate as turn } from 'node:timers/promises';
import { Forecaster } from '../src/core/forecast/forecaster.js';
import { dayMs, gridOf, horizonDaysMax, learntMs, type Grid } from '../src/core/forecast/grid.js';
import { trustDefaults } from '../src/core/forecast/trust.js';
import { trustText } from '../src/core/forecast/trust-text.js';
import { clockChangesFrom } from '../src/core/scaling/clock-changes.js';
import type { Forecast } from '../src/core/scaling/forecast.js';
import type { Policy } from '../src/core/scaling/policy.js';
import { saidBy } from './load-seen.js';
import type { LoadHistory } from './load-history.js';

/** Reading and learning, for each evaluation; what is left is done by the next one. */
export const learnWithinMs = 5_000;
/** What one question is about, so that none is a large one. */
const readMs = dayMs;
/** Services whose forecasts a worker keeps, some 500 kB each; the one asked for longest ago goes. */
const servicesMax = 200;

export type Foreseen =
  | { readonly kind: 'forecast'; readonly forecast: Forecast }
  /** One sentence without a full stop. */
  | { readonly kind: 'none'; readonly why: string };

export interface Forecasts {
  /** Expected `leadMs` from now, by what `history` says until now. Never fails because a source does. */
  of(policy: Policy, leadMs: number, history: LoadHistory, nowMs: number): Promise<Foreseen>;
}

interface Learning {
  /** What it was made for; with anything else it begins anew. */
  readonly key: string;
  /** Begins with the first value that is known. */
  readonly make: (firstMs: number) => Forecaster;
  forecaster?: Forecaster;
  readonly firstMs: number;
  nextMs: number;
  known: number;
  isBusy: boolean;
}

export function createForecasts(monotonicMs: () => number): Forecasts {
  const learnings = new Map<string, Learning>();
  return {
    of: async (policy, leadMs, history, nowMs) => {
      const { service, forecast } = policy;
      // A grid that cannot be is refused with the policy, but older ones are in force.
      const grid = gridIn(forecast.stepMs, leadMs);
      if (typeof grid === 'string') return { kind: 'none', why: grid };
      const key = JSON.stringify([grid.stepMs, grid.horizon, forecast, policy.metrics]);
      const before = learnings.get(service);
      const learning = before?.key === key ? before : begin(key, grid, policy, nowMs);
      learnings.delete(service);
      learnings.set(service, learning);
      if (learnings.size > servicesMax) learnings.delete([...learnings.keys()][0] as string);
      if (learning.isBusy) return { kind: 'none', why: 'another evaluation reads its history' };
      learning.isBusy = true;
      try {
        return await foresee(learning, grid, { leadMs, history, nowMs, forecast });
      } finally {
        learning.isBusy = false;
      }
    },
  };

  async function foresee(
    learning: Learning,
    { stepMs }: Grid,
    asked: {
      readonly leadMs: number;
      readonly history: LoadHistory;
      readonly nowMs: number;
      readonly forecast: Policy['forecast'];
    },
  ): Promise<Foreseen> {
    const { leadMs, history, nowMs, forecast: settings } = asked;
    const endMs = Math.floor(nowMs / stepMs) * stepMs;
    const untilMs = monotonicMs() + learnWithinMs;
    while (learning.nextMs < endMs) {
      if (monotonicMs() > untilMs) return reading(learning, endMs);
      const toMs = Math.min(endMs, learning.nextMs + readMs);
      try {
        take(learning, await history(learning.nextMs, toMs), { toMs, stepMs });
      } catch (error) {
        return { kind: 'none', why: `its history cannot be read: ${saidBy(error)}` };
      }
      await turn(); // Others of this worker want the processor, too.
    }
    const made = learning.forecaster?.forecast();
    if (made === undefined) return { kind: 'none', why: 'there is no history yet' };
    const { value, low, high, model } = made;
    const historyMs = learning.known * stepMs;
    const isYoung = historyMs < settings.minHistoryMs;
    return {
      kind: 'forecast',
      forecast: {
        ...{ value, low, high, model, horizonMs: leadMs },
        acts: made.acts && !isYoung,
        why: isYoung
          ? `${days(historyMs)} of history are known, and ${days(settings.minHistoryMs)} are wanted`
          : trustText(made.why),
      },
    };
  }
}

/** Gaps before the first value are no history. */
function take(
  learning: Learning,
  values: readonly (number | undefined)[],
  { toMs, stepMs }: { readonly toMs: number; readonly stepMs: number },
): void {
  for (const [at, value] of values.entries()) {
    if (value === undefined && learning.known === 0) continue;
    learning.forecaster ??= learning.make(learning.nextMs + at * stepMs);
    learning.forecaster.observe(value);
    learning.known += 1;
  }
  learning.nextMs = toMs;
}

function begin(key: string, grid: Grid, { forecast }: Policy, nowMs: number): Learning {
  const { stepMs } = grid;
  const firstMs = Math.floor((nowMs - learntMs(stepMs)) / stepMs) * stepMs;
  const daysMin = Math.min(trustDefaults.windowDays, forecast.minHistoryMs / dayMs);
  const trust = { margin: forecast.margin, daysMin };
  const make = (beginsMs: number) => {
    const offsets = clockChangesFrom(forecast.zone, beginsMs);
    return new Forecaster({ grid, trust, offsets, firstMs: beginsMs });
  };
  return { key, make, firstMs, nextMs: firstMs, known: 0, isBusy: false };
}

/**
 * A step more than the lead time: the latest step that is known began one ago, and what is forecast is the
 * mean of a whole one.
 */
function gridIn(stepMs: number, leadMs: number): Grid | string {
  const leadMaxMs = horizonDaysMax * dayMs - stepMs;
  try {
    return gridOf(stepMs, Math.min(leadMs, leadMaxMs) + stepMs);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function reading({ firstMs, nextMs }: Learning, endMs: number): Foreseen {
  const share = Math.floor((100 * (nextMs - firstMs)) / (endMs - firstMs));
  return { kind: 'none', why: `its history is being read (${share} %)` };
}

/** `2 days`, `3.5 h`, `12 min`. */
function days(ms: number): string {
  const rounded = (value: number) => Math.round(value * 10) / 10;
  if (ms >= dayMs) return `${rounded(ms / dayMs)} days`;
  return ms >= 3_600_000 ? `${rounded(ms / 3_600_000)} h` : `${rounded(ms / 60_000)} min`;
}
