// docs/conformance.md lists every check, and what people read of a report says what to change.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { allChecks } from '../../src/conformance/run.js';
import { conformanceText } from '../../src/conformance/text.js';

const page = readFileSync('docs/conformance.md', 'utf8');
const protocol = readFileSync('docs/protocol.md', 'utf8');

it('every check stands in docs/conformance.md', () => {
  const missing = allChecks.filter(({ name }) => !page.includes(`\`${name}\``));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

it('every check has a name of its own and names sections that docs/protocol.md has', () => {
  expect(new Set(allChecks.map(({ name }) => name)).size).toBe(allChecks.length);
  for (const { name, section } of allChecks) {
    for (const one of section.split(', ')) {
      expect(protocol, `${name}: section ${section}`).toMatch(new RegExp(`^## ${one}\\. `, 'm'));
    }
  }
});

it('a failure is told with what was seen, what the protocol says and what to change', () => {
  const checks = [
    { check: 'bye', verdict: 'pass', section: '2', found: 'closed with 1000' },
    { check: 'alive', verdict: 'skipped', section: '2', found: 'nothing to see' },
    {
      check: 'welcome',
      verdict: 'fail',
      section: '2',
      found: 'no opened',
      expected: 'opened first',
      mend: 'wait for it',
    },
  ] as const;
  const text = conformanceText({ ok: false, instance: 'chat-0', checks });
  expect(text.split('\n')).toEqual([
    '✓ bye                      closed with 1000',
    '- alive                    skipped: nothing to see',
    '✗ welcome                  no opened',
    '    protocol.md §2: opened first',
    '    → wait for it',
    'chat-0 fails 1 of 3 checks, 1 skipped',
  ]);
});
