// What explain and history say, from the documents that they read.
import { describe, expect, it } from 'vitest';
import { decisionsText, runsOf, type DecisionSeen } from '../../src/cli/explain/decisions.js';
import { recordOf } from '../../src/cli/explain/record-of.js';
import { revisionText } from '../../src/cli/explain/revision.js';
import { historyText } from '../../src/cli/history.js';
import { rebalanceSeen } from '../../src/cli/rebalance-record.js';
import type { DistributionDoc, RebalanceDoc } from '../../src/ports.js';

const minute = 60_000;
const skip = (atMs: number, reason: string): DecisionSeen => ({
  atMs,
  kind: 'skip',
  reasons: [reason],
  desired: null,
  inputHash: 'h',
});

describe('decisions of the last hour', () => {
  const decisions: DecisionSeen[] = [
    skip(0, '100 clients each, within 50..250'),
    skip(minute, '101.5 clients each, within 50..250'),
    { ...skip(2 * minute, '251 clients each, above 250'), kind: 'act', desired: 3 },
    skip(3 * minute, 'a rebalance is running'),
  ];

  it('that said the same but for numbers are one line, with the latest numbers', () => {
    expect(runsOf(decisions).map(({ kind, count, reasons }) => [kind, count, reasons[0]])).toEqual([
      ['skip', 2, '101.5 clients each, within 50..250'],
      ['act', 1, '251 clients each, above 250'],
      ['skip', 1, 'a rebalance is running'],
    ]);
    expect(decisionsText('chat', '1h', decisions).split('\n')).toEqual([
      'chat: 4 evaluations in the last 1h, 1 acted',
      '  1970-01-01 00:00:00Z … 00:01:00Z  skip ×2: 101.5 clients each, within 50..250',
      '  1970-01-01 00:02:00Z  act (3 instances): 251 clients each, above 250',
      '  1970-01-01 00:03:00Z  skip: a rebalance is running',
    ]);
  });

  it('of a dry run are told as what it would have done', () => {
    const dry = { ...skip(3 * minute, '251 clients each, above 250'), desired: 3, would: true };
    const text = decisionsText('chat', '1h', [skip(0, 'quiet'), dry, { ...dry, atMs: 4 * minute }]);
    expect(text.split('\n')).toEqual([
      'chat: 3 evaluations in the last 1h, 0 acted, 2 would have (dry run)',
      '  1970-01-01 00:00:00Z  skip: quiet',
      '  1970-01-01 00:03:00Z … 00:04:00Z  would act ×2 (3 instances): 251 clients each, above 250',
    ]);
  });

  it('that all did nothing, for many reasons, begin with the ones that decided most often', () => {
    const mixed = Array.from({ length: 40 }, (_, i) =>
      skip(i * minute, i % 10 === 9 ? `the last change was ${i} s ago` : `${i} users, within 1..9`),
    );
    expect(decisionsText('chat', '1h', mixed).split('\n').slice(0, 5)).toEqual([
      'chat: 40 evaluations in the last 1h, 0 acted',
      '  why nothing happened',
      '    36×  38 users, within 1..9',
      '    4×  the last change was 39 s ago',
      '  in order of time',
    ]);
  });

  it('that were never made are said to be missing', () => {
    expect(decisionsText('chat', '1h', [])).toMatch(
      /no evaluation in the last 1h; is its Schedule/,
    );
  });
});

const record = rebalanceSeen({
  id: 'chat@2',
  service: 'chat',
  runId: 'r',
  atMs: 5 * minute,
  body: {
    outcome: 'completed',
    text: 'grow 1 → 2, revision 2',
    request: { requestId: 'q', reason: 'before the match', source: 'operator', by: 'ada' },
    movedClients: 40,
    notReturned: 0,
    gapMs: { n: 40, p50: 30, p99: 70, max: 80 },
    durationMs: 8_200,
    steps: [
      { phase: 'plan', title: 'plan', state: 'done', note: '6 move', startedAtMs: 1, tookMs: 12 },
    ],
  },
});

describe('history', () => {
  it('says what happened, with its numbers, and who asked', () => {
    expect(historyText('chat', [record])).toBe(
      '1970-01-01 00:05:00Z  chat@2\n' +
        '    completed: grow 1 → 2, revision 2 (40 clients moved, gap P99 70 ms, took 8.2 s)\n' +
        '    asked by ada: before the match',
    );
  });

  it('tells clients that came back for another reason apart from those that were moved', () => {
    const otherGapMs = { n: 7, p50: 40_000, p99: 41_000, max: 41_500 };
    const seen = { ...record, otherGapMs };
    expect(historyText('chat', [seen])).toContain(
      '40 clients moved, gap P99 70 ms, 7 others came back, P99 41000 ms, took',
    );
    expect(record.otherGapMs).toBeNull();
  });

  it('says once that somebody rejected it', () => {
    const rejected = { outcome: 'rejected' as const, text: 'rejected by Zoë: not now' };
    const seen = { ...record, ...rejected, movedClients: 0, gapMs: null, durationMs: null };
    expect(historyText('chat', [seen])).toContain('chat@2\n    rejected by Zoë: not now\n');
  });

  it('shows a saga that was terminated for what it is', () => {
    const terminated = rebalanceSeen({ id: 'x@1', service: 'x', runId: 'r', atMs: 0, body: {} });
    expect(historyText('x', [terminated])).toMatch(/x@1\n {4}no outcome recorded$/);
    expect(historyText('x', [])).toBe('x: no rebalance yet');
  });
});

