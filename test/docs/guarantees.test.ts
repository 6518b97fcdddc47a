// docs/guarantees.md: each invariant has its section, and each test that it rests on exists by its name.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/source-tree.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/guarantees.md');
const named = [...page.matchAll(/`(test\/[^`]+\.ts)`: "((?:[^"])+)"/g)].map(
  ([, path = '', title = '']) => [path, title] as const,
);

describe('the guarantees', () => {
  it('are the invariants of ARCHITECTURE.md', () => {
    const [, list = ''] = read('ARCHITECTURE.md').split('\n## Invariants\n');
    const invariants = [...(list.split('\n## ')[0] ?? '').matchAll(/^- \*\*([^*]+)\*\*/gm)].map(
      ([, name = '']) => name,
    );
    expect(invariants.length).toBeGreaterThan(7);
    for (const name of invariants) expect(page).toContain(`\n## ${name}\n`);
  });

  it('name tests, each more than one way to be wrong', () => {
    expect(named.length).toBeGreaterThan(20);
  });

  it.each(named)('%s: %s', (path, title) => {
    expect(existsSync(join(root, path)), path).toBe(true);
    const sources = read(path);
    expect(["'", '"', '`'].some((quote) => sources.includes(`it(${quote}${title}${quote}`))).toBe(
      true,
    );
  });
});
