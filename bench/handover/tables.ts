// Owns: the hand-over cases as tables, for a terminal of 80 columns and for docs/benchmarks.md. Computes
// nothing: every figure is one of the report.
import type { GapSummary } from '../../src/load/gaps.js';
import type { BenchCase } from '../report.js';
import { fixed, markdownTable, textTable, wrapped, type Table } from '../table.js';
import { stepNames, type StepFigures } from './timeline.js';

const columns = [
  'hand-over',
  'moved',
  'P50 ms',
  'P99 ms',
  'max ms',
  'overlaps',
  'lost÷twice÷order',
];
const stepColumns = ['step', 'P50 ms', 'P99 ms', 'max ms'];
const textWidth = 80;

interface SoFar {
  readonly runs: number;
  readonly medianP99Ms: number;
  readonly maxMs: number;
}

interface Outage {
  readonly servedAgainMs?: number;
  readonly outageMs?: number;
  readonly cutOff?: number;
  readonly saga?: string;
}

/** One case alone, as soon as it is there. */
export function textOf(of: BenchCase): string {
  const notes = notesOf(of).map((note) => wrapped(note, textWidth));
  return textTable({ columns, rows: [rowOf(of)] }) + notes.join('');
}

export function markdownOf(cases: readonly BenchCase[]): string {
  const rows = cases.map(rowOf);
  const notes = cases.flatMap(notesOf).map((note) => `${note}\n`);
  const steps = cases.filter(isLast).map((of) => {
    const title = `### where the time goes: ${of.name}, the last run`;
    return `${title}\n\n${markdownTable(stepsOf(of))}`;
  });
  return [markdownTable({ columns, rows }), ...notes, ...steps].join('\n');
}

function rowOf({ name, params, ours }: BenchCase): string[] {
  const { n, p50, p99, max } = ours['gapMs'] as GapSummary;
  const { lost, duplicated, outOfOrder } = ours as Record<string, number>;
  const { run } = params;
  return [
    run === undefined ? name : `${name}, run ${run}`,
    String(n),
    ...[p50, p99, max].map((ms) => fixed(ms, 0)),
    String(ours['overlaps']),
    `${lost}÷${duplicated}÷${outOfOrder}`,
  ];
}

function notesOf(of: BenchCase): string[] {
  const { params, ours } = of;
  const { kind, clients } = params;
  const soFar = ours['soFar'] as SoFar | undefined;
  const notes: string[] = [];
  if (soFar !== undefined && isLast(of)) {
    notes.push(
      `${kind}, ${clients} clients, ${soFar.runs} runs: median of the P99s ` +
        `${fixed(soFar.medianP99Ms, 0)} ms, longest gap ${fixed(soFar.maxMs, 0)} ms.`,
    );
  }
  if (kind === 'pause') {
    const last = ours['lastWordAfterFenceMs'] as number | null;
    const said =
      last === null ? 'said nothing since its SIGSTOP' : `last spoke ${-last} ms before its fence`;
    const welcomed = `welcomed ${String(ours['welcomedAfterFence'])} clients after it`;
    const fenced = `fenced by the ${String(ours['fencedBy'])} after ${String(ours['fencedAfterMs'])} ms`;
    notes.push(`pause: the paused instance, ${fenced}, ${said} and ${welcomed}.`);
  }
  const { servedAgainMs, outageMs, cutOff, saga } = ours as Outage;
  if (servedAgainMs !== undefined) {
    const away = `away for ${outageMs} ms, ${cutOff} clients cut off`;
    notes.push(`${kind}: ${away}, everybody served again ${servedAgainMs} ms after its return.`);
  }
  if (saga !== undefined) notes.push(`${kind}: the saga: ${saga}.`);
  return notes;
}

/** Of the runs of a kind of rebalance. */
function isLast({ params: { run, runs } }: BenchCase): boolean {
  return run !== undefined && run === runs;
}

function stepsOf({ ours }: BenchCase): Table {
  const steps = ours['stepsMs'] as Readonly<Record<string, StepFigures>>;
  const rows = stepNames.map((name) => {
    const { p50, p99, max } = steps[name] ?? { p50: NaN, p99: NaN, max: NaN };
    return [name, ...[p50, p99, max].map((ms) => fixed(ms, 1))];
  });
  return { columns: stepColumns, rows };
}
