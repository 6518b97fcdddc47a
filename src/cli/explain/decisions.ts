// Owns: a stretch of decisions as text: evaluations that said the same one after the other are one
// line, so that an hour of "nothing to do" does not hide the minute in which something was. Pure.

import { timeText } from '../when.js';

export interface DecisionSeen {
  readonly atMs: number;
  readonly kind: 'act' | 'skip';
  /** Sentences; the cut that decided comes first. */
  readonly reasons: readonly string[];
  readonly desired: number | null;
  readonly inputHash: string;
}

/** Consecutive decisions of one kind for the same reasons, but for the numbers in them. */
export interface DecisionRun {
  readonly kind: 'act' | 'skip';
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** Of the last one. */
  readonly reasons: readonly string[];
  readonly desired: number | null;
}

export function runsOf(decisions: readonly DecisionSeen[]): DecisionRun[] {
  const runs: DecisionRun[] = [];
  for (const { kind, atMs, reasons, desired } of decisions) {
    const last = runs.at(-1);
    const same =
      last !== undefined &&
      last.kind === kind &&
      last.desired === desired &&
      withoutNumbers(last.reasons) === withoutNumbers(reasons);
    const run = { kind, toMs: atMs, reasons, desired };
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
  const head = `${service}: ${decisions.length} evaluations in the last ${last}, ${acts} acted`;
  return [head, ...runsOf(decisions).map(runText)].join('\n');
}

function runText({ kind, fromMs, toMs, count, reasons, desired }: DecisionRun): string {
  const when = count === 1 ? timeText(fromMs) : `${timeText(fromMs)} … ${timeOfDay(toMs)}`;
  const times = count === 1 ? '' : ` ×${count}`;
  const wish = desired === null ? '' : ` (${desired} instances)`;
  return `  ${when}  ${kind}${times}${wish}: ${reasons.join('; ')}`;
}

const timeOfDay = (atMs: number): string => timeText(atMs).slice('2026-01-01 '.length);

const withoutNumbers = (reasons: readonly string[]): string =>
  reasons.join('\n').replace(/\d+(\.\d+)?/g, '#');
