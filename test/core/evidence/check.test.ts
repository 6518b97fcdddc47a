// Small logs written by hand, one for each thing that the check must see or must not complain about.
import { describe, expect, it } from 'vitest';
import { evidenceScript, properMove, type EvidenceScript } from './evidence-script.js';

const alice = 'alice/phone';

describe('the check of evidence', () => {
  it('finds nothing in a proper move, and estimates its gap', () => {
    expect(properMove().check()).toEqual({
      ok: true,
      overlaps: 0,
      violations: {
        overlap: 0,
        'two-owners': 0,
        'opened-without-ownership': 0,
        'closed-differs': 0,
        'closed-without-opened': 0,
        'opened-after-fence': 0,
        'fenced-without-fence': 0,
      },
      ownershipOverlaps: 0,
      ownershipGaps: [],
      unclosed: 1,
      notReturned: 0,
      truncated: false,
      records: 6,
      void: 0,
      unreadable: 0,
      rebalances: [{ revision: 2, moved: 1, gapMs: { n: 1, p50: 40, p99: 40, max: 40 } }],
    });
  });

  it('finds a client on two incarnations and shows where', () => {
    const log = evidenceScript();
    log.acquired(2, 'B1', 1, log.released(2, 'A1', 1, log.acquired(2, 'A1', 1, null)));
    log.opened(2, alice, 'c1', 'A1', 1);
    log.opened(2, alice, 'c2', 'B1', 1);
    log.closed(2, alice, 'c1', 'A1');
    const report = log.check();
    expect(report).toMatchObject({ ok: false, overlaps: 1 });
    expect(report.first).toMatchObject({
      kind: 'overlap',
      topic: 's.sessions',
      partition: 2,
      offset: '1',
      user: 'alice',
      client: 'phone',
      incarnation: 'B1',
      other: 'A1',
    });
  });

  it('counts each moment, not each pair of records', () => {
    const log = evidenceScript();
    log.acquired(0, 'B1', 1, log.released(0, 'A1', 1, log.acquired(0, 'A1', 1, null)));
    log.opened(0, alice, 'c1', 'A1', 1);
    log.opened(0, alice, 'c2', 'B1', 1);
    log.closed(0, alice, 'c2', 'B1');
    log.opened(0, alice, 'c3', 'B1', 1);
    expect(log.check().overlaps).toBe(2);
  });

  it('finds a second owner of a partition even when the clients differ', () => {
    const log = evidenceScript();
    log.acquired(0, 'B1', 2, log.released(0, 'A1', 2, log.acquired(0, 'A1', 1, null)));
    log.opened(0, alice, 'c1', 'A1', 1);
    log.opened(0, 'bob/phone', 'c2', 'B1', 2);
    const report = log.check();
    expect(report).toMatchObject({ ok: false, overlaps: 0, violations: { 'two-owners': 1 } });
    expect(report.first?.kind).toBe('two-owners');
  });

  it('allows two devices of one user, and two connections on one incarnation', () => {
    const log = evidenceScript();
    log.acquired(0, 'A1', 1, null);
    log.opened(0, alice, 'c1', 'A1', 1);
    log.opened(0, 'alice/laptop', 'c2', 'A1', 1);
    log.opened(0, alice, 'c3', 'A1', 1);
    expect(log.check()).toMatchObject({ ok: true, unclosed: 3 });
  });

  it('counts a repeated record of a connection once, and an opened after its closed not at all', () => {
    const log = evidenceScript();
    log.acquired(0, 'B1', 2, log.released(0, 'A1', 2, log.acquired(0, 'A1', 1, null)));
    log.opened(0, alice, 'c1', 'A1', 1);
    log.opened(0, alice, 'c1', 'A1', 1);
    log.closed(0, alice, 'c1', 'A1');
    log.closed(0, alice, 'c1', 'A1');
    log.opened(0, alice, 'c2', 'B1', 2);
    log.opened(0, alice, 'c1', 'A1', 1);
    expect(log.check()).toMatchObject({ ok: true, unclosed: 1, void: 3 });
  });

  it('ends the connections of a fenced incarnation at the fence and ignores it from there', () => {
    const log = evidenceScript();
    const held = log.acquired(0, 'A1', 1, null);
    log.fenced('A1');
    log.acquired(0, 'B1', 2, held);
    log.opened(0, alice, 'c1', 'A1', 1);
    log.fencedFor(0, 'A1');
    log.opened(0, alice, 'c2', 'B1', 2);
    log.opened(0, alice, 'c3', 'A1', 1);
    log.closed(0, alice, 'c1', 'A1', 'lost');
    expect(log.check()).toMatchObject({ ok: true, unclosed: 1, void: 2 });
  });

  it('sees the overlap when the fence comes too late', () => {
    const log = evidenceScript();
    const held = log.acquired(0, 'A1', 1, null);
    log.fenced('A1');
    log.acquired(0, 'B1', 2, held);
    log.opened(0, alice, 'c1', 'A1', 1);
    log.opened(0, alice, 'c2', 'B1', 2);
    log.fencedFor(0, 'A1');
    expect(log.check().overlaps).toBe(1);
  });

  it('finds an incarnation that welcomed without ever holding the partition', () => {
    const log = evidenceScript();
    log.acquired(0, 'A1', 1, null);
    log.opened(0, alice, 'c1', 'B1', 1);
    const report = log.check();
    expect(report.violations['opened-without-ownership']).toBe(1);
    expect(report.first).toMatchObject({ kind: 'opened-without-ownership', incarnation: 'B1' });
  });

  it('finds an incarnation that welcomed at a revision after the one it released at', () => {
    const log = evidenceScript();
    log.released(0, 'A1', 2, log.acquired(0, 'A1', 1, null));
    log.opened(0, alice, 'c1', 'A1', 2);
    log.closed(0, alice, 'c1', 'A1');
    log.opened(0, alice, 'c2', 'A1', 3);
    expect(log.check().violations['opened-without-ownership']).toBe(1);
  });

  it('finds an incarnation that welcomed at a revision before the one it acquired at', () => {
    const log = evidenceScript();
    log.acquired(0, 'B1', 2, log.released(0, 'A1', 2, log.acquired(0, 'A1', 1, null)));
    log.opened(0, alice, 'c1', 'B1', 1);
    expect(log.check().violations['opened-without-ownership']).toBe(1);
  });

  it('sees the second owner as long as one client of the first is left', () => {
    const log = evidenceScript();
    log.acquired(0, 'B1', 2, log.released(0, 'A1', 2, log.acquired(0, 'A1', 1, null)));
    log.opened(0, alice, 'c1', 'A1', 1);
    log.opened(0, 'bob/phone', 'c2', 'A1', 1);
    log.closed(0, alice, 'c1', 'A1');
    log.opened(0, alice, 'c3', 'B1', 2);
    expect(log.check().violations['two-owners']).toBe(1);
  });

  it('leaves the connections of others open at a fence', () => {
    const log = evidenceScript();
    log.acquired(0, 'A1', 1, null);
    log.acquired(12, 'B1', 1, null);
    log.opened(0, alice, 'c1', 'A1', 1);
    log.opened(12, 'bob/phone', 'c2', 'B1', 1);
    log.fencedFor(0, 'A1');
    expect(log.check().unclosed).toBe(1);
  });

  it('does not count a void acquired as ownership', () => {
    const voids: Record<string, (log: EvidenceScript, a: number) => void> = {
      'held by another': (log, a) => void log.acquired(0, 'B1', 2, a),
      'stale prev': (log, a) => {
        log.released(0, 'A1', 2, a);
        log.acquired(0, 'B1', 2, a);
      },
      'lower revision': (log, a) => void log.acquired(0, 'B1', 1, log.released(0, 'A1', 2, a)),
      'fenced writer': (log, a) => {
        log.fenced('B1');
        log.acquired(0, 'B1', 2, log.released(0, 'A1', 2, a));
      },
      'released by a stranger': (log, a) =>
        void log.acquired(0, 'B1', 2, log.released(0, 'C1', 2, a)),
    };
    for (const [name, write] of Object.entries(voids)) {
      const log = evidenceScript();
      write(log, log.acquired(0, 'A1', 1, null));
      log.opened(0, alice, 'c1', 'B1', 2);
      expect(log.check().violations['opened-without-ownership'], name).toBe(1);
    }
  });

  it('lists the ranges that nobody holds at the end', () => {
    const log = evidenceScript();
    for (const p of [0, 1, 4]) log.acquired(p, 'A1', 1, null);
    log.released(3, 'B1', 2, log.acquired(3, 'B1', 1, null));
    log.acquired(5, 'C1', 1, null);
    log.fenced('C1');
    expect(log.check(8).ownershipGaps).toEqual([
      [2, 3],
      [5, 7],
    ]);
  });

  it('does not count partitions that an instance takes back or takes again as moved', () => {
    const log = evidenceScript();
    const released = log.released(0, 'A1', 2, log.acquired(0, 'A1', 1, null));
    const back = log.acquired(0, 'A1', 2, released);
    log.fenced('A1');
    log.acquired(0, 'A2', 2, back);
    expect(log.check().rebalances).toEqual([]);
  });

  it('says truncated when a log starts late, and then trusts what was trimmed', () => {
    const late = evidenceScript(40);
    late.acquired(0, 'B1', 7, late.released(0, 'A1', 7, 12));
    late.opened(0, alice, 'c1', 'A1', 5);
    late.closed(0, alice, 'c1', 'A1');
    late.opened(0, alice, 'c2', 'B1', 7);
    expect(late.check()).toMatchObject({ ok: true, truncated: true, ownershipGaps: [] });

    const later = evidenceScript(40);
    later.acquired(0, 'B1', 7, 12);
    later.opened(0, alice, 'c1', 'A1', 5);
    expect(later.check()).toMatchObject({ ok: true, truncated: true });
  });
});
