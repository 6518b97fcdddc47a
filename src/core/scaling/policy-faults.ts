// Owns: the rules that hold between the fields of a policy: combinations that could never be met. Never
// reads a file, and never judges a single field (src/cli/policy-file.ts).

import { calendarFault } from './calendar-faults.js';
import { paceFault } from './pace-fault.js';
import { dayMs, learntMs, stepMsMin } from '../forecast/grid.js';
import type { Policy } from './policy.js';
import { signals } from './signals.js';
import { isZone } from './zones.js';

export interface PolicyFault {
  readonly field: string;
  readonly found: number | string;
  readonly allowed: string;
}

/** The first rule that a policy breaks; undefined when it breaks none. */
export function policyFault(policy: Policy): PolicyFault | undefined {
  return (
    boundsFault(policy) ??
    thresholdsFault('clientsPerInstance', policy.clientsPerInstance) ??
    signalsFault(policy) ??
    stepsFault(policy) ??
    forecastFault(policy) ??
    calendarFault(policy) ??
    paceFault(policy)
  );
}

function boundsFault({ instances, partitions }: Policy): PolicyFault | undefined {
  const { min, max } = instances;
  if (min > max) {
    return { field: 'instances.min', found: min, allowed: `at most instances.max (${max})` };
  }
  if (max > partitions) {
    return { field: 'instances.max', found: max, allowed: `at most partitions (${partitions})` };
  }
  return undefined;
}

function thresholdsFault(
  field: string,
  { upper, lower, target }: { upper: number; lower?: number | undefined; target: number },
): PolicyFault | undefined {
  if (target > upper) {
    return { field: `${field}.target`, found: target, allowed: `at most upper (${upper})` };
  }
  if (lower !== undefined && lower >= target) {
    return { field: `${field}.lower`, found: lower, allowed: `less than target (${target})` };
  }
  return undefined;
}

/** A signal needs a source: instances report connected users only. */
function signalsFault({ signals: given, metrics }: Policy): PolicyFault | undefined {
  const { source, queries } = metrics;
  for (const signal of signals) {
    const thresholds = given[signal];
    if (thresholds === undefined) continue;
    const fault = thresholdsFault(`signals.${signal}`, thresholds);
    if (fault !== undefined) return fault;
    if (source === 'reports') {
      const allowed = `prometheus or both, because signals.${signal} is in no report`;
      return { field: 'metrics.source', found: source, allowed };
    }
    if (queries[signal] === undefined) {
      const allowed = `a query, because there is signals.${signal}`;
      return { field: `metrics.queries.${signal}`, found: 'nothing', allowed };
    }
  }
  return undefined;
}

function stepsFault({ steps, scheduleEveryMs }: Policy): PolicyFault | undefined {
  for (const direction of ['up', 'down'] as const) {
    const limit = steps[direction];
    if (limit === null) continue;
    const { count, percent, periodMs } = limit;
    const field = `steps.${direction}`;
    if (count === 0 && percent === 0) {
      const allowed = 'a count or a percent above 0, else nothing would ever change';
      return { field, found: 'count 0 and percent 0', allowed };
    }
    if (periodMs < scheduleEveryMs) {
      const allowed = `at least scheduleEveryMs (${scheduleEveryMs}): nothing is decided more often`;
      return { field: `${field}.periodMs`, found: periodMs, allowed };
    }
  }
  return undefined;
}

function forecastFault({ forecast }: Policy): PolicyFault | undefined {
  const { stepMs, horizonMs, minHistoryMs, zone } = forecast;
  if (!isZone(zone)) {
    return { field: 'forecast.zone', found: zone, allowed: 'an IANA name such as Europe/Berlin' };
  }
  if (stepMs < stepMsMin || dayMs % stepMs !== 0) {
    const allowed = `a whole part of a day, at least ${stepMsMin}`;
    return { field: 'forecast.stepMs', found: stepMs, allowed };
  }
  if (horizonMs !== 'measured' && horizonMs < stepMs) {
    const allowed = `measured, or at least forecast.stepMs (${stepMs})`;
    return { field: 'forecast.horizonMs', found: horizonMs, allowed };
  }
  if (minHistoryMs < stepMs) {
    const allowed = `at least forecast.stepMs (${stepMs})`;
    return { field: 'forecast.minHistoryMs', found: minHistoryMs, allowed };
  }
  if (minHistoryMs > learntMs(stepMs)) {
    const allowed = `at most ${learntMs(stepMs)}: no more is learnt from at forecast.stepMs ${stepMs}`;
    return { field: 'forecast.minHistoryMs', found: minHistoryMs, allowed };
  }
  return undefined;
}
