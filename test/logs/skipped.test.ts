// Records that are none of ours: each counted, and said once per kind and minute.
import { expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { skipLogEveryMs } from '../../src/limits.js';
import { checkpointOf } from '../../src/logs/ownership-view.js';
import { openRouting } from '../../src/logs/routing.js';
import { createSkipNotes, type SkippedRecord } from '../../src/logs/skipped.js';
import { topicSpecs, topicsOf } from '../../src/logs/topics.js';

const record = (over: Partial<SkippedRecord> = {}): SkippedRecord => ({
  ...{ log: 'control', reason: 'malformed', partition: 0, offset: 7 },
  ...over,
});

it('says the first of a kind, counts all, and says how many it kept to itself', () => {
  let nowMs = 0;
  const said: unknown[] = [];
  let counted = 0;
  const note = createSkipNotes({
    nowMs: () => nowMs,
    say: (detail) => said.push(detail),
    count: () => (counted += 1),
  });
  for (let n = 0; n < 1_000; n += 1) note(record());
  note(record({ reason: 'unknown-type' }));
  nowMs = skipLogEveryMs;
  note(record());
  expect(counted).toBe(1_002);
  expect(said).toEqual([
    { ...record(), unsaidBefore: 0 },
    { ...record({ reason: 'unknown-type' }), unsaidBefore: 0 },
    { ...record(), unsaidBefore: 999 },
  ]);
});

it('the directory routes by whole records only', async () => {
  const bus = createMemoryBus();
  await bus.ensureTopics(topicSpecs('s', 4));
  const topics = topicsOf('s');
  const appender = await bus.appender('x');
  const put = (topic: string, value: unknown) =>
    appender.append([{ topic, partition: 0, value: JSON.stringify(value) }]);
  const instances = { 's-0': { url: 'ws://a' } };
  const base = { type: 'distribution', epoch: 1, rebalance: 'r', hash: 'h', pace: {}, instances };
  await put(topics.control, { ...base, revision: 1, ranges: [[0, 3, 0]] });
  await put(topics.control, { ...base, revision: 2, ranges: [[0, 2, 0]] });
  await put(topics.control, { ...base, revision: 3, ranges: [[0, 9, 0]] });
  const held = { type: 'acquired', revision: 1, instance: 's-0', incarnation: 'i', prev: null };
  await put(topics.ownership, { ...held, partition: 0, url: { evil: true }, next: 5 });
  await put(topics.ownership, { ...held, partition: 1, url: 'ws://a', next: '5' });
  const skipped: SkippedRecord[] = [];
  const onSkipped = (one: SkippedRecord) => void skipped.push(one);
  const clock = { wallMs: () => 0, monotonicMs: () => 0 };
  const routing = await openRouting({ bus, service: 's', partitions: 4, onSkipped, clock });
  expect(routing.distribution()?.revision).toBe(1);
  expect(skipped.map(({ reason }) => reason)).toEqual(['breaks-tiling', 'breaks-tiling']);
  // Held, but by an address that is none: nobody is sent there.
  expect(routing.routeOf(0)).toBeNull();
  expect(routing.routeOf(1)).toEqual({ instance: 's-0', url: 'ws://a', revision: 1 });
  await routing.close();
  await bus.close();
});

it('a checkpoint that does not come is done without, and nobody waits long for it', async () => {
  const never = { latestCheckpoint: () => new Promise<null>(() => undefined) };
  expect(await checkpointOf('s', 2, never)).toBeUndefined();
});

it('a checkpoint that is not whole is none, and the log is read from its start', async () => {
  const last = {
    ...{ type: 'acquired', offset: 3, instance: 's-0', incarnation: 'i' },
    ...{ revision: 1, url: null, next: '0' },
  };
  const whole = { partitions: 2, next: 4, last: [[0, last]], fenced: ['j'] };
  const read = (body: unknown) =>
    checkpointOf('s', 2, {
      latestCheckpoint: async () => ({ service: 's', offset: 4, body, atMs: 1 }),
    });
  expect(await read(whole)).toEqual(whole);
  const broken: unknown[] = [
    null,
    'text',
    { ...whole, partitions: 3 },
    { ...whole, next: -1 },
    { ...whole, last: {} },
    { ...whole, last: [[2, last]] },
    { ...whole, last: [[0, null]] },
    { ...whole, last: [[0, { ...last, offset: 4 }]] },
    { ...whole, last: [[0, { ...last, revision: 1e300 }]] },
    {
      ...whole,
      last: [
        [0, last],
        [0, last],
      ],
    },
    { ...whole, fenced: [7] },
  ];
  for (const body of broken) expect(await read(body), JSON.stringify(body)).toBeUndefined();
});
