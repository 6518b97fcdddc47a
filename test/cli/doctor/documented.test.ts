// The table of docs/operations.md about doctor: its sentences are in the code, and each row names a test
// that has to do with that sentence.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const sources = ['src/cli/doctor', 'src/cli/status']
  .flatMap((directory) => readdirSync(directory).map((file) => `${directory}/${file}`))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');
const rows = readFileSync('docs/operations.md', 'utf8')
  .split('## What doctor finds')[1]
  ?.split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.includes('.test.ts`'))
  .map((line) => line.split('|').map((cell) => cell.trim().replace(/^`|`$/g, '')));

describe('what doctor is documented to find', () => {
  it('are ten faults at least', () => {
    expect(rows?.length).toBeGreaterThanOrEqual(10);
  });

  it.each(rows ?? [])('%s%s: "%s"', (_, broken, sentence = '', mend, test = '') => {
    expect(sources, broken).toContain(sentence);
    expect(mend).toBeTruthy();
    expect(existsSync(test), test).toBe(true);
  });
});
