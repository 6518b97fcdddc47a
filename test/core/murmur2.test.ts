// The partition of a user, against kafkajs' own default partitioner.
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from '../../src/core/murmur2.js';

const theirs = kafkajs.Partitioners.DefaultPartitioner();

function kafkaPartition(key: string, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  return theirs({ topic: 't', partitionMetadata, message: { key, value: '' } });
}

describe('partitionOf', () => {
  it('agrees with the default partitioner of kafkajs for any key, also beyond ASCII', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ maxLength: 40 }),
      fc.uuid(),
    );
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 500 }), (user, partitions) => {
        expect(partitionOf(user, partitions)).toBe(kafkaPartition(user, partitions));
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees for each length of the tail, and for half a surrogate pair', () => {
    for (const user of [
      '',
      'a',
      'ab',
      'abc',
      'abcd',
      'abcde',
      'ж',
      'жñ',
      '日本語',
      '🛶',
      '\ud83d',
    ]) {
      expect(partitionOf(user, 360)).toBe(kafkaPartition(user, 360));
    }
  });

  it('spreads users evenly enough over the partitions', () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 36_000; i += 1) {
      const p = partitionOf(`user-${i}`, 36);
      counts.set(p, (counts.get(p) ?? 0) + 1);
    }
    expect(counts.size).toBe(36);
    expect(Math.max(...counts.values())).toBeLessThan(1200);
  });
});

it('is asked with a number of partitions', () => {
  for (const partitions of [0, -1, Number.NaN, undefined as unknown as number]) {
    expect(() => partitionOf('alice', partitions)).toThrow(/^partitions is /);
  }
});

describe('murmur2', () => {
  it('gives the values that Kafka documents in its own tests', () => {
    const cases: readonly (readonly [string, number])[] = [
      ['21', -973932308],
      ['foobar', -790332482],
      ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
      ['abc', 479470107],
    ];
    for (const [key, signed] of cases) {
      expect(murmur2(new TextEncoder().encode(key)) | 0).toBe(signed);
    }
  });
});