describe('a revision', () => {
  const before: DistributionDoc = {
    service: 'chat',
    revision: 1,
    partitions: 12,
    ranges: [[0, 11, 0]],
    hash: 'h1',
    base: null,
    plan: null,
    cause: { kind: 'bootstrap', text: 'first' },
    epoch: 1,
    workflow: { id: 'rebalance/chat', runId: 'r1' },
    atMs: 0,
  };
  const distribution: DistributionDoc = {
    ...before,
    revision: 2,
    base: 1,
    ranges: [
      [0, 5, 0],
      [6, 11, 1],
    ],
    cause: { kind: 'operator', text: 'before the match' },
    epoch: 2,
  };
  const plan = {
    id: 'chat@2.1',
    service: 'chat',
    hash: 'h',
    atMs: 0,
    body: {
      input: { partitions: 12, instances: ['chat-0', 'chat-1'], tolerance: 0 },
      certificate: {
        moved: { partitions: 6, weight: 6, lowerBound: 6 },
        balance: { maxOverMean: 1, minOverMean: 1 },
        ranges: { total: 2, maxPerInstance: 1 },
      },
    },
  };
  const { workflow } = distribution;

  it('is told from the request to the gaps', () => {
    const seen = { service: 'chat', distribution, before, plan, rebalance: record, workflow };
    const text = revisionText(seen);
    expect(text).toContain('before     000000000000  revision 1');
    expect(text).toContain('after      000000111111');
    expect(text).toContain('moved      6 of 12 partitions (50.0 %), weight 6, proven least 6');
    expect(text).toContain('asked      operator (ada): before the match, request q');
    expect(text).toContain('✓ plan    12 ms  6 move');
    expect(text).toContain('gap        P50 30 ms, P99 70 ms, longest 80 ms, of 40 clients');
    expect(text).not.toContain('others');
    const rebalance = { ...record, otherGapMs: { n: 7, p50: 40_000, p99: 41_000, max: 41_500 } };
    expect(revisionText({ ...seen, rebalance })).toContain(
      'others     7 came back without having been told to move, P99 41000 ms, longest 41500 ms',
    );
  });

  it('whose record has not all of its steps says how many are missing', () => {
    const linesWith = (stepsLeftOut: number) => {
      const rebalance = { ...record, stepsLeftOut };
      return revisionText({ service: 'chat', distribution, before, plan, rebalance, workflow });
    };
    expect(linesWith(1)).toContain(
      '    … an earlier step is only in the history of the run\n    ✓ plan',
    );
    expect(linesWith(7)).toContain('    … 7 earlier steps are only in the history of the run\n');
    expect(linesWith(0)).not.toContain('…');
  });

  /** As ConfigDB has it: the record of a saga, of which an undo and a run's first words have other epochs. */
  const docOf = (id: string, runId: string): RebalanceDoc => ({
    ...{ id, service: 'chat', runId, atMs: 0 },
    body: { outcome: 'aborted', text: 'aborted by ada: too late' },
  });
  const records = [docOf('chat@10', 'r1'), docOf('chat@9', 'r1'), docOf('chat@3', 'r0')];

  it('that an undo wrote is told by the saga that it undoes: its epoch is its own', () => {
    const undo = { ...distribution, epoch: 4, plan: 'chat@3.back-4-1.1' };
    const found = recordOf(undo, records);
    expect(found?.id).toBe('chat@3');
    const rebalance = rebalanceSeen(found as RebalanceDoc);
    const seen = { service: 'chat', distribution: undo, before, plan, rebalance, workflow };
    expect(revisionText(seen)).toContain(
      'rebalance  chat@3\n  outcome    aborted by ada: too late',
    );
  });

  it('that a run wrote down before it began says what it is, and by which saga', () => {
    const mended = { ...distribution, epoch: 8, cause: { kind: 'mend', text: 'what is held' } };
    const found = recordOf(mended, records);
    expect(found?.id).toBe('chat@9');
    const rebalance = rebalanceSeen(found as RebalanceDoc);
    const seen = { service: 'chat', distribution: mended, before, plan: null, rebalance, workflow };
    expect(revisionText(seen)).toContain('plan       none: ConfigDB had forgotten');
    expect(revisionText(seen)).toContain('rebalance  chat@9, which began with this');
  });

  it('is told by the saga of its epoch, and by no other', () => {
    expect(recordOf({ ...distribution, epoch: 9 }, records)?.id).toBe('chat@9');
    expect(recordOf({ ...distribution, epoch: 8 }, records)).toBe(undefined);
    expect(recordOf({ ...distribution, epoch: 4, plan: 'chat@30.forward.1' }, records)).toBe(
      undefined,
    );
  });

  it('whose plan and record were trimmed says so', () => {
    const seen = { service: 'chat', distribution, before, plan: null, rebalance: null, workflow };
    expect(revisionText(seen)).toContain('plan       no longer in ConfigDB');
    expect(revisionText(seen)).toContain('rebalance  no record of it in ConfigDB');
  });
});
