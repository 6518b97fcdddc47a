// Simulated worlds of the real machines: a sample of what `npm run simulate:handover` runs at length.
import { describe, expect, it } from 'vitest';
import { realMachines } from '../../../src/simulate/machines.js';
import { violationOf } from '../../../src/simulate/handover/summary.js';
import { runWorld, type WorldOptions } from '../../../src/simulate/handover/world.js';

const small: WorldOptions = {
  seed: 1,
  rebalances: 10,
  clients: 24,
  instances: 4,
  partitions: 16,
  faults: 'none',
};

/** For busy machines; a few seconds otherwise. */
const boundMs = 120_000;

describe('a calm world', () => {
  it('completes every rebalance, and clients are gone for a moment only', async () => {
    const world = await runWorld({ ...small, rebalances: 30 });
    expect(world.violated).toBeNull();
    expect(world.outcomes).toEqual({ completed: 30 });
    expect(world.gapsMs.planned.length).toBeGreaterThan(50);
    expect(Math.max(...world.gapsMs.planned)).toBeLessThan(300);
    expect(world.gapsMs.lost).toEqual([]);
    expect(world.messages.accepted).toBe(world.messages.sent);
    expect(world.messages.copies).toBe(0);
  });

  it('leaves logs in which the independent check finds everything and nothing wrong', async () => {
    const { evidence } = await runWorld(small);
    expect(evidence).toMatchObject({ ok: true, overlaps: 0, unclosed: 24, ownershipGaps: [] });
    expect(evidence?.truncated).toBe(false);
  });
});

describe('a world with faults', () => {
  it(
    'keeps every invariant, whatever the seed',
    async () => {
      const counts = { rebalances: 0, moved: 0, lost: 0, copies: 0, faults: 0 };
      for (let seed = 1; seed <= 12; seed += 1) {
        const world = await runWorld({ ...small, seed, faults: 'all' });
        expect(world.violated === null ? '' : violationOf(world)).toBe('');
        counts.rebalances += Object.values(world.outcomes).reduce((sum, n) => sum + n, 0);
        counts.moved += world.gapsMs.planned.length;
        counts.lost += world.gapsMs.lost.length;
        counts.copies += world.messages.copies;
        for (const n of world.faults.values()) counts.faults += n;
      }
      // Worlds in which nothing happens would prove nothing.
      expect(counts.rebalances).toBe(120);
      expect(counts.moved).toBeGreaterThan(100);
      expect(counts.lost).toBeGreaterThan(100);
      expect(counts.copies).toBeGreaterThan(20);
      expect(counts.faults).toBeGreaterThan(100);
    },
    boundMs,
  );

  it('is the same again from the same seed, line by line', async () => {
    const story = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      const print = (line: string): void => void lines.push(line);
      await runWorld({ ...small, seed: 5, rebalances: 4, faults: 'all', print });
      return lines;
    };
    const first = await story();
    expect(first.length).toBeGreaterThan(100);
    expect(await story()).toEqual(first);
  });

  it(
    'runs with a crowd of clients and many instances',
    async () => {
      const crowd = { clients: 600, instances: 16, partitions: 120, rebalances: 2 };
      const world = await runWorld({ ...small, ...crowd, seed: 3, faults: 'some' });
      expect(world.violated === null ? '' : violationOf(world)).toBe('');
      expect(world.evidence?.unclosed).toBe(600);
    },
    boundMs,
  );
});

describe('what is wrong', () => {
  it('is told with its seed, its moment and the events before it', async () => {
    // Drained before the last `closed` is acknowledged: the next owner may come too early.
    const machines = {
      ...realMachines,
      connections: (limits: Parameters<typeof realMachines.connections>[0]) => {
        const connections = realMachines.connections(limits);
        const drain = connections.drain.bind(connections);
        connections.drain = (partitions, notice) => [
          ...drain(partitions, notice),
          ...partitions.map((partition) => ({ kind: 'drained' as const, partition })),
        ];
        return connections;
      },
    };
    const world = await runWorld({ ...small, machines });
    expect(world.violated?.invariant).toBe('Evidence');
    expect(world.violated?.text).toContain('while still connected to sim-0#1');
    const text = violationOf(world);
    expect(text).toMatch(/^Evidence is violated at \d+\.\d{6} s of seed 1:/);
    // The moment is that of the record, not of the check at the end.
    expect(world.violated?.atMs).toBeLessThan(world.virtualMs - 10_000);
    expect(text).toContain('appends released');
    expect(text).toContain('--seed 1 --rebalances 10 --clients 24');
  });
});
