import { describe, expect, it } from 'vitest';
import { createPartitionBuffer } from '../../src/messaging/partition-buffer.js';
import type { InRecord } from '../../src/ports.js';

// A client sent `m1` to the old owner, lost its socket before the answer and repeated it to the new
// one: the log has it twice. NoDup: whoever delivers drops the second copy, which only somebody can
// who has read the first.

const nowMs = 1_000_000;
const chat = (offset: number, id: string, agoMs: number): InRecord => ({
  ...{ topic: 's.messages', partition: 0, offset },
  key: 'bob',
  value: JSON.stringify({
    ...{ id, from: 'alice', client: 'phone', to: 'bob', body: 'hello', sentAtMs: nowMs - agoMs },
  }),
  timestampMs: nowMs - agoMs,
});
const log = [chat(5, 'm0', 90_000), chat(6, 'm1', 2_000), chat(7, 'm2', 1_500), chat(8, 'm1', 10)];

/** Ids that a client gets which resumes after the first copy, from a new owner that reads from there. */
function delivered(readFrom: number): readonly string[] {
  const buffer = createPartitionBuffer();
  const fresh = buffer.ingest(
    log.filter(({ offset }) => offset >= readFrom),
    nowMs,
  );
  return fresh
    .filter(({ offset }) => offset >= 7)
    .map(({ frame }) => (JSON.parse(frame) as { readonly id: string }).id);
}

describe('no duplicate window', () => {
  it('delivers a message twice when the new owner reads only from the tail on: NoDup', () => {
    expect(delivered(7)).toEqual(['m2', 'm1']);
  });

  it('delivers it once when it reads from a duplicate window back', () => {
    expect(delivered(5)).toEqual(['m2']);
  });
});
