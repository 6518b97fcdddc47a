// A sample of `npm run faults`, and proof that it would find something.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { violationIn } from '../../../faults/check.js';
import { openMemoryService } from '../../../faults/memory-service.js';
import { cells, faults, nameOf } from '../../../faults/matrix.js';
import { runCell } from '../../../faults/run-cell.js';
import { openStand, type Stand } from '../../../faults/stand.js';
import { tableOf } from '../../../faults/table.js';

let stand: Stand;

beforeAll(async () => {
  const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
  stand = await openStand(address, inject('workflowBundle'));
});
afterAll(() => stand.close());

/** One cell of each fault, at different steps and flows. */
const sample = faults.map((fault, index) => {
  const own = cells().filter((cell) => cell.fault === fault);
  return own[(index * 7) % own.length] as (typeof own)[number];
});

describe('the fault matrix', () => {
  it('has a cell for each flow, step and fault that makes sense', () => {
    expect(cells().length).toBeGreaterThanOrEqual(150);
    expect(new Set(cells().map(nameOf)).size).toBe(cells().length);
  });

  it('ends each of a sample of cells with the invariants held', async () => {
    const results = await Promise.all(sample.map((cell) => runCell(cell, stand)));
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(tableOf(results)).toContain(`${results.length} as they must be.`);
  });

  it('sees partitions that nobody serves', async () => {
    const world = await openMemoryService({ service: 'unserved', replicas: 1 });
    expect(await violationIn(world)).toBe('no distribution');
    const ranges = [[0, world.partitions - 1, 0]] as const;
    const said = { hash: '', base: null, plan: null, cause: { kind: '', text: '' }, epoch: 1 };
    const workflow = { id: '', runId: '' };
    const { service, partitions, configDb } = world;
    await configDb.insertDistribution({
      service,
      revision: 1,
      partitions,
      ranges,
      ...said,
      workflow,
      atMs: 0,
    });
    expect(await violationIn(world)).toContain('not served as planned');
    await world.simulated.stopAll();
  });
});
