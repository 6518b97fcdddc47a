import { describe, expect, it } from 'vitest';
import { lastBefore } from '../../activities/plan-back.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import type { DistributionDoc } from '../../src/ports.js';

const service = 'messaging';

/** Revisions on top of each other, from 1, by the epochs of whoever wrote them. */
async function written(...epochs: readonly number[]) {
  const configDb = createMemoryConfigDb();
  const docs = epochs.map((epoch, i) => ({
    ...{ service, revision: i + 1, partitions: 3, hash: '', plan: null, atMs: 0 },
    ...{ ranges: [[0, 2, 0]] as const, base: i === 0 ? null : i, epoch },
    ...{ cause: { kind: '', text: '' }, workflow: { id: '', runId: '' } },
  }));
  for (const doc of docs) await configDb.insertDistribution(doc);
  return { connections: { configDb }, latest: docs.at(-1) as DistributionDoc };
}

describe('the last distribution before a saga', () => {
  it.each([
    ['that committed once', [1, 2, 3], 3, 2],
    ['that has begun to go back already', [1, 2, 3, 4], 3, 2],
    ['that committed nothing', [1, 2], 3, 2],
    ['that was the first', [3], 3, null],
    // A revision by hand bears whatever its writer put there.
    ['over whose revision somebody wrote by hand', [1, 2, 3, 1], 3, 2],
    ['whose way back somebody wrote between', [1, 2, 3, 1, 4, 1, 1], 3, 2],
  ])('%s', async (_which, epochs, epoch, revision) => {
    const { connections, latest } = await written(...epochs);
    const former = await lastBefore(connections, { epoch }, latest);
    expect(former?.revision ?? null).toBe(revision);
  });
});
