import { describe, expect, it } from 'vitest';
import { addUp, collectMoves } from '../../activities/record.js';
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
    for (let gap = 1; gap <= 99; gap += 1) receiver.arrived(2, gap);
    const other = new Gaps();
    other.arrived(3, 5_000);
    const moves = addUp([report(donor), report(receiver), report(other)], new Set([2]));
    expect(moves).toMatchObject({ left: 100, arrived: 99 });
    expect(moves.gapMs).toEqual({ n: 99, p50: 50, p99: 99, max: 99 });
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
      gaps.arrived(2, gap);
      const { p50, p99, max } = addUp([report(gaps)], new Set([2])).gapMs;
      expect(Math.max(p50, p99)).toBeLessThanOrEqual(max);
    }
  });

  it('are none without reports', () => {
    expect(addUp([], new Set([1]))).toEqual({
      left: 0,
      arrived: 0,
      gapMs: { n: 0, p50: 0, p99: 0, max: 0 },
    });
  });
});
