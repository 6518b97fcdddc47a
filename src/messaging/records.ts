// The records of the chat: reading one as a message, and the names by which a copy is known. Owns what is
// taken from foreign producers, and what is not.

import type { ChatRecord } from '../core/records.js';
import { idMaxChars } from '../limits.js';
import type { InRecord } from '../ports.js';
import type { Delivery } from '../server/service.js';
import { fitsFrame, messageFrame } from './frames.js';

/** Names a send. Lengths keep apart what a separator could not. */
export function sendKey(user: string, client: string, id: string): string {
  return `${user.length}:${client.length}:${user}${client}${id}`;
}

/** Names a send in the log: one to somebody else in the same partition is no copy of it. */
export function copyKey(key: string, to: string): string {
  return `${to.length}:${to}${key}`;
}

/** A record as a message; null for what is none (a foreign producer's, a tombstone) or fits no frame. */
export function readMessage(record: InRecord): (Delivery & { readonly key: string }) | null {
  if (record.value === null) return null;
  let value: Partial<Record<keyof ChatRecord, unknown>> | null;
  try {
    value = JSON.parse(record.value) as typeof value;
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { id, from, client, to, body, sentAtMs } = value;
  if (typeof id !== 'string' || typeof from !== 'string' || typeof client !== 'string') return null;
  if (typeof to !== 'string' || typeof body !== 'string') return null;
  if (Math.max(id.length, from.length, client.length, to.length) > idMaxChars) return null;
  const chat: ChatRecord = {
    id,
    from,
    client,
    to,
    body,
    // JSON knows numbers, 1e999 for one, that are none when they are read.
    sentAtMs: Number.isFinite(sentAtMs) ? (sentAtMs as number) : record.timestampMs,
  };
  if (!fitsFrame(chat)) return null;
  return {
    offset: record.offset,
    to,
    key: copyKey(sendKey(from, client, id), to),
    frame: messageFrame(record.offset, chat),
  };
}
