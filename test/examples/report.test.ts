import { describe, expect, it } from 'vitest';
import { byOrdinal } from '../../src/local/evidence.js';
import { summarizeGaps } from '../../src/load/gaps.js';
import { readPolicy } from '../../examples/demo/policies.js';
import { judge, type Scenario } from '../../examples/demo/report.js';

const good: Omit<Scenario, 'wrong'> = {
  name: 'grow',
  service: 'messaging',
  revision: { from: 1, to: 2 },
  workflowId: 'rebalance/messaging',
  runId: 'r',
  source: 'threshold',
  distribution: { 'messaging-0': [[0, 359]] },
  moved: { partitions: 120, clients: 100, lowerBound: 120 },
  gapMs: { n: 100, p50: 90, p99: 999, max: 4_999 },
  messages: {
    sent: 2_000,
    delivered: 2_000,
    lost: 0,
    duplicated: 0,
    outOfOrder: 0,
    unanswered: 0,
  },
  overlaps: 0,
  durationMs: 5_000,
};

describe('the distribution of a report', () => {
  it('lists instances by ordinal, whatever they own, and nobody last', () => {
    const owned = new Map(
      ['s-0', 'nobody', 's-10', 's-2', 's-1'].map((name, p) => [name, [[p, p] as const]]),
    );
    expect(Object.entries(byOrdinal(owned))).toEqual([
      ['s-0', [[0, 0]]],
      ['s-1', [[4, 4]]],
      ['s-2', [[3, 3]]],
      ['s-10', [[2, 2]]],
      ['nobody', [[1, 1]]],
    ]);
  });
});

describe('the verdict on a scenario', () => {
  it('finds nothing wrong where every promise was kept', () => {
    expect(judge(good)).toEqual([]);
    expect(judge({ ...good, name: 'forced', source: 'operator' })).toEqual([]);
  });

  const broken: readonly (readonly [string, Partial<Scenario>, RegExp])[] = [
    ['somebody else asked for it', { source: 'operator' }, /asked for by "operator"/],
    ['the P99 gap reaches a second', { gapMs: { ...good.gapMs, p99: 1_000 } }, /P99 1000 ms/],
    ['a gap reaches five seconds', { gapMs: { ...good.gapMs, max: 5_000 } }, /gap 5000 ms/],
    ['a moved client tells no gap', { gapMs: { ...good.gapMs, n: 99 } }, /99 told their gap/],
    [
      'too few messages were checked',
      { messages: { ...good.messages, sent: 1_999 } },
      /only 1999 messages/,
    ],
    ['a message is lost', { messages: { ...good.messages, lost: 1 } }, /1 messages were lost/],
    ['one arrives twice', { messages: { ...good.messages, duplicated: 1 } }, /arrived twice/],
    ['one overtakes another', { messages: { ...good.messages, outOfOrder: 1 } }, /out of order/],
    ['one is never accepted', { messages: { ...good.messages, unanswered: 1 } }, /never accepted/],
    ['a client is connected twice', { overlaps: 1 }, /two instances at once/],
    [
      'more partitions move than need to',
      { moved: { ...good.moved, partitions: 121 } },
      /121 partitions moved, 120 would do/,
    ],
  ];
  it.each(broken)('names it when %s', (_what, change, sentence) => {
    const wrong = judge({ ...good, ...change });
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toMatch(sentence);
  });
});

describe('gaps', () => {
  it('are summarized by nearest rank, and as zeros where there are none', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(summarizeGaps(hundred)).toEqual({ n: 100, p50: 50, p99: 99, max: 100 });
    expect(summarizeGaps([7.2])).toEqual({ n: 1, p50: 8, p99: 8, max: 8 });
    expect(summarizeGaps([])).toEqual({ n: 0, p50: 0, p99: 0, max: 0 });
  });
});

describe('the policies of the demo', () => {
  it('are as in their files for 300 clients, and scaled for others', () => {
    expect(readPolicy('messaging', 300, 'chat')).toMatchObject({
      service: 'chat',
      partitions: 360,
      tolerance: 0,
      clientsPerInstance: { upper: 120, lower: 30, target: 100 },
    });
    expect(readPolicy('gateway', 600, 'gateway').clientsPerInstance).toEqual({
      upper: 160,
      lower: 50,
      target: 120,
    });
  });
});
