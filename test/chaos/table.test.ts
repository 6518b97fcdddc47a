// The page of the chaos runs: a row for each seed, sums, and what is wrong stands out.
import { expect, it } from 'vitest';
import { pageOf } from '../../chaos/table.js';
import type { SeedResult } from '../../chaos/run-seed.js';

const gaps = { n: 3, p50: 1, p99: 2, max: 2 };
const result: SeedResult = {
  ...{ seed: 2, wrong: [], clients: 300, seconds: 50, requests: 5, words: 3, faults: 8 },
  ...{ outcomes: { completed: 4, undone: 1 }, revisions: 7, planned: gaps, lostConnections: gaps },
  messages: { sent: 90, delivered: 90, lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 },
  ...{ overlaps: 0, state: 'COMPLETED', peaceMs: 4_210, stallMs: 80, logs: null },
};

it('has a row for each seed in their order, their sums, and what is wrong in bold', () => {
  const wrong = { ...result, seed: 1, wrong: ['3 messages arrived twice'], logs: '/somewhere' };
  const lines = pageOf([result, wrong], 'Here').split('\n');
  const rows = lines.filter((line) => /^\| \d/.test(line));
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/^\| 1 .*\*\*3 messages arrived twice\*\*/);
  expect(rows[1]).toMatch(/^\| 2 .*4 completed, 1 undone .* 4\.2 s .* well/);
  const sums = lines.find((line) => line.startsWith('2 seeds'));
  expect(sums).toMatch(
    /300 clients each, 1 failed: 10 requests, 6 words, 16 faults, 14 revisions.* 180 messages; 0 over/,
  );
});
