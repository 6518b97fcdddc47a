import { describe, expect, it } from 'vitest';
import { OwnershipLog, parseOwnershipRecord } from '../../../src/core/handover/ownership-log.js';
import type { OwnershipChange, OwnershipRecord } from '../../../src/core/records.js';

const change = (
  type: 'acquired' | 'released',
  who: string,
  prev: number | null,
  more: Partial<OwnershipChange> = {},
): OwnershipChange => ({
  type,
  partition: 0,
  revision: 1,
  instance: `s-${who[0] ?? ''}`,
  incarnation: who,
  prev: prev === null ? null : String(prev),
  next: '0',
  ...more,
});
const fenced = (who: string): OwnershipRecord => ({
  type: 'fenced',
  instance: `s-${who[0] ?? ''}`,
  incarnation: who,
  how: 'acknowledged',
});

/** Applies records at successive offsets; answers with the verdicts. */
function replay(records: readonly OwnershipRecord[]): { log: OwnershipLog; verdicts: string[] } {
  const log = new OwnershipLog(4);
  const verdicts = records.map((record, offset) => {
    const verdict = log.apply(record, offset);
    return verdict.valid ? 'valid' : verdict.reason;
  });
  return { log, verdicts };
}

describe('ownership log', () => {
  it('follows acquired, released, acquired by another', () => {
    const { log, verdicts } = replay([
      change('acquired', '0a', null),
      change('released', '0a', 0, { revision: 2 }),
      change('acquired', '1a', 1, { revision: 2 }),
    ]);
    expect(verdicts).toEqual(['valid', 'valid', 'valid']);
    expect(log.holderOf(0)?.incarnation).toBe('1a');
    expect(log.highestRevision()).toBe(2);
  });

  it('voids an acquire while somebody holds', () => {
    expect(replay([change('acquired', '0a', null), change('acquired', '1a', 0)]).verdicts[1]).toBe(
      'held',
    );
  });

  it('voids whoever has not read the last valid record', () => {
    const { verdicts } = replay([change('acquired', '0a', null), change('acquired', '1a', null)]);
    expect(verdicts[1]).toBe('prev');
  });

  it('voids the second copy of a record, and the first stays', () => {
    const { log, verdicts } = replay([
      change('acquired', '0a', null),
      change('acquired', '0a', null),
    ]);
    expect(verdicts).toEqual(['valid', 'prev']);
    expect(log.last(0)?.offset).toBe(0);
  });

  it('voids a release by anybody but the holder', () => {
    expect(replay([change('acquired', '0a', null), change('released', '1a', 0)]).verdicts[1]).toBe(
      'not-holder',
    );
    expect(replay([change('released', '1a', null)]).verdicts[0]).toBe('not-holder');
  });

  it('voids a revision lower than any earlier valid one of the partition', () => {
    const { verdicts } = replay([
      change('acquired', '0a', null, { revision: 1 }),
      change('released', '0a', 0, { revision: 5 }),
      change('acquired', '1a', 1, { revision: 4 }),
      change('acquired', '1a', 1, { revision: 5 }),
    ]);
    expect(verdicts).toEqual(['valid', 'valid', 'revision', 'valid']);
  });

  it('a fence frees what its incarnation held and voids all it writes later, but changes no prev', () => {
    const { log, verdicts } = replay([
      change('acquired', '0a', null),
      fenced('0a'),
      change('released', '0a', 0),
      change('acquired', '1a', 0),
    ]);
    expect(verdicts).toEqual(['valid', 'valid', 'fenced', 'valid']);
    expect(log.holderOf(0)?.incarnation).toBe('1a');
  });

  it('nobody holds what a fenced incarnation acquired', () => {
    expect(replay([change('acquired', '0a', null), fenced('0a')]).log.holderOf(0)).toBeNull();
  });

  it('goes on from a snapshot as if it had read everything', () => {
    const records = [
      change('acquired', '0a', null),
      change('acquired', '1a', null, { partition: 3 }),
      fenced('0a'),
      change('released', '1a', 1, { partition: 3, revision: 2 }),
      change('acquired', '2a', 3, { partition: 3, revision: 2 }),
      change('acquired', '2a', 0, { revision: 2 }),
    ];
    for (let cut = 0; cut <= records.length; cut += 1) {
      const { log } = replay(records.slice(0, cut));
      const resumed = new OwnershipLog(4, JSON.parse(JSON.stringify(log.snapshot())) as never);
      for (let at = cut; at < records.length; at += 1) resumed.apply(records[at] ?? null, at);
      expect(resumed.snapshot()).toEqual(replay(records).log.snapshot());
    }
  });

  it('tells actual ownership as ranges that cover every partition', () => {
    const { log } = replay([
      change('acquired', '0a', null, { partition: 1 }),
      change('acquired', '0a', null, { partition: 2 }),
    ]);
    expect(
      log.holdings().map(({ from, to, holder }) => [from, to, holder?.instance ?? null]),
    ).toEqual([
      [0, 0, null],
      [1, 2, 's-0'],
      [3, 3, null],
    ]);
  });

  it.each([
    ['no JSON', '{'],
    ['an array', '[]'],
    ['another type', '{"type":"x","instance":"a","incarnation":"b"}'],
    [
      'no partition',
      '{"type":"acquired","instance":"a","incarnation":"b","revision":1,"prev":null}',
    ],
    [
      'a prev that is no offset',
      '{"type":"acquired","partition":0,"instance":"a","incarnation":"b","revision":1,"prev":"x"}',
    ],
    [
      'a missing prev',
      '{"type":"acquired","partition":0,"instance":"a","incarnation":"b","revision":1}',
    ],
  ])('reads %s as no record', (_what, text) => {
    expect(parseOwnershipRecord(text)).toBeNull();
    expect(new OwnershipLog(1).apply(parseOwnershipRecord(text), 0)).toEqual({
      valid: false,
      reason: 'malformed',
    });
  });

  it('voids a partition that does not exist', () => {
    expect(replay([change('acquired', '0a', null, { partition: 4 })]).verdicts).toEqual([
      'malformed',
    ]);
  });
});
