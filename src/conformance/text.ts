// A report for people: a line for each check, and below a failure what was seen, what the protocol says and
// what to change. Pure.

import type { CheckResult, Verdict } from './check.js';
import type { ConformanceReport } from './run.js';

const marks: Readonly<Record<Verdict, string>> = { pass: '✓', fail: '✗', skipped: '-' };
const nameWidth = 24;

export function conformanceText({ instance, checks, ok }: ConformanceReport): string {
  const count = (verdict: Verdict): number =>
    checks.filter((result) => result.verdict === verdict).length;
  const [failed, skipped] = [count('fail'), count('skipped')];
  const left = skipped === 0 ? '' : `, ${skipped} skipped`;
  const verdict = ok
    ? `${instance} passes ${count('pass')} of ${checks.length} checks${left}`
    : `${instance} fails ${failed} of ${checks.length} checks${left}`;
  return [...checks.flatMap(linesOf), verdict].join('\n');
}

function linesOf(result: CheckResult): readonly string[] {
  const { check, verdict, found = '', expected = '', section, mend } = result;
  const line = `${marks[verdict]} ${check.padEnd(nameWidth)} ${verdict === 'skipped' ? 'skipped: ' : ''}${found}`;
  if (verdict !== 'fail') return [line];
  return [line, `    protocol.md §${section}: ${expected}`, `    → ${mend ?? ''}`];
}
