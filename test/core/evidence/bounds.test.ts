// The check shares nothing with what it checks, and its memory does not grow with the logs: what it
// forgets can raise an alarm or be reported as missing, and never hides an overlap.
import { describe, expect, it } from 'vitest';
import { createFencedSet } from '../../../src/core/evidence/fenced-set.js';
import { replayFences } from '../../../src/core/evidence/fences-replay.js';
import { tenuresPerPartitionMax } from '../../../src/core/evidence/bounds.js';
import { replaySessions } from '../../../src/core/evidence/sessions-replay.js';
import { filesBelow, importsOf } from '../../support/source-tree.js';
import { checkRecords, evidenceScript, properMove } from './evidence-script.js';

describe('the code of the check', () => {
  it('imports nothing but itself and ranges', () => {
    const targets = filesBelow('src/core/evidence', ['.ts'])
      .flatMap(importsOf)
      .map(({ target }) => target ?? 'a package');
    const foreign = targets.filter((target) => !target.startsWith('src/core/evidence/'));
    expect([...new Set(foreign)]).toEqual(['src/core/ranges.ts']);
  });
});

describe('the memory of the check', () => {
  it('forgets the oldest owners of a restless partition, says truncated, and still sees an overlap', () => {
    const log = evidenceScript();
    const moves = tenuresPerPartitionMax + 10;
    let last: number | null = null;
    for (let revision = 1; revision <= moves; revision += 1) {
      const own = revision % 2 === 0 ? 'B1' : 'A1';
      last = log.released(0, own, revision + 1, log.acquired(0, own, revision, last));
    }
    log.opened(0, 'alice/phone', 'c1', 'Z1', 3);
    expect(log.check(1)).toMatchObject({ ok: true, truncated: true });
    log.opened(0, 'alice/phone', 'c2', 'A1', moves - 1);
    expect(log.check(1)).toMatchObject({ ok: false, overlaps: 1, ownershipOverlaps: 1 });
    log.opened(0, 'bob/phone', 'c3', 'Z1', moves);
    expect(log.check(1).violations['opened-without-ownership']).toBe(1);
  });

  it('takes a repeat that comes too late for a new connection: an alarm, not a silence', () => {
    const violations: string[] = [];
    const closedMax = 1_000;
    const listener = {
      violated: (kind: string) => void violations.push(kind),
      returned: () => undefined,
      heldAt: () => true,
      fencedByOwnership: () => true,
      complete: () => true,
    };
    const replay = replaySessions(listener, closedMax);
    const record = (connection: string, type: 'opened' | 'closed', incarnation = 'A1') => ({
      ...{ type, connection, incarnation, partition: 0, user: 'u', client: 'c', instance: 's-0' },
      ...{ revision: 1, reason: null },
    });
    for (let n = 0; n <= closedMax; n += 1) {
      replay.apply(n, record(`c${n}`, 'opened'));
      replay.apply(n, record(`c${n}`, 'closed'));
    }
    expect(replay.apply(0, record('c1', 'opened'))).toBe(false);
    expect(replay.apply(0, record('c0', 'opened'))).toBe(true);
    replay.apply(0, record('d', 'opened', 'B1'));
    expect(violations).toEqual(['overlap']);
  });

  it('stops remembering fences at a bound and says so', () => {
    const fenced = createFencedSet(2);
    for (const incarnation of ['a', 'b', 'b']) fenced.add(incarnation);
    expect(fenced.overflowed()).toBe(false);
    fenced.add('c');
    expect([fenced.has('a'), fenced.has('c'), fenced.overflowed()]).toEqual([true, false, true]);

    const fences = replayFences(1);
    const ofB = { type: 'fenced', instance: 's-0', incarnation: 'b', how: null } as const;
    fences.apply(0, true, { type: 'fence', incarnation: 'a' });
    expect(fences.contradicts(ofB)).toBe(true);
    fences.apply(0, true, { type: 'fence', incarnation: 'b' });
    expect(fences.contradicts(ofB)).toBe(false);
  });

  it('judges no fence by leases of which something is missing', () => {
    const ofA = {
      type: 'fenced',
      instance: 's-13',
      incarnation: 'a',
      how: 'acknowledged',
    } as const;
    const fences = replayFences();
    expect(fences.contradicts(ofA)).toBe(false);
    fences.apply(0, true, {});
    expect(fences.contradicts(ofA)).toBe(false);
    fences.apply(1, false, {});
    expect(fences.contradicts(ofA)).toBe(false);
    fences.apply(1, true, {});
    expect(fences.contradicts(ofA)).toBe(true);
    fences.apply(1, true, { type: 'fence', incarnation: 'a' });
    expect(fences.contradicts(ofA)).toBe(true);
    fences.apply(1, true, { type: 'fence-acknowledged', incarnation: 'a' });
    expect(fences.contradicts(ofA)).toBe(false);
  });

  it('cannot be made to walk through partitions that there are not', () => {
    const log = properMove();
    log.acquired(Number.MAX_SAFE_INTEGER, 'A1', 1, null);
    const report = log.check();
    expect(report).toMatchObject({ ok: false, unreadable: 1, ownershipGaps: [] });
    expect(report.first?.message).toMatch(/no such partition/);
    const known = properMove();
    known.acquired(3, 'A1', 1, null);
    expect(known.check(3)).toMatchObject({ ok: false, unreadable: 1 });
  });

  it('is not ok when the partitions of a log come out of order', () => {
    const log = evidenceScript();
    log.acquired(0, 'A1', 1, null);
    log.acquired(1, 'A1', 1, null);
    log.opened(0, 'alice/phone', 'c1', 'A1', 1);
    log.opened(1, 'bob/phone', 'c2', 'A1', 1);
    const [a, b, first, second] = log.records();
    const report = checkRecords([a, b, second, first].filter((record) => record !== undefined));
    expect(report).toMatchObject({ ok: false, unreadable: 1 });
  });
});

describe('names in the report', () => {
  it('move no cursor and turn no text around', () => {
    const log = evidenceScript();
    log.opened(0, 'a\u001b[2J\u202e\u009b/phone', 'c1', 'A1', 1);
    const { first } = log.check();
    expect(first?.message).toContain('a\\u{1b}[2J\\u{202e}\\u{9b}/phone');
    expect(first?.user).toBe('a\u001b[2J\u202e\u009b');
  });
});
