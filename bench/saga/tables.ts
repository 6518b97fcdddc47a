// Owns: the saga's cases as tables, for a terminal of 80 columns and for docs/benchmarks.md. Computes
// nothing but medians and the worst of several runs.
import type { BenchCase } from '../report.js';
import { fixed, grouped, markdownTable, textTable, wrapped, type Table } from '../table.js';
import { median } from '../timing.js';
import type { Forced } from './forced.js';
import type { SagaStep } from './history.js';
import type { Large } from './large.js';

const forcedColumns = [
  'forced',
  'runs',
  'moved',
  'told ms',
  'worst',
  'overhead ms',
  'worst',
  'whole ms',
];
const largeColumns = ['flow', 'moved', 'events', 'bytes', 'largest payload', 'plan→record ms'];
const stepColumns = ['step', 'runs', 'decides ms', 'starts ms', 'takes ms', 'worst', 'overhead'];
const textWidth = 80;
const stepOrder: readonly string[] = [
  ...['reconcile', 'plan', 'scaleUp', 'prepare', 'commit', 'notify', 'handOver', 'verify'],
  ...['scaleDown', 'record', 'close'],
];

/** One case alone, as soon as it is there. */
export function textOf(of: BenchCase): string {
  const { steps } = of.ours as unknown as Forced | Large;
  const table = isForced(of) ? forcedTable([of]) : largeTable([of]);
  const note = isForced(of) ? commandNote([of]) : largeNote([of]);
  return textTable(table) + wrapped(note, textWidth) + textTable(stepsTable([steps]));
}

export function markdownOf(cases: readonly BenchCase[]): string {
  const [forced, large] = [cases.filter(isForced), cases.filter((of) => !isForced(of))];
  const text: string[] = [];
  if (forced.length > 0) {
    const steps = forced.map(({ ours }) => (ours as Forced).steps);
    text.push(
      `### from a signal to the first client told\n\n${markdownTable(forcedTable(forced))}`,
      `${commandNote(forced)}\n`,
      `### what a forced rebalance is made of\n\n${markdownTable(stepsTable(steps))}`,
    );
  }
  if (large.length > 0) {
    text.push(
      `### very many partitions\n\n${markdownTable(largeTable(large))}`,
      `${largeNote(large)}\n`,
    );
  }
  return text.join('\n');
}

const isForced = ({ params }: BenchCase): boolean => params['kind'] === 'forced';

/** A row for each flow. */
function forcedTable(cases: readonly BenchCase[]): Table {
  const flows = new Map<string, Forced[]>();
  for (const { name, ours } of cases) {
    const title = name.replace(/^forced /, '');
    flows.set(title, [...(flows.get(title) ?? []), ours as Forced]);
  }
  const rows = [...flows].map(([title, runs]) => [
    title,
    String(runs.length),
    fixed(median(runs.map(({ told }) => told)), 0),
    ...typical(runs.map(({ toldAfterMs }) => toldAfterMs)),
    ...typical(runs.map(({ overheadMs }) => overheadMs)),
    fixed(median(runs.map(({ totalMs }) => totalMs)), 0),
  ]);
  return { columns: forcedColumns, rows };
}

function commandNote(cases: readonly BenchCase[]): string {
  const [commandMs = '', worst = ''] = typical(cases.map(({ ours }) => (ours as Forced).commandMs));
  const { clients } = cases[0]?.params ?? {};
  const all = cases.map(({ ours }) => (ours as Forced).allToldAfterMs);
  return (
    `${clients} clients; the last of those who move is told after ${fixed(median(all), 0)} ms; ` +
    `the command itself takes ${commandMs} ms, ${worst} ms at worst.`
  );
}

/** One row for each step, in the order of a saga. */
function stepsTable(runs: readonly (readonly SagaStep[])[]): Table {
  const byName = new Map<string, SagaStep[]>();
  for (const step of inOrder(runs)) byName.set(step.name, [...(byName.get(step.name) ?? []), step]);
  const rows = [...byName].map(([name, steps]) => {
    const of = (what: (step: SagaStep) => number): string[] => typical(steps.map(what));
    const [decided = ''] = of(({ decidedMs }) => decidedMs);
    const [started = ''] = of(({ startedMs }) => startedMs);
    const own = of((step) => step.decidedMs + step.startedMs + (step.own ? step.ranMs : 0));
    return [
      name,
      String(steps.length),
      decided,
      started,
      ...of(({ ranMs }) => ranMs),
      ...own.slice(0, 1),
    ];
  });
  return { columns: stepColumns, rows };
}

/** Those that a flow leaves out have their place all the same. */
function inOrder(runs: readonly (readonly SagaStep[])[]): readonly SagaStep[] {
  const place = ({ name }: SagaStep): number =>
    stepOrder.includes(name) ? stepOrder.indexOf(name) : stepOrder.length;
  return runs.flat().sort((a, b) => place(a) - place(b));
}

function largeTable(cases: readonly BenchCase[]): Table {
  const rows = cases.map(({ name, ours }) => {
    const { movedClients, events, largestPayloadBytes, largestPayload, planToRecordMs } =
      ours as Large;
    return [
      name.replace(/^large /, ''),
      grouped(movedClients),
      String(events),
      grouped(largestPayloadBytes),
      largestPayload,
      fixed(planToRecordMs, 0),
    ];
  });
  return { columns: largeColumns, rows };
}

function largeNote(cases: readonly BenchCase[]): string {
  const { partitions } = cases[0]?.params ?? {};
  return `${grouped(Number(partitions))} partitions with a client each, instances in memory.`;
}

/** Median and worst. */
function typical(all: readonly number[]): string[] {
  return [fixed(median(all), 0), fixed(Math.max(...all), 0)];
}
