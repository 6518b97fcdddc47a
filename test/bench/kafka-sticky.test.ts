// Kafka's own assignor, in a JVM, where there is Java and where the stack has Kafka's jars already.
import { afterAll, expect, test } from 'vitest';
import { evenRanges } from '../../bench/peers/even-ranges.js';
import { findKafkaSticky } from '../../bench/peers/kafka-sticky.js';
import { balanceOf, boundOf, movedWeight } from '../../bench/plan/measures.js';
import { assertTiling } from '../../bench/plan/owners.js';
import { quickPatience } from '../../bench/timing.js';

const jvmMs = 120_000;
const found = await findKafkaSticky(false, () => undefined);
const why = typeof found === 'string' ? `, not here: ${found}` : '';

afterAll(() => {
  if (typeof found !== 'string') found.close();
});

test.skipIf(typeof found === 'string')(
  `Kafka's sticky assignor answers tilings and moves the minimum by count${why}`,
  { timeout: jvmMs },
  async () => {
    if (typeof found === 'string') return;
    const partitions = 1_000;
    const counts = [10, 11, 13, 9];
    const first = { partitions, instancesBefore: 0, instancesAfter: 10, tolerance: 0 };
    let before = evenRanges.assign(first, new Int32Array());
    const start = { owners: before, instances: 10 };
    const { version, ms, owners } = await found.play(start, counts.slice(1), quickPatience);
    expect(version).toMatch(/^\d+\.\d+/);
    expect(ms).toHaveLength(3);
    for (const [i, after] of owners.entries()) {
      const [instancesBefore, instancesAfter] = [counts[i] ?? 0, counts[i + 1] ?? 0];
      assertTiling('Kafka', after, partitions, instancesAfter);
      const change = { partitions, instancesBefore, instancesAfter, tolerance: 0 };
      expect(movedWeight(before, after)).toBe(boundOf(change, before));
      expect(balanceOf(after, instancesAfter).maxOverMean).toBeLessThan(1.02);
      before = after;
    }
  },
);

test.skipIf(typeof found === 'string')(
  `a group leader, who decodes and encodes, answers a tiling that moves the same${why}`,
  { timeout: jvmMs },
  async () => {
    if (typeof found === 'string') return;
    const partitions = 1_000;
    const first = { partitions, instancesBefore: 0, instancesAfter: 10, tolerance: 0 };
    const before = evenRanges.assign(first, new Int32Array());
    const start = { owners: before, instances: 10 };
    const { owners } = await found.play(start, [11], quickPatience, 'lead');
    const after = owners[0] ?? new Int32Array();
    assertTiling('Kafka', after, partitions, 11);
    const change = { partitions, instancesBefore: 10, instancesAfter: 11, tolerance: 0 };
    expect(movedWeight(before, after)).toBe(boundOf(change, before));
  },
);
