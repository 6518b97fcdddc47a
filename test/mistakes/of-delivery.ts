// No duplicate window. A client sent `m1` to the old owner, lost its socket before the answer and
// repeated it to the new one: the log has it twice. Whoever delivers drops the second copy, which only
// somebody can who has read the first.

import { readMessage } from '../../src/messaging/records.js';
import { createPartitionBuffer } from '../../src/server/partition-buffer.js';
import type { InRecord } from '../../src/ports.js';
import type { Scenario } from './mistake.js';

const nowMs = 1_000_000;
const chat = (offset: number, id: string, agoMs: number): InRecord => {
  const said = { id, from: 'alice', client: 'phone', to: 'bob', body: 'hello' };
  const timestampMs = nowMs - agoMs;
  const value = JSON.stringify({ ...said, sentAtMs: timestampMs });
  return { topic: 's.messages', partition: 0, offset, key: 'bob', value, timestampMs };
};
const log = [chat(5, 'm0', 90_000), chat(6, 'm1', 2_000), chat(7, 'm2', 1_500), chat(8, 'm1', 10)];
/** Everything below it was delivered by the old owner: the client brings it in its hello. */
const resumesAt = 7;

export const noDuplicateWindow: Scenario = {
  name: 'the new owner reads from the tail, not from a duplicate window back',
  property: 'NoDup',
  caughtBy: 'scenario with the real buffer of Messaging',
  run: async (isBroken) => {
    const buffer = createPartitionBuffer(readMessage);
    const readFrom = isBroken ? resumesAt : 5;
    const fresh = buffer.ingest(log.filter(({ offset }) => offset >= readFrom));
    const got = ['m0', 'm1'];
    for (const { offset, frame } of fresh) {
      if (offset < resumesAt) continue;
      const { id } = JSON.parse(frame) as { readonly id: string };
      if (got.includes(id)) return `NoDup: the client gets ${id} again`;
      got.push(id);
    }
    return got.includes('m2') ? null : 'NoLoss: the client never gets m2';
  },
};
