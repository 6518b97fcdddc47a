// A new life fences the earlier ones of its ordinal: at once when the platform saw their process end.
import { describe, expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { incarnationOf, processOf } from '../../src/instance/incarnation.js';
import { fencePredecessor } from '../../src/instance/predecessors.js';
import { topicsOf, topicSpecs } from '../../src/logs/topics.js';

const service = 'messaging';
const name = 'messaging-0';

/** The clock stands still: what waits for a lease to run out never ends by itself. */
const stopped = { monotonicMs: () => 0, wallMs: () => 0, elapsedMs: () => 0 };

async function fence(hasEnded: (incarnation: string) => boolean, living: () => boolean) {
  const bus = createMemoryBus();
  await bus.ensureTopics(topicSpecs(service, 12));
  const appender = await bus.appender(name);
  const predecessor = incarnationOf('process-1');
  await fencePredecessor({
    bus,
    appender,
    clock: stopped,
    service,
    instance: name,
    incarnation: incarnationOf('process-2'),
    predecessor,
    log: () => undefined,
    living,
    hasEnded: () => Promise.resolve(hasEnded(predecessor)),
  });
  const [{ high } = { high: 0 }] = await bus.bounds(topicsOf(service).ownership);
  const records = await bus.readRange(topicsOf(service).ownership, 0, 0, high, 10);
  return { predecessor, written: records.map(({ value }) => JSON.parse(value ?? '') as unknown) };
}

describe('fencing a predecessor', () => {
  it('does not wait for the lease of a process that the platform saw end', async () => {
    const ended = new Set(['process-1']);
    const { predecessor, written } = await fence(
      (of) => ended.has(processOf(of)),
      () => true,
    );
    expect(written).toEqual([
      { type: 'fenced', instance: name, incarnation: predecessor, how: 'process-ended' },
    ]);
  });
});

describe('the name of an incarnation', () => {
  it('tells its process, and is another one each time', () => {
    const [one, two] = [incarnationOf('uid-1'), incarnationOf('uid-1')];
    expect(one).not.toBe(two);
    expect([processOf(one), processOf(two)]).toEqual(['uid-1', 'uid-1']);
    expect(processOf('no-process')).toBe('no-process');
  });
});
