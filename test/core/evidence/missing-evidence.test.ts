// Exports with parts cut out, rewritten or spoilt: no ok without evidence.
import { describe, expect, it } from 'vitest';
import { checkRecords, evidenceScript, properMove } from './evidence-script.js';

const alice = 'alice/phone';

describe('the check of spoilt evidence', () => {
  it('is not ok with a record that it cannot read, shows it, and goes on', () => {
    const log = properMove();
    const before = log.check();
    log.opened(0, '/', 'c9', 'B1', 2);
    expect(log.check()).toEqual({
      ...before,
      ok: false,
      records: before.records + 1,
      unreadable: 1,
      first: {
        kind: 'unreadable-record',
        message: expect.stringContaining('no record of s.sessions') as string,
        topic: 's.sessions',
        partition: 0,
        offset: '3',
      },
    });
  });

  it('cannot read a record without its partition or of a type that there is not', () => {
    const records = properMove().records();
    for (const change of [{ partition: undefined }, { type: 'nonsense' }]) {
      for (const at of records.keys()) {
        const changed = records.map((record, i) =>
          i === at ? { ...record, value: { ...(record.value as object), ...change } } : record,
        );
        const report = checkRecords(changed);
        expect(report, `record ${at}`).toMatchObject({ ok: false, unreadable: 1 });
      }
    }
  });

  it('says truncated when there is ownership and nothing of sessions, or only leases', () => {
    const records = properMove().records();
    const ownership = records.filter(({ topic }) => topic === 's.ownership');
    expect(checkRecords(ownership)).toMatchObject({ ok: true, truncated: true });
    const lease = { topic: 's.leases', partition: 0, offset: 0, timestamp: 1, value: {} };
    expect(checkRecords([lease])).toMatchObject({ ok: true, truncated: true, unreadable: 0 });
    expect(checkRecords([])).toMatchObject({ truncated: false });
  });

  it('takes nobody for an owner when there are sessions and nothing of ownership', () => {
    const sessions = properMove()
      .records()
      .filter(({ topic }) => topic === 's.sessions');
    expect(checkRecords(sessions)).toMatchObject({
      ok: false,
      truncated: true,
      violations: { 'opened-without-ownership': 2 },
      first: { kind: 'opened-without-ownership' },
    });
  });

  it('finds a closed that is not what its connection was opened as', () => {
    const changes: Record<string, readonly [number, string, string]> = {
      user: [0, 'bob/phone', 'A1'],
      client: [0, 'alice/laptop', 'A1'],
      partition: [12, alice, 'A1'],
      incarnation: [0, alice, 'A2'],
    };
    for (const [name, [partition, who, incarnation]] of Object.entries(changes)) {
      const log = evidenceScript();
      log.acquired(12, 'A1', 1, log.acquired(0, 'A1', 1, null));
      log.opened(0, alice, 'c1', 'A1', 1);
      log.closed(partition, who, 'c1', incarnation);
      const report = log.check();
      expect(report, name).toMatchObject({ ok: false, violations: { 'closed-differs': 1 } });
      expect(report.first, name).toMatchObject({ kind: 'closed-differs', other: 'A1' });
      expect(report.unclosed, name).toBe(0);
    }
  });
});
