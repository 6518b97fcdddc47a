// Owns: the cases of many partitions as tables, for a terminal of 80 columns and for
// docs/benchmarks.md. Computes nothing: every figure is one of the report.
import type { BenchCase } from '../report.js';
import { fixed, grouped, markdownTable, textTable, wrapped, type Table } from '../table.js';
import type { ManyFigures } from './group.js';

const textWidth = 80;
const startColumns = ['partitions', 'ready ms', 'owned ms', 'serving ms', 'again ms', 'at most ms'];
const deliveryColumns = ['partitions', 'P50 ms', 'P99 ms', 'max ms', '× fewest'];
const costColumns = ['partitions', 'idle %', 'idle clients %', 'chat %', 'memory MB'];

/** One case alone, as soon as it is there. */
export function textOf(of: BenchCase): string {
  const tables = tablesOf([of]).map(([title, table]) => `${title}\n${textTable(table)}`);
  return [wrapped(summaryOf(of), textWidth), ...tables].join('');
}

export function markdownOf(cases: readonly BenchCase[]): string {
  const [first] = cases;
  const intro = first === undefined ? [] : [`${summaryOf(first)}\n`];
  const tables = tablesOf(cases).map(([title, table]) => `### ${title}\n\n${markdownTable(table)}`);
  return [...intro, ...tables].join('\n');
}

function summaryOf({ params }: BenchCase): string {
  const { owned, clients, messagesPerSecond, restarts } = params;
  return (
    `One instance with ${owned} partitions, ${clients} clients, ${messagesPerSecond} messages a ` +
    `second, ${restarts} starts after a kill.`
  );
}

function tablesOf(cases: readonly BenchCase[]): [title: string, table: Table][] {
  const rows = (of: (ours: ManyFigures) => readonly string[]): string[][] =>
    cases.map(({ params, ours }) => [
      grouped(Number(params['partitions'])),
      ...of(ours as ManyFigures),
    ]);
  return [
    [
      'from the spawn of its process',
      {
        columns: startColumns,
        rows: rows(({ firstStart: { readyMs, ownedMs, servingMs }, restart }) =>
          [readyMs, ownedMs, servingMs, restart.medianMs, restart.maxMs].map((ms) => fixed(ms, 0)),
        ),
      },
    ],
    [
      'a message, from its send to its recipient',
      {
        columns: deliveryColumns,
        rows: rows(({ deliveryMs: { p50, p99, max }, p99OverFewest }) => [
          ...[p50, p99, max].map((ms) => fixed(ms, 1)),
          fixed(p99OverFewest, 2),
        ]),
      },
    ],
    [
      'share of one core, and memory',
      {
        columns: costColumns,
        rows: rows(({ cpu: { idle, idleClients, chat }, memoryMb }) => [
          ...[idle, idleClients, chat].map((percent) => fixed(percent, 1)),
          fixed(memoryMb, 0),
        ]),
      },
    ],
  ];
}
