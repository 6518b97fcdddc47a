// The laws of ConfigDb in src/ports.ts as tests; every implementation runs all of them.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointsMax, trimEvery } from '../../src/limits.js';
import type {
  ConfigDb,
  DistributionDoc,
  InstanceReport,
  PolicyDoc,
  RebalanceDoc,
} from '../../src/ports.js';
import { loadLaws } from './config-db-load.js';

/** `makeDb` is called twice: two writers on one database. `end` removes what the tests left. */
export function configDbContract(
  name: string,
  makeDb: () => Promise<{
    readonly one: ConfigDb;
    readonly two: ConfigDb;
    readonly end: () => Promise<void>;
  }>,
): void {
  describe(`${name} keeps the laws of ConfigDb`, () => {
    let db: ConfigDb;
    let other: ConfigDb;
    let end: () => Promise<void>;

    beforeAll(async () => {
      ({ one: db, two: other, end } = await makeDb());
    });
    afterAll(async () => {
      await db.close();
      await other.close();
      await end();
    });

    const newService = () => `s-${randomUUID().slice(0, 8)}`;

    function distribution(
      service: string,
      revision: number,
      hash = `hash-${revision}`,
    ): DistributionDoc {
      return {
        service,
        revision,
        partitions: 360,
        ranges: [
          [0, 179, 0],
          [180, 359, 1],
        ],
        hash,
        base: revision === 1 ? null : revision - 1,
        plan: null,
        cause: { kind: 'threshold', text: 'load above the upper threshold' },
        epoch: 1,
        workflow: { id: `rebalance/${service}`, runId: 'run' },
        atMs: 1_700_000_000_000 + revision,
      };
    }

    it('commits a revision and gives back what was written', async () => {
      const service = newService();
      expect(await db.latestDistribution(service)).toBeNull();
      expect(await db.distribution(service, 1)).toBeNull();
      expect(await db.insertDistribution(distribution(service, 1))).toEqual({ kind: 'committed' });
      expect(await db.insertDistribution(distribution(service, 2))).toEqual({ kind: 'committed' });
      expect(await other.latestDistribution(service)).toEqual(distribution(service, 2));
      expect(await other.distribution(service, 1)).toEqual(distribution(service, 1));
    });

    it('finds the highest revision, not the last one written', async () => {
      const service = newService();
      for (const revision of [9, 10, 2, 100, 11])
        await db.insertDistribution(distribution(service, revision));
      expect((await db.latestDistribution(service))?.revision).toBe(100);
    });

    it('tells the second writer of a revision which one is there, and changes nothing', async () => {
      const service = newService();
      await db.insertDistribution(distribution(service, 1, 'first'));
      const second = await other.insertDistribution(distribution(service, 1, 'second'));
      expect(second).toEqual({ kind: 'conflict', existing: distribution(service, 1, 'first') });
      expect((await db.distribution(service, 1))?.hash).toBe('first');
    });

    it('commits exactly one of 16 writers of the same revision, 20 times', async () => {
      const service = newService();
      for (let revision = 1; revision <= 20; revision += 1) {
        const results = await Promise.all(
          Array.from({ length: 16 }, async (_, writer) => {
            const client = writer % 2 === 0 ? db : other;
            return client.insertDistribution(distribution(service, revision, `writer-${writer}`));
          }),
        );
        const winners = results.flatMap(({ kind }, writer) =>
          kind === 'committed' ? [`writer-${writer}`] : [],
        );
        expect(winners.length).toBe(1);
        const stored = (await db.distribution(service, revision))?.hash;
        expect(stored).toBe(winners[0]);
        for (const result of results) {
          if (result.kind === 'conflict') expect(result.existing.hash).toBe(stored);
        }
      }
    });

    it('gives every taker of an epoch its own, without holes', async () => {
      const service = newService();
      expect(await db.latestEpoch(service)).toBe(0);
      const takers = Array.from({ length: 16 }, async (_, taker) =>
        (taker % 2 === 0 ? db : other).takeEpoch(service, `taker-${taker}`, taker),
      );
      const epochs = (await Promise.all(takers)).sort((a, b) => a - b);
      expect(epochs).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
      expect(await other.latestEpoch(service)).toBe(16);
      expect(await db.takeEpoch(service, 'last', 0)).toBe(17);
    });

    it('takes an epoch above one that was seen elsewhere, and goes on from there', async () => {
      const service = newService();
      expect(await db.takeEpoch(service, 'after a restore', 0, 41)).toBe(42);
      expect(await db.takeEpoch(service, 'the next one', 0, 7)).toBe(43);
    });

    it('numbers policies like revisions', async () => {
      const service = newService();
      const policy = (revision: number): PolicyDoc => ({
        service,
        revision,
        policy: { upper: 0.8, nested: { list: [1, null, 'x'] } },
        by: 'alice',
        atMs: revision,
      });
      expect(await db.latestPolicy(service)).toBeNull();
      expect(await db.insertPolicy(policy(1))).toEqual({ kind: 'committed' });
      expect(await db.insertPolicy(policy(2))).toEqual({ kind: 'committed' });
      expect(await other.insertPolicy({ ...policy(2), by: 'bob' })).toEqual({
        kind: 'conflict',
        existing: policy(2),
      });
      expect(await other.latestPolicy(service)).toEqual(policy(2));
    });

    it('keeps a plan by its id, saved twice or once', async () => {
      const plan = {
        id: `plan-${randomUUID()}`,
        service: newService(),
        hash: 'h',
        body: { moves: [[0, 1]] },
        atMs: 5,
      };
      expect(await db.plan(plan.id)).toBeNull();
      await db.savePlan(plan);
      await other.savePlan(plan);
      expect(await db.plan(plan.id)).toEqual(plan);
    });

    it('merges what is said of a rebalance, and lists the newest first', async () => {
      const service = newService();
      const base = { service, runId: 'run' };
      const first: RebalanceDoc = {
        ...base,
        id: `${service}-1`,
        body: { request: 'a', steps: ['plan'] },
        atMs: 1,
      };
      await db.saveRebalance(first);
      await db.saveRebalance({ ...base, id: `${service}-2`, body: { request: 'b' }, atMs: 2 });
      await other.saveRebalance({
        ...base,
        id: first.id,
        body: { steps: ['plan', 'commit'], outcome: 'completed' },
        atMs: 3,
      });
      const merged = { request: 'a', steps: ['plan', 'commit'], outcome: 'completed' };
      expect(await db.rebalances(service, 10)).toEqual([
        { ...first, body: merged, atMs: 3 },
        { ...base, id: `${service}-2`, body: { request: 'b' }, atMs: 2 },
      ]);
      expect((await db.rebalances(service, 1)).map(({ id }) => id)).toEqual([first.id]);
    });

    it('lists decisions newest first, since a time, and records one that is tried again once', async () => {
      const service = newService();
      const decision = (atMs: number) =>
        ({
          service,
          atMs,
          inputHash: `h${atMs}`,
          kind: 'skip',
          body: { reasons: ['cooldown'] },
        }) as const;
      for (const atMs of [10, 30, 20, 20]) await db.recordDecision(decision(atMs));
      expect(await other.decisions(service, 0, 10)).toEqual([
        decision(30),
        decision(20),
        decision(10),
      ]);
      expect(await db.decisions(service, 20, 10)).toEqual([decision(30), decision(20)]);
      expect(await db.decisions(service, 0, 1)).toEqual([decision(30)]);
    });

    it('keeps the last report of each instance', async () => {
      const service = newService();
      const report = (instance: string, clients: number): InstanceReport => ({
        service,
        instance,
        incarnation: `i-${clients}`,
        url: 'ws://127.0.0.1:1',
        revision: 3,
        epoch: 2,
        clients,
        held: 120,
        load: [
          [0, 3],
          [17, 4],
        ],
        takenBack: [[4, 5]],
        moves: [{ revision: 3, left: 1, arrived: 2, gaps: 'x' }],
        atMs: clients,
      });
      await db.saveReport(report(`${service}-1`, 5));
      await other.saveReport(report(`${service}-0`, 6));
      await other.saveReport({ ...report(`${service}-1`, 7), takenBack: [] });
      expect(await db.reports(service)).toEqual([
        report(`${service}-0`, 6),
        { ...report(`${service}-1`, 7), takenBack: [] },
      ]);
      expect(await db.reports(newService())).toEqual([]);
    });

    it('tells who is warm for a rebalance', async () => {
      const service = newService();
      const warm = (rebalance: string, instance: string) => ({
        service,
        rebalance,
        instance,
        incarnation: 'i',
        partitions: 12,
        atMs: 1,
      });
      await db.saveWarmed(warm('r1', 'b'));
      await db.saveWarmed(warm('r1', 'a'));
      await db.saveWarmed(warm('r1', 'a'));
      await db.saveWarmed(warm('r2', 'c'));
      expect(await other.warmed(service, 'r1')).toEqual([warm('r1', 'a'), warm('r1', 'b')]);
    });

    loadLaws(() => ({ db, other, newService }));

    it('finds the checkpoint with the highest offset, and keeps a bounded number', async () => {
      const service = newService();
      expect(await db.latestCheckpoint(service)).toBeNull();
      for (const offset of [100, 20, 3_000, 400]) {
        await db.saveCheckpoint({ service, offset, body: { holders: [offset] }, atMs: offset });
      }
      expect(await other.latestCheckpoint(service)).toEqual({
        service,
        offset: 3_000,
        body: { holders: [3_000] },
        atMs: 3_000,
      });
      for (let i = 0; i < checkpointsMax + trimEvery; i += 1) {
        await db.saveCheckpoint({ service, offset: 4_000 + i, body: {}, atMs: i });
      }
      expect((await db.latestCheckpoint(service))?.offset).toBe(
        4_000 + checkpointsMax + trimEvery - 1,
      );
    });

    it('names the services that have a policy or a distribution', async () => {
      const [a, b, c] = [newService(), newService(), newService()];
      await db.insertDistribution(distribution(a, 1));
      await db.insertPolicy({ service: b, revision: 1, policy: {}, by: 'x', atMs: 1 });
      await db.saveWarmed({
        service: c,
        rebalance: 'r',
        instance: 'i',
        incarnation: 'i',
        partitions: 1,
        atMs: 1,
      });
      const services = await other.services();
      expect(services).toEqual([...services].sort());
      expect(services).toEqual(expect.arrayContaining([a, b]));
      expect(services).not.toContain(c);
    });

    it('hands out copies', async () => {
      const service = newService();
      const doc = distribution(service, 1);
      await db.insertDistribution(doc);
      const read = (await db.latestDistribution(service)) as { hash: string };
      read.hash = 'changed';
      expect((await db.latestDistribution(service))?.hash).toBe(doc.hash);
    });
  });
}
