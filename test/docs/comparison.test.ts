// docs/comparison.md: whatever it says about others has a source, and each source is used.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/source-tree.js';

const page = readFileSync(join(root, 'docs/comparison.md'), 'utf8');
const [said = '', sources = ''] = page.split('\n## Sources\n');
const numbersIn = (text: string, pattern: RegExp): readonly number[] =>
  [...new Set([...text.matchAll(pattern)].map(([, number]) => Number(number)))].sort(
    (a, b) => a - b,
  );

it('cites each of its sources, and none that there is not', () => {
  const listed = numbersIn(sources, /^(\d+)\. /gm);
  expect(listed.length).toBeGreaterThan(5);
  expect(numbersIn(said, /\\\[(\d+)\]/g)).toEqual(listed);
});

it('has a source for each of the others', () => {
  const rows = said.split('\n').filter((line) => line.startsWith('| '));
  const [head = [], ...cells] = rows
    .filter((line) => !/^\|[-| ]+$/.test(line))
    .map((line) => line.split('|').slice(2, -1));
  for (const [column, name] of [...head.entries()].slice(1)) {
    const sourced = cells.filter((row) => /\\\[\d+\]/.test(row[column] ?? ''));
    expect(sourced.length, name).toBeGreaterThan(1);
  }
});
