// Owns: a stretch of decisions as text: evaluations that said the same one after the other are one
// line, so that an hour of "nothing to do" does not hide the minute in which something was. Pure.

import type { Forecast } from '../../core/scaling/forecast.js';
import { timeText } from '../when.js';

export interface DecisionSeen {
  readonly atMs: number;
  readonly kind: 'act' | 'skip';
  /** Sentences; the cut that decided comes first. */
  readonly reasons: readonly string[];
  readonly desired: number | null;
  readonly inputHash: string;
  /** A dry run decided to act, and nobody did. */
  readonly would?: boolean;
}

/** What the newest of them looked ahead to. */
export interface ForecastSeen {
  readonly atMs: number;
  readonly mode: 'off' | 'shadow' | 'acting';
  /** Null when there was none. */
  readonly forecast: Forecast | null;
  readonly why: string;
}

/** Consecutive decisions of one kind for the same reasons, but for the numbers in them. */
export interface DecisionRun {
  readonly kind: 'act' | 'skip';
  readonly would?: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** Of the last one. */
  readonly reasons: readonly string[];
  readonly desired: number | null;
}

export function runsOf(decisions: readonly DecisionSeen[]): DecisionRun[] {
  const runs: DecisionRun[] = [];
  for (const { kind, atMs, reasons, desired, would = false } of decisions) {
    const last = runs.at(-1);
    const same =
      last !== undefined &&
      last.kind === kind &&
      (last.would ?? false) === would &&
      last.desired === desired &&
      withoutNumbers(last.reasons) === withoutNumbers(reasons);
    const run = { kind, toMs: atMs, reasons, desired, ...(would ? { would } : {}) };
    if (same) runs[runs.length - 1] = { ...run, fromMs: last.fromMs, count: last.count + 1 };
    else runs.push({ ...run, fromMs: atMs, count: 1 });
  }
  return runs;
}

export function decisionsText(
  service: string,
  last: string,
  decisions: readonly DecisionSeen[],
): string {
  if (decisions.length === 0) {
    return `${service}: no evaluation in the last ${last}; is its Schedule paused, or no worker running? evenkeel doctor ${service}`;
  }
  const acts = decisions.filter(({ kind }) => kind === 'act').length;
  const dry = decisions.filter(({ would }) => would === true).length;
  const wouldHave = dry === 0 ? '' : `, ${dry} would have (dry run)`;
  const head = `${service}: ${decisions.length} evaluations in the last ${last}, ${acts} acted${wouldHave}`;
  const runs = runsOf(decisions);
  const why = acts === 0 && runs.length > linesBeforeSummary ? whyNot(decisions) : [];
  return [head, ...why, ...runs.map(runText)].join('\n');
}

/** One line under the decisions. */
export function forecastText({ atMs, mode, forecast, why }: ForecastSeen): string {
  if (forecast === null) return `  forecast  none: ${why}`;
  const { value, low, high, model, horizonMs, acts } = forecast;
  const users = `${Math.round(value)} users (${Math.round(low)} to ${Math.round(high)})`;
  const when = timeOfDay(atMs + horizonMs);
  const does = acts ? (mode === 'acting' ? 'acts' : 'would act, is only watched') : 'does not act';
  return `  forecast  ${users} at ${when}, by ${model}; it ${does}: ${why}`;
}

/** With fewer lines the answer is seen at a glance. */
const linesBeforeSummary = 5;
const whyNotMax = 5;

/** What decided, most often first: the first reason of an evaluation is the one that cut. */
export function whyNot(decisions: readonly DecisionSeen[]): readonly string[] {
  const counts = new Map<string, { count: number; latest: string }>();
  for (const { reasons, would } of decisions) {
    const [first] = reasons;
    if (first === undefined || would === true) continue;
    const key = withoutNumbers([first]);
    counts.set(key, { count: (counts.get(key)?.count ?? 0) + 1, latest: first });
  }
  const often = [...counts.values()].sort((a, b) => b.count - a.count);
  if (often.length === 0) return [];
  const lines = often.slice(0, whyNotMax).map(({ count, latest }) => `    ${count}×  ${latest}`);
  const others = often.slice(whyNotMax).reduce((sum, { count }) => sum + count, 0);
  const rest = others === 0 ? [] : [`    ${others}×  other reasons`];
  return ['  why nothing happened', ...lines, ...rest, '  in order of time'];
}

function runText(run: DecisionRun): string {
  const { kind, fromMs, toMs, count, reasons, desired, would } = run;
  const when = count === 1 ? timeText(fromMs) : `${timeText(fromMs)} … ${timeOfDay(toMs)}`;
  const times = count === 1 ? '' : ` ×${count}`;
  const wish = desired === null ? '' : ` (${desired} instances)`;
  return `  ${when}  ${would === true ? 'would act' : kind}${times}${wish}: ${reasons.join('; ')}`;
}

const timeOfDay = (atMs: number): string => timeText(atMs).slice('2026-01-01 '.length);

const withoutNumbers = (reasons: readonly string[]): string =>
  reasons.join('\n').replace(/\d+(\.\d+)?/g, '#');
