// Every metric that the sources define has its row in docs/observability.md, and every row a metric.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { filesBelow } from './support/source-tree.js';

it('documents each metric with kind, unit and meaning, and none that is not there', () => {
  const text = readFileSync('docs/observability.md', 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `evenkeel_'));
  const documented = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  for (const [, name, kind, unit, meaning] of documented) {
    expect(kind, name).toMatch(/^(gauge|counter|histogram)$/);
    expect(unit, name).not.toBe('');
    expect(meaning, name).not.toBe('');
  }
  const names = documented.map(([, name]) => name?.replaceAll('`', ''));
  expect(new Set(names).size).toBe(names.length);

  const found = filesBelow('src', ['.ts']).flatMap(({ text: source }) => {
    const schedule = /evenkeel_schedule_\$\{name\}/.test(source)
      ? [...source.matchAll(/^ {2}(\w+): \{\n {4}help:/gm)].map(
          ([, name]) => `evenkeel_schedule_${name}`,
        )
      : [];
    const own = [...source.matchAll(/(?:name: '|^ {4})(evenkeel_\w+)(?:'|: \[)/gm)].map(
      ([, name]) => name,
    );
    return [...own, ...schedule];
  });
  expect([...new Set(found)].sort()).toEqual([...names].sort());
});
