import { describe, expect, it } from 'vitest';
import { faultsOf, summaryText, type LoadReport } from '../../src/load/summary.js';

const messages = {
  sent: 123_456,
  delivered: 123_456,
  lost: 0,
  duplicated: 0,
  outOfOrder: 0,
  unanswered: 0,
};
const good: LoadReport = {
  ok: true,
  service: 'messaging',
  clients: 100_000,
  processes: 32,
  seconds: 604_800.5,
  messages,
  gapMs: { n: 12_345, p50: 45, p99: 99_999, max: 600_000 },
  lostGapMs: { n: 0, p50: 0, p99: 0, max: 0 },
  missing: 0,
};

describe('the summary of a load', () => {
  it('says that all is well, at 80 columns', () => {
    const text = summaryText(good, []);
    expect(text).toMatch(/All as promised\.$/);
    expect(text).toContain('12345: gap P50 45 ms, P99 99999 ms, max 600000 ms');
    expect(text).toMatch(/lost connections +none/);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each([
    [{ messages: { ...messages, lost: 1 } }, 'did not arrive'],
    [{ messages: { ...messages, duplicated: 1 } }, 'more than once'],
    [{ messages: { ...messages, outOfOrder: 1 } }, 'out of order'],
    [{ messages: { ...messages, unanswered: 1 } }, 'never accepted'],
    [{ missing: 1 }, 'not connected'],
  ])('says what is wrong with %j', (change, sentence) => {
    const report = { ...good, ...change };
    expect(faultsOf(report)).toEqual([expect.stringContaining(sentence)]);
    expect(summaryText(report, ['user-7 (waiting)'])).toMatch(/WRONG: 1 [^]*NOT all as promised/);
  });
});
