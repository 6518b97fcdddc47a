// Owns: what may be said to `simulate`, from text to values, before any file is read. Never replays.

import { BadInputError } from '../../errors.js';
import { measuredChange } from '../../lab/change-model.js';
import type { Setting } from '../../lab/seats.js';
import type { Trace } from '../../lab/trace.js';
import { said, wholeNumber } from '../given.js';
import { durationMs } from '../when.js';

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
}

export interface Wanted {
  readonly trace: string;
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
/** A search looks no more often: what is decided between is decided soon after. */
const searchEveryMs = 300_000;

/** @throws BadInputError naming the option */
export function wantedOf(options: SimulateOptions): Wanted {
  const { from, horizonSteps, capacity, every, lead, search = false } = options;
  const growthMs = lead === undefined ? null : durationMs('--lead', lead);
  const needsSearch = options.overload ?? options.hours;
  if (needsSearch !== undefined && !search) {
    throw new BadInputError('--overload and --hours are budgets of a search', {
      field: options.overload === undefined ? '--hours' : '--overload',
      found: needsSearch.join(' '),
      allowed: 'only with --search',
    });
  }
  return {
    trace: traceOf(options),
    policies: (options.policy ?? []).map((file) => said('--policy', file, 'a policy file')),
    from: from === undefined ? 0 : wholeNumber('--from', from, { min: 0 }),
    setting: {
      change: { ...measuredChange, growthMs },
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

function traceOf({ trace }: SimulateOptions): string {
  const allowed = 'a CSV file, or - for standard input';
  if (trace !== undefined) return said('--trace', trace, allowed);
  throw new BadInputError('simulate needs --trace FILE', {
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
