// Owns: the past of a service's connected users, as the steps that forecasts learn from: from Prometheus,
// which keeps it anyway, or from what evaluations counted, kept by day in ConfigDB. Never forecasts.

import { Aggregator } from '../src/core/forecast/aggregator.js';
import { dayMs } from '../src/core/forecast/grid.js';
import { isMeasurable } from '../src/core/scaling/measurable.js';
import type { Policy } from '../src/core/scaling/policy.js';
import { queryOf } from '../src/core/telemetry/template.js';
import type { ConfigDb, LoadDoc } from '../src/ports.js';
import type { TimeSeriesSource } from '../src/time-series-port.js';
import { clientsQuery } from './load-seen.js';

/** A mean is of so many looks at the series, if scrapes are that close. */
const looksPerStep = 20;
const lookMinS = 1;

/** For one question: evaluations come every few seconds. */
export const readWithinMs = 5_000;

/** Steps from `fromMs`, one after the other, up to what is over at `untilMs`; undefined: a gap. */
export type LoadHistory = (
  fromMs: number,
  untilMs: number,
) => Promise<readonly (number | undefined)[]>;

export function historyOfPrometheus(source: TimeSeriesSource, policy: Policy): LoadHistory {
  const { stepMs } = policy.forecast;
  const query = meanQuery(policy);
  return async (fromMs, untilMs) => {
    const steps = Math.floor((untilMs - fromMs) / stepMs);
    if (steps < 1) return [];
    // The mean of a step is asked for at its end.
    const window = { fromMs: fromMs + stepMs, toMs: fromMs + steps * stepMs, stepMs };
    const [series] = await source.range(query, window, readWithinMs);
    const values = new Array<number | undefined>(steps).fill(undefined);
    for (const { atMs, value } of series?.points ?? []) {
      const step = Math.round((atMs - window.fromMs) / stepMs);
      if (isMeasurable(value)) values[step] = value;
    }
    return values;
  };
}

/** Of all instances together, over one step. */
export function meanQuery(policy: Policy): string {
  const stepS = policy.forecast.stepMs / 1_000;
  const lookS = Math.max(lookMinS, Math.round(stepS / looksPerStep));
  return `avg_over_time(sum(${queryOf(clientsQuery(policy), policy.service)})[${stepS}s:${lookS}s])`;
}

type Days = Pick<ConfigDb, 'loads' | 'saveLoad'>;

export function historyOfEvaluations(configDb: Days, policy: Policy): LoadHistory {
  const { service, forecast } = policy;
  const { stepMs } = forecast;
  return async (fromMs, untilMs) => {
    const steps = Math.floor((untilMs - fromMs) / stepMs);
    if (steps < 1) return [];
    const values = new Array<number | undefined>(steps).fill(undefined);
    for (const day of await configDb.loads(service, stepMs, startOfDay(fromMs))) {
      const first = Math.round((day.dayMs - fromMs) / stepMs);
      day.values.forEach((value, at) => {
        const step = first + at;
        if (step >= 0 && step < steps && value !== null) values[step] = value;
      });
    }
    return values;
  };
}

/** Adds what an evaluation counted (undefined: nothing that could be relied on) to its day. */
export async function keepCounted(
  configDb: Days,
  policy: Policy,
  clients: number | undefined,
  nowMs: number,
): Promise<void> {
  const { service, forecast } = policy;
  const { stepMs } = forecast;
  const today = startOfDay(nowMs);
  const days = await configDb.loads(service, stepMs, today - dayMs);
  const before = days.find((day) => day.dayMs === today - dayMs);
  // What was open at midnight is closed first.
  if (before !== undefined && before.values.length < dayMs / stepMs) {
    await configDb.saveLoad(closed(before, today, nowMs));
  }
  const known = days.find((day) => day.dayMs === today) ?? {
    ...{ service, stepMs, dayMs: today, values: [], atMs: nowMs },
    open: { sum: 0, samples: 0 },
  };
  const { aggregator, values } = continued(known);
  aggregator.add(nowMs, clients, (_, mean) => values.push(mean ?? null));
  await configDb.saveLoad(dayOf(known, aggregator, values, nowMs));
}

function closed(day: LoadDoc, untilMs: number, nowMs: number): LoadDoc {
  const { aggregator, values } = continued(day);
  aggregator.add(untilMs, undefined, (_, mean) => values.push(mean ?? null));
  return { ...day, values, open: { sum: 0, samples: 0 }, atMs: nowMs };
}

function continued(day: LoadDoc) {
  const { stepMs, open, values } = day;
  const aggregator = new Aggregator({ stepMs });
  aggregator.load({ startMs: day.dayMs + values.length * stepMs, ...open });
  return { aggregator, values: [...values] };
}

function dayOf(
  day: LoadDoc,
  aggregator: Aggregator,
  values: readonly (number | null)[],
  nowMs: number,
): LoadDoc {
  const { sum, samples } = aggregator.save();
  return { ...day, values, open: { sum: Number(sum), samples: Number(samples) }, atMs: nowMs };
}

const startOfDay = (atMs: number): number => Math.floor(atMs / dayMs) * dayMs;
