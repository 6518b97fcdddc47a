import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { addUp, cameUnder, collectMoves } from '../../activities/record.js';
import { Gaps } from '../../src/instance/gaps.js';
import type { Clock, ConfigDb, InstanceReport } from '../../src/ports.js';

function report(gaps: Gaps): InstanceReport {
  return { moves: gaps.report() } as unknown as InstanceReport;
}

describe('moves of a saga', () => {
  it('are added up over instances and its revisions, and over no other', () => {
    const donor = new Gaps();
    donor.left(2, 100);
    donor.left(1, 7);
    const receiver = new Gaps();
    for (let gap = 1; gap <= 99; gap += 1) receiver.arrived(2, gap, 'moved');
    const other = new Gaps();
    other.arrived(3, 5_000, 'moved');
    const moves = addUp([report(donor), report(receiver), report(other)], new Set([2]));
    expect(moves).toMatchObject({ left: 100, arrived: 99 });
    expect(moves.gapMs).toEqual({ n: 99, p50: 50, p99: 99, max: 99 });
  });

  it('are those of clients that were told to move: whoever came back for another reason is told apart', () => {
    const gaps = new Gaps();
    gaps.left(2, 3);
    for (const gap of [20, 40]) gaps.arrived(2, gap, 'moved');
    for (let i = 0; i < 40; i += 1) gaps.arrived(2, 41_000, 'other');
    const { left, arrived, gapMs, otherGapMs } = addUp([report(gaps)], new Set([2]));
    expect({ left, arrived }).toEqual({ left: 3, arrived: 2 });
    expect(gapMs).toEqual({ n: 2, p50: 20, p99: 40, max: 40 });
    expect(otherGapMs.n).toBe(40);
    expect(otherGapMs.p50).toBeGreaterThan(40_000);
    expect(cameUnder([report(gaps)], 2)).toBe(42);
  });

  it('are all of them where an instance tells none apart', () => {
    const gaps = new Gaps();
    gaps.left(2, 1);
    for (const gap of [20, 41_000]) gaps.arrived(2, gap, 'other');
    const [{ planned: _none, ...moves } = { moves: [] }] = gaps.report();
    const older = { moves: [moves] } as unknown as InstanceReport;
    const seen = addUp([older], new Set([2]));
    expect(seen).toMatchObject({ left: 1, arrived: 2, gapMs: { n: 2 }, otherGapMs: { n: 0 } });
  });

  it.each(['?', 'HISTFAAAAA', 'AAAA', 'a'.repeat(10_000)])(
    'are those of the others where an instance wrote what is no histogram: %.12s',
    (broken) => {
      const good = new Gaps();
      good.arrived(2, 20, 'moved');
      const strange = { revision: 2, left: 1, arrived: 1, gaps: broken };
      const planned = { ...strange, planned: { arrived: 1, gaps: broken } };
      const bad = { moves: [strange, planned] } as unknown as InstanceReport;
      const seen = addUp([bad, report(good)], new Set([2]));
      expect(seen).toMatchObject({ left: 2, arrived: 3, gapMs: { n: 1 }, otherGapMs: { n: 0 } });
    },
  );

  it('do not count those that came for another reason as those that are waited for', async () => {
    const gaps = new Gaps();
    gaps.left(2, 3);
    gaps.arrived(2, 20, 'moved');
    for (let i = 0; i < 5; i += 1) gaps.arrived(2, 41_000, 'other');
    const configDb = { reports: async () => [report(gaps)] } as unknown as ConfigDb;
    // Each look at the clock is a second later: nobody else comes within the bound.
    let nowMs = 0;
    const clock: Clock = { monotonicMs: () => (nowMs += 1_000), wallMs: () => 0 };
    const environment = new MockActivityEnvironment();
    const recorded = await environment.run(() =>
      collectMoves({ configDb, clock }, 's', new Set([2])),
    );
    expect(recorded).toMatchObject({
      ...{ movedClients: 3, notReturned: 2, gapMs: { n: 1, max: 20 }, otherGapMs: { n: 5 } },
    });
  });

  it('are none, without a look at reports, when the saga committed no revision', async () => {
    const configDb = {
      reports: () => Promise.reject(new Error('reports were looked at')),
    } as unknown as ConfigDb;
    expect(await collectMoves({ configDb, clock: {} as Clock }, 's', new Set())).toEqual({
      movedClients: 0,
      notReturned: 0,
      gapMs: { n: 0, p50: 0, p99: 0, max: 0 },
    });
  });

  it('have no percentile above their maximum', () => {
    for (let gap = 300; gap <= 330; gap += 1) {
      const gaps = new Gaps();
      gaps.arrived(2, gap, 'moved');
      const { p50, p99, max } = addUp([report(gaps)], new Set([2])).gapMs;
      expect(Math.max(p50, p99)).toBeLessThanOrEqual(max);
    }
  });

  it('are none without reports', () => {
    expect(addUp([], new Set([1]))).toEqual({
      left: 0,
      arrived: 0,
      gapMs: { n: 0, p50: 0, p99: 0, max: 0 },
      otherGapMs: { n: 0, p50: 0, p99: 0, max: 0 },
    });
  });
});
