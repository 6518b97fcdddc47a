// Owns: how the demo tells what happens: lines with the time since its start, at most 80 columns wide,
// chapters, ranges as a picture, and the table at the end. Never decides what is worth telling.

import { formatBar } from '../../src/core/placement/format.js';
import { formatRanges, type Ranges } from '../../src/core/ranges.js';
import type { GapSummary } from '../../src/load/gaps.js';

const width = 80;
/** `  12.3 s  ` */
const margin = 10;

export type Ownership = Readonly<Record<string, Ranges>>;

export interface TableRow {
  readonly name: string;
  readonly service: string;
  readonly revision: { readonly from: number; readonly to: number };
  readonly moved: {
    readonly partitions: number;
    readonly clients: number;
    readonly lowerBound: number;
  };
  readonly gapMs: GapSummary;
  readonly messages: { readonly sent: number; readonly lost: number };
  readonly overlaps: number;
  readonly ok: boolean;
}

export interface Story {
  chapter(title: string): void;
  /** One thing that happened; wrapped, with the time before its first line. */
  say(text: string): void;
  /** More about what was said last. */
  detail(text: string): void;
  /** Who owns which partitions, as `0→[0-119] 1→[180-299]` and as a bar. */
  picture(label: string, partitions: number, ownership: Ownership): void;
  table(rows: readonly TableRow[]): void;
  plain(text: string): void;
}

/** `write` gets whole lines with their newline; `nowMs` is any clock that never goes back. */
export function createStory(write: (text: string) => void, nowMs: () => number): Story {
  const startedMs = nowMs();
  const line = (text: string) => write(`${text}\n`);
  const indented = (first: string, text: string) => {
    wrap(text, width - margin).forEach((part, i) =>
      line((i === 0 ? first : ' '.repeat(margin)) + part),
    );
  };
  return {
    chapter: (title) => {
      line('');
      line(`── ${title} ${'─'.repeat(Math.max(0, width - 4 - title.length))}`);
    },
    say: (text) => {
      const seconds = ((nowMs() - startedMs) / 1000).toFixed(1);
      indented(`${seconds.padStart(6)} s  `, text);
    },
    detail: (text) => indented(' '.repeat(margin), text),
    picture: (label, partitions, ownership) => {
      const bar = formatBar({ partitions, instances: ownership }, width - margin - 9);
      indented(' '.repeat(margin), `${label.padEnd(8)} ${rangesText(ownership)}`);
      line(`${' '.repeat(margin + 9)}${bar}`);
    },
    table: (rows) => tableLines(rows).forEach(line),
    plain: line,
  };
}

/** `0→[0-119] 1→[180-299]`, instances by their ordinals. */
export function rangesText(ownership: Ownership): string {
  return Object.entries(ownership)
    .map(([name, ranges]) => [Number(/(\d+)$/.exec(name)?.[1] ?? 0), ranges] as const)
    .sort(([a], [b]) => a - b)
    .map(([ordinal, ranges]) => `${ordinal}→${formatRanges(ranges)}`)
    .join(' ');
}

export function gapText({ n, p50, p99, max }: GapSummary): string {
  return n === 0 ? 'nobody moved' : `P50 ${p50} ms, P99 ${p99} ms, max ${max} ms of ${n} clients`;
}

function tableLines(rows: readonly TableRow[]): string[] {
  const head = ['scenario', 'rev.', 'moved (min)', 'clients', 'P99 ms', 'max ms', 'msgs', 'lost'];
  const cells = rows.map(({ name, revision, moved, gapMs, messages, overlaps, ok }) => [
    name,
    `${revision.from} → ${revision.to}`,
    `${moved.partitions} (${moved.lowerBound})`,
    String(moved.clients),
    String(gapMs.p99),
    String(gapMs.max),
    String(messages.sent),
    String(messages.lost),
    overlaps === 0 && ok ? 'ok' : 'FAILED',
  ]);
  const all = [[...head, ''], ...cells];
  const widths = all[0]?.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  return all.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths?.[0] ?? 0) : cell.padStart(widths?.[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Broken at spaces; a longer word stays whole, so that it can be copied. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}
