// Owns: what may be said to `simulate`, from text to values, before any file is read. Never replays.

import { BadInputError } from '../../errors.js';
import { measuredChange } from '../../lab/change-model.js';
import type { Setting } from '../../lab/seats.js';
import type { Trace } from '../../lab/trace.js';
import { said, wholeNumber } from '../given.js';
import { durationMs } from '../when.js';
import type { RangeWanted } from './ask-prometheus.js';

export interface SimulateOptions {
  readonly trace?: string;
  readonly policy?: readonly string[];
  readonly horizonSteps?: string;
  readonly from?: string;
  readonly capacity?: string;
  readonly every?: string;
  readonly lead?: string;
  readonly search?: boolean;
  readonly overload?: readonly string[];
  readonly hours?: readonly string[];
  readonly html?: string;
  readonly prometheus?: string;
  readonly since?: string;
  readonly step?: string;
}

/** Where the load was recorded: a file, or Prometheus. */
export type Source =
  | { readonly kind: 'file'; readonly file: string }
  | ({ readonly kind: 'prometheus' } & RangeWanted);

export interface Wanted {
  readonly source: Source;
  readonly policies: readonly string[];
  readonly from: number;
  readonly setting: Omit<Setting, 'everyMs'>;
  /** `row`: once for each row of the trace. */
  readonly every: number | 'row' | undefined;
  readonly search: boolean;
  readonly overloads: readonly number[];
  readonly hours: readonly number[];
  readonly html: string | undefined;
}

/** Rows that a forecast may look ahead: a week of rows every 5 minutes. */
const horizonMax = 2_016;
/** Of a trace from Prometheus: four weeks, in which the forecast has seen every weekday often enough. */
const sinceDefault = '28d';
const stepDefault = '5m';
/** A search looks no more often: what is decided between is decided soon after. */
const searchEveryMs = 300_000;

/** @throws BadInputError naming the option */
export function wantedOf(options: SimulateOptions): Wanted {
  const { from, horizonSteps, capacity, every, lead, search = false } = options;
  const fixedGrowthMs = lead === undefined ? null : durationMs('--lead', lead);
  const needsSearch = options.overload ?? options.hours;
  if (needsSearch !== undefined && !search) {
    throw new BadInputError('--overload and --hours are budgets of a search', {
      field: options.overload === undefined ? '--hours' : '--overload',
      found: needsSearch.join(' '),
      allowed: 'only with --search',
    });
  }
  return {
    source: sourceOf(options),
    policies: (options.policy ?? []).map((file) => said('--policy', file, 'a policy file')),
    from: from === undefined ? 0 : wholeNumber('--from', from, { min: 0 }),
    setting: {
      change: { ...measuredChange, fixedGrowthMs },
      capacity: capacity === undefined ? undefined : positive('--capacity', capacity),
      horizonSteps:
        horizonSteps === undefined
          ? undefined
          : wholeNumber('--horizon-steps', horizonSteps, { min: 1, max: horizonMax }),
    },
    every: every === undefined || every === 'row' ? every : durationMs('--every', every),
    search,
    overloads: (options.overload ?? []).map((text) => positive('--overload', text)),
    html: options.html === undefined ? undefined : said('--html', options.html, 'a file'),
    hours: (options.hours ?? []).map((text) => positive('--hours', text)),
  };
}

/** With what the trace adds to it. @throws BadInputError for a row that it has not */
export function settingFor({ setting, every, from, search }: Wanted, trace: Trace): Setting {
  const { stepMs, values, filled } = trace;
  wholeNumber('--from', `${from}`, { min: 0, max: values.length - filled.size - 1 });
  if (every === 'row') return { ...setting, everyMs: stepMs };
  if (every !== undefined) return { ...setting, everyMs: every };
  return search ? { ...setting, everyMs: Math.min(stepMs, searchEveryMs) } : setting;
}

function sourceOf({ trace, prometheus, since, step }: SimulateOptions): Source {
  if (trace !== undefined && prometheus !== undefined) {
    throw new BadInputError('the load comes from --trace or from --prometheus', {
      field: '--prometheus',
      found: 'both',
      allowed: 'one of them',
    });
  }
  if (prometheus !== undefined) {
    return {
      kind: 'prometheus',
      query: said('--prometheus', prometheus, 'a query in PromQL'),
      sinceMs: durationMs('--since', since ?? sinceDefault),
      stepMs: durationMs('--step', step ?? stepDefault),
    };
  }
  const lone = since === undefined ? step : since;
  if (lone !== undefined) {
    throw new BadInputError('--since and --step are of a trace from Prometheus', {
      field: since === undefined ? '--step' : '--since',
      found: lone,
      allowed: 'only with --prometheus',
    });
  }
  const allowed = 'a CSV file, or - for standard input; or --prometheus QUERY';
  if (trace !== undefined) return { kind: 'file', file: said('--trace', trace, allowed) };
  throw new BadInputError('simulate needs --trace FILE or --prometheus QUERY', {
    field: '--trace',
    found: 'nothing',
    allowed,
  });
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number > 0 && Number.isFinite(number)) return number;
  throw new BadInputError(`${option} is ${text.trim() === '' ? '""' : text}`, {
    field: option,
    found: text.trim() === '' ? '""' : text,
    allowed: 'a number above 0',
  });
}
