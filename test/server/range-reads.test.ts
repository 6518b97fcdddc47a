// Questions to Kafka out of turn: what is asked for, and how often, when many ask at once.
import { describe, expect, it } from 'vitest';
import { createRangeReads } from '../../src/server/range-reads.js';
import type { Bounds, Bus } from '../../src/ports.js';

/** Each question is answered when the test says so. */
function scripted() {
  const asked: (readonly number[] | undefined)[] = [];
  const answers: ((fail?: Error) => void)[] = [];
  const bounds: Bus['bounds'] = (_topic, of) => {
    asked.push(of);
    return new Promise<readonly Bounds[]>((resolve, reject) => {
      answers.push((fail) => {
        if (fail !== undefined) reject(fail);
        else resolve((of ?? []).map((partition) => ({ partition, low: 0, high: partition * 10 })));
      });
    });
  };
  const notAsked = () => Promise.reject(new Error('not asked'));
  const bus = { bounds, offsetsSince: notAsked, windowStarts: notAsked, readRange: notAsked };
  return { reads: createRangeReads(bus, 't'), asked, answers };
}
const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('the bounds of partitions', () => {
  it('are asked for together, and only of the partitions that somebody wants', async () => {
    const { reads, asked, answers } = scripted();
    const found = Promise.all([4, 2, 4].map((partition) => reads.bounds(partition)));
    await turns();
    answers[0]?.();
    expect((await found).map(({ high }) => high)).toEqual([40, 20, 40]);
    expect(asked).toEqual([[4, 2]]);
  });

  it('are never older than the question: who comes meanwhile is asked for in the next', async () => {
    const { reads, asked, answers } = scripted();
    const first = reads.bounds(1);
    await turns();
    const later = [reads.bounds(1), reads.bounds(7)];
    await turns();
    expect(asked).toEqual([[1]]);
    answers[0]?.();
    await first;
    await turns();
    expect(asked).toEqual([[1], [1, 7]]);
    answers[1]?.();
    expect((await Promise.all(later)).map(({ high }) => high)).toEqual([10, 70]);
  });

  it('can be asked for again after a question failed', async () => {
    const { reads, answers } = scripted();
    const failed = reads.bounds(1);
    await turns();
    answers[0]?.(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    const again = reads.bounds(1);
    await turns();
    answers[1]?.();
    expect(await again).toEqual({ partition: 1, low: 0, high: 10 });
  });
});
