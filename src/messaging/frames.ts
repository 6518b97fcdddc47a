// The chat's own frames beside the client protocol's: `send` of a client, `accepted` and `message` to it.
// Owns their shapes; never a socket.

import type { ChatRecord } from '../core/records.js';
import { bodyMaxBytes, frameMaxBytes } from '../limits.js';
import { idAllowed, isId, wrongField } from '../server/frames.js';
import type { OwnFrame } from '../server/service.js';

export interface SendFrame {
  readonly type: 'send';
  readonly id: string;
  readonly to: string;
  readonly body: string;
  readonly repeat: boolean;
}

/** Throws FrameError. */
export function parseSend(fields: OwnFrame): SendFrame {
  const { id, to, body, repeat } = fields;
  if (!isId(id)) throw wrongField('send.id', id, idAllowed);
  if (!isId(to)) throw wrongField('send.to', to, idAllowed);
  if (typeof body !== 'string') throw wrongField('send.body', body, 'a string');
  return { type: 'send', id, to, body, repeat: repeat === true };
}

/** Whether the `message` frame of a record fits a frame at every offset, which is not known yet. */
export function fitsFrame(record: ChatRecord): boolean {
  // A character takes at most 6 bytes as JSON: short bodies need no measuring.
  if (record.body.length * 6 <= bodyMaxBytes) return true;
  return Buffer.byteLength(messageFrame(Number.MAX_SAFE_INTEGER, record)) <= frameMaxBytes;
}

export function messageFrame(offset: number, record: ChatRecord): string {
  const { id, from, client, to, body, sentAtMs } = record;
  return JSON.stringify({
    type: 'message',
    offset: String(offset),
    id,
    from,
    client,
    to,
    body,
    sentAtMs,
  });
}

export function acceptedFrame(id: string, partition: number, offset: number): string {
  return JSON.stringify({ type: 'accepted', id, partition, offset: String(offset) });
}
