// Owns: the plan cases as tables, for a terminal of 80 columns and for docs/benchmarks.md. Computes
// nothing: every figure is one of the report.
import type { BenchCase, Figures } from '../report.js';
import { fixed, grouped, markdownTable, textTable, wrapped, type Table } from '../table.js';

const columns = ['', 'ms', '× ours', 'moved÷bound', 'max/mean', 'ranges', 'most'] as const;
const walkColumns = ['', 'event', 'n', 'moved÷bound', 'max/mean', 'ranges', 'most'] as const;
const frontierColumns = [
  'weights',
  'tolerance',
  'from n',
  'moved÷bound',
  'max/mean',
  'ranges',
  'worst',
  'most',
] as const;
const changesColumns = ['weights', 'changes', 'ms', 'median÷bound', 'p99', 'worst'] as const;
const growthColumns = ['growth', 'P', 'R', 'ms', 'ns ÷ (P + R log R)'] as const;

const textWidth = 80;

const isWalk = ({ name }: BenchCase): boolean => name.startsWith('walk');
const isFrontier = ({ name }: BenchCase): boolean => name.startsWith('frontier');
const isChanges = ({ name }: BenchCase): boolean => name.startsWith('changes');
const isGrowth = ({ name }: BenchCase): boolean => name.startsWith('growth');

/** One case alone, as soon as it is there. */
export function textOf(of: BenchCase): string {
  const rowTable = rowTables.find(({ holds }) => holds(of));
  if (rowTable !== undefined) {
    return textTable({ columns: rowTable.columns, rows: [rowTable.row(of)] });
  }
  const notes = notesOf(of).map((note) => wrapped(note, textWidth));
  return `${titleOf(of)}\n${tablesOf(of).map(textTable).join('')}${notes.join('')}`;
}

export function markdownOf(cases: readonly BenchCase[]): string {
  const single = cases.filter((of) => !rowTables.some(({ holds }) => holds(of)));
  const inOrder = [...single.filter((of) => !isWalk(of)), ...single.filter(isWalk)];
  const sections = inOrder.map(
    (of) =>
      `### ${titleOf(of)}\n\n${tablesOf(of).map(markdownTable).join('\n')}\n${notesOf(of).join('\n')}\n`,
  );
  for (const { title, columns: names, holds, row } of rowTables) {
    const rows = cases.filter(holds).map(row);
    if (rows.length > 0)
      sections.push(`### ${title}\n\n${markdownTable({ columns: names, rows })}`);
  }
  return sections.join('\n');
}

function titleOf({ name, params }: BenchCase): string {
  const { partitions, instancesBefore, instancesAfter, instancesMin, instancesMax } = params;
  const size = (value: unknown): string => grouped(Number(value));
  const parts = [
    instancesMin === undefined
      ? `${size(partitions)} × ${size(instancesBefore)} → ${size(instancesAfter)}`
      : `${size(partitions)} × ${size(instancesMin)} to ${size(instancesMax)}`,
    `tolerance ${params['tolerance'] ?? 0}`,
    Number(params['fragments'] ?? 1) > 1 && `${params['fragments'] ?? ''} ranges each`,
  ];
  return [name, ...parts.filter(Boolean)].join(' · ');
}

function tablesOf(of: BenchCase): Table[] {
  const everybody: (Figures & { name?: string; version?: string })[] = [
    { name: 'evenkeel', ...of.ours },
    ...of.peers,
  ];
  const who = ({ name = '', version = '' }: { name?: string; version?: string }): string =>
    version.startsWith('own') || version === '' ? name : `${name} ${version}`;
  const summary = {
    columns,
    rows: everybody.map((one) => [
      who(one),
      fixed(one['ms'], 2),
      fixed((one['timesOurs'] as number | undefined) ?? ratioOf(one, of.ours), 2),
      ...qualityOf(one),
    ]),
  };
  if (!isWalk(of)) return [summary];
  const rows = (of.ours['checkpoints'] as Figures[]).map((at) => [
    'evenkeel',
    String(at['event']),
    String(at['instances']),
    ...qualityOf(at),
  ]);
  return [summary, { columns: walkColumns, rows }];
}

function ratioOf(one: Figures, ours: Figures): number {
  return (one['ms'] as number) / (ours['ms'] as number);
}

function qualityOf(one: Figures): string[] {
  return [
    fixed(one['movedOverBound'], 3),
    fixed(one['maxOverMean'], 3),
    fixed(one['rangesPerInstance'], 2),
    fixed(one['rangesMax'], 0),
  ];
}

function growthRow({ name, params, ours }: BenchCase): string[] {
  return [
    name.replace('growth ', ''),
    grouped(Number(params['partitions'])),
    grouped(Number(params['ranges'])),
    fixed(ours['ms'], 2),
    fixed(ours['nsPerWork'], 2),
  ];
}

function notesOf({ ours, omitted = [] }: BenchCase): string[] {
  const memory = ours['memory'] as Record<string, number> | undefined;
  const notes = omitted.map(({ name, why }) => `${name}: not run, ${why}.`);
  if (memory !== undefined) {
    const { allocatedMb, peakRssMb, heldMb } = memory;
    notes.push(
      `Memory added to a fresh process: ${fixed(peakRssMb, 0)} MB resident at most, ` +
        `${fixed(allocatedMb, 0)} MB allocated with garbage, ${fixed(heldMb, 0)} MB held by the answer.`,
    );
  }
  return notes;
}

function frontierRow({ name, params, ours }: BenchCase): string[] {
  return [
    name.replace('frontier, ', ''),
    String(params['tolerance']),
    String(params['instancesFirst'] ?? 'half-way'),
    fixed(ours['movedOverBound'], 4),
    fixed(ours['maxOverMean'], 3),
    fixed(ours['rangesPerInstance'], 2),
    fixed(ours['worstRangesPerInstance'], 2),
    fixed(ours['rangesMax'], 0),
  ];
}

function changesRow({ name, params, ours }: BenchCase): string[] {
  return [
    name.replace('changes, ', ''),
    grouped(Number(params['changes'])),
    fixed(ours['ms'], 2),
    fixed(ours['movedOverBound'], 4),
    fixed(ours['p99OverBound'], 4),
    fixed(ours['worstOverBound'], 4),
  ];
}

/** Kinds of cases that are one row of a table together. */
const rowTables = [
  {
    title: 'movement, evenness, ranges: our walks at several tolerances',
    columns: frontierColumns,
    holds: isFrontier,
    row: frontierRow,
  },
  {
    title: 'random changes, over the bound that the plan proves',
    columns: changesColumns,
    holds: isChanges,
    row: changesRow,
  },
  {
    title: 'growth of the time, one instance more',
    columns: growthColumns,
    holds: isGrowth,
    row: growthRow,
  },
] as const;
