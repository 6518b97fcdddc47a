// A distribution document that breaks Tiling is refused with what is wrong, wherever it is read.
import { expect, it } from 'vitest';
import { wholeDistributions } from '../../activities/whole-distributions.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import type { DistributionDoc } from '../../src/ports.js';

const doc = (revision: number, ranges: unknown): DistributionDoc => ({
  ...{ service: 's', revision, partitions: 8, hash: 'h', base: null, plan: 'p', epoch: 1 },
  cause: { kind: 'test', text: 'test' },
  workflow: { id: 'w', runId: 'r' },
  ranges: ranges as DistributionDoc['ranges'],
  atMs: 1,
});

it('answers whole ones and refuses the others with a sentence', async () => {
  const broken: [unknown, RegExp][] = [
    [[[0, 6, 0]], /nobody owns \[?7/],
    [[[0, 8, 0]], /outside 0\.\.7/],
    [
      [
        [0, 3, 0],
        [3, 7, 1],
      ],
      /owned twice/,
    ],
    [
      [
        [0, 3, 0],
        [5, 7, 1],
      ],
      /nobody owns \[?4/,
    ],
    [[[0, 7, -1]], /not a range/],
    [null, /no list of ranges/],
    [[7], /no list of ranges/],
  ];
  for (const [at, [ranges, words]] of broken.entries()) {
    const inner = createMemoryConfigDb();
    await inner.insertDistribution(doc(at + 1, ranges));
    const configDb = wholeDistributions(inner);
    await expect(configDb.latestDistribution('s')).rejects.toThrow(words);
    await expect(configDb.distribution('s', at + 1)).rejects.toMatchObject({
      type: 'BrokenDistribution',
      nonRetryable: true,
    });
  }
  const inner = createMemoryConfigDb();
  expect(await wholeDistributions(inner).latestDistribution('s')).toBeNull();
  await inner.insertDistribution(doc(1, [[0, 7, 0]]));
  expect(await wholeDistributions(inner).latestDistribution('s')).toMatchObject({ revision: 1 });
});
