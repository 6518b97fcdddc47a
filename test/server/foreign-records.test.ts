// Records in the messages topic that another producer wrote: skipped and counted when they are none,
// and no frame that leaves the server is larger than the protocol allows.
import { describe, expect, it } from 'vitest';
import { frameMaxBytes } from '../../src/limits.js';
import { readMessage } from '../../src/messaging/records.js';
import { createPartitionBuffer } from '../../src/server/partition-buffer.js';
import { countSkipped } from '../../src/server/stats.js';
import { Registry } from 'prom-client';

const whole = { id: 'c-1', from: 'bob', client: 'x', to: 'alice', body: 'hi', sentAtMs: 1 };
const record = (value: unknown, offset = 0) => ({
  ...{ topic: 'messaging.messages', partition: 0, offset, timestampMs: 5, key: 'alice' },
  value: typeof value === 'string' || value === null ? value : JSON.stringify(value),
});

describe('a record of another producer', () => {
  const none: [string, unknown][] = [
    ['a tombstone', null],
    ['no JSON', '{'],
    ['a number', '7'],
    ['without a body', { ...whole, body: undefined }],
    ['with a sender that is an object', { ...whole, from: {} }],
    ['with an id of a megabyte', { ...whole, id: 'x'.repeat(1_000_000) }],
    ['larger than a frame', { ...whole, body: 'x'.repeat(frameMaxBytes) }],
    ['larger than a frame as JSON only', { ...whole, body: '\u0001'.repeat(frameMaxBytes / 6) }],
  ];
  for (const [what, value] of none) {
    it(`${what} is no message, and what follows is delivered`, () => {
      let skipped = 0;
      const buffer = createPartitionBuffer(readMessage, () => (skipped += 1));
      const fresh = buffer.ingest([record(value), record(whole, 1)]);
      expect(fresh.map(({ offset }) => offset)).toEqual([1]);
      expect(skipped).toBe(1);
      expect(buffer.next()).toBe(2);
    });
  }

  it('with a time that is no number gets the time of its append', () => {
    const text = JSON.stringify(whole).replace('"sentAtMs":1', '"sentAtMs":1e999');
    expect(readMessage(record(text))?.frame).toContain('"sentAtMs":5');
  });

  it('is counted by log and reason, never by what it says', async () => {
    const registry = new Registry();
    const count = countSkipped(registry);
    // There from the start: `increase` never sees the first event of a series that begins with it.
    expect(await registry.metrics()).toContain('{log="leases",reason="breaks-tiling"} 0');
    for (const reason of ['malformed', 'malformed', 'unknown-type'] as const) {
      count({ log: 'control', reason, partition: 0, offset: 1 });
    }
    const text = await registry.metrics();
    expect(text).toContain('evenkeel_skipped_records_total{log="control",reason="malformed"} 2');
    expect(text).toContain('evenkeel_skipped_records_total{log="control",reason="unknown-type"} 1');
  });
});
