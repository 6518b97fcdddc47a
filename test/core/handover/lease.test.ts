import { describe, expect, it } from 'vitest';
import { Lease } from '../../../src/core/handover/lease.js';
import type { LeaseRecord } from '../../../src/core/records.js';

const limits = { ttlMs: 2_000, lapseMaxMs: 60_000 };
const lease = (): Lease => new Lease('s-0', 'a', limits);
const beat = (of: Lease, nowMs: number): LeaseRecord => {
  const record = of.beat(nowMs);
  if (record === null) throw new Error('no heartbeat');
  return record;
};

describe('lease', () => {
  it('is silent until its own heartbeat is read back', () => {
    const of = lease();
    const record = beat(of, 0);
    expect(of.speaks(1)).toBe(false);
    of.read(record, 10);
    expect(of.speaks(10)).toBe(true);
  });

  it('counts from the sending, not from the reading', () => {
    const of = lease();
    of.read(beat(of, 0), 1_900);
    expect(of.speaks(1_999)).toBe(true);
    expect(of.speaks(2_000)).toBe(false);
  });

  it('a heartbeat read after its TTL extends nothing', () => {
    const of = lease();
    of.read(beat(of, 0), 2_500);
    expect(of.speaks(2_500)).toBe(false);
  });

  it('speaks again after a newer heartbeat of its own', () => {
    const of = lease();
    of.read(beat(of, 0), 5);
    const late = beat(of, 3_000);
    expect(of.speaks(3_000)).toBe(false);
    of.read(late, 3_005);
    expect(of.speaks(3_005)).toBe(true);
  });

  it('a second copy of a heartbeat counts from the first sending', () => {
    const of = lease();
    const first = beat(of, 0);
    of.read(first, 5);
    of.read(first, 1_990);
    expect(of.speaks(2_000)).toBe(false);
  });

  it('a fence ends it for ever, is acknowledged, and later heartbeats change nothing', () => {
    const of = lease();
    const sentBefore = beat(of, 0);
    expect(of.read({ type: 'fence', incarnation: 'a', by: 'x' }, 1)).toEqual({
      type: 'fence-acknowledged',
      incarnation: 'a',
    });
    of.read(sentBefore, 2);
    expect(of.speaks(2)).toBe(false);
    expect(of.ended(2)).toBe('fence-read');
    expect(of.beat(3)).toBeNull();
  });

  it('ignores fences and heartbeats of others', () => {
    const of = lease();
    of.read(beat(of, 0), 1);
    expect(of.read({ type: 'fence', incarnation: 'b', by: 'x' }, 2)).toBeNull();
    of.read({ type: 'alive', instance: 's-0', incarnation: 'b', seq: 1 }, 3);
    expect(of.speaks(3)).toBe(true);
  });

  it('a reader that lost its place counts as fenced', () => {
    const of = lease();
    of.read(beat(of, 0), 1);
    of.reset();
    expect(of.speaks(2)).toBe(false);
    expect(of.ended(2)).toBe('reader-reset');
  });

  it('a lapse longer than the limit counts as fenced, a shorter one does not', () => {
    const of = lease();
    of.read(beat(of, 0), 1);
    expect(of.ended(62_000)).toBeNull();
    expect(of.ended(62_001)).toBe('lapsed');
  });
});
