// docs/sizing.md: its measured figures stand in docs/benchmarks.md, and its bounds are those of the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as limits from '../../src/limits.js';
import { root } from '../support/source-tree.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/sizing.md');
const section = (title: string): string =>
  page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
/** Cells of the table's rows, without its head. */
const rows = (text: string): readonly string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[-:| ]+$/.test(line))
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()));

it.each(['How many partitions', 'How long a change takes'])(
  '%s: measured, and not made up',
  (title) => {
    const benchmarks = read('docs/benchmarks.md').replace(/[\u00a0\u202f]/g, ' ');
    const figures = rows(section(title)).flatMap((cells) =>
      cells
        .slice(2, -2)
        .flatMap((cell) =>
          [...cell.matchAll(/\d[\d ]*(?:\.\d+)?(?= ms|\.| %| MB|$)/g)].map(([n]) => n),
        ),
    );
    expect(figures.length).toBeGreaterThan(5);
    expect(figures.filter((figure) => !benchmarks.includes(figure.trim()))).toEqual([]);
  },
);

it('names bounds that there are, with their values', () => {
  const of: Readonly<Record<string, unknown>> = { ...limits };
  const named = rows(section('How many clients an instance')).flatMap((cells) => {
    const names = [...(cells.at(-2) ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    return names.map((name) => ({ name, row: cells.join(' ').replace(/(\d) (?=\d{3})/g, '$1') }));
  });
  expect(named.length).toBeGreaterThan(6);
  for (const { name, row } of named) {
    const value = Number(of[name]);
    expect(value, `${name} of src/limits.ts`).toBeGreaterThan(0);
    const shown = [value, value / 1_000, value / 1_024].map(String);
    expect(
      shown.some((text) => new RegExp(`\\b${text}\\b`).test(row)),
      `${name} in: ${row}`,
    ).toBe(true);
  }
});
