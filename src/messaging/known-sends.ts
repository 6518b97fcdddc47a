// The sends that this instance wrote or found written, by (user, client, id), so that a repeat gets
// the first offset. Bounded in number and age; owns no Kafka client.

import { duplicateWindowMs, knownSendsMax } from '../limits.js';

export interface KnownSend {
  /** The recipient: an id stands for one message, so for one of these. */
  readonly to: string;
  /** Null while Kafka has not answered. */
  offset: number | null;
  readonly atMs: number;
  /** Told the offset, or the error. */
  readonly waiting: ((offset: number | null) => void)[];
}

export interface KnownSends {
  get(key: string, nowMs: number): KnownSend | null;
  /** A send on its way to Kafka. */
  begin(key: string, to: string, nowMs: number): KnownSend;
  /** Kafka acknowledged. */
  settle(key: string, send: KnownSend, offset: number): void;
  /** The outcome is unknown: a repeat is written again, and dropped on delivery if it is a copy. */
  fail(key: string, send: KnownSend): void;
  /** Another instance wrote it. */
  remember(key: string, to: string, offset: number, nowMs: number): void;
}

export function createKnownSends(max = knownSendsMax): KnownSends {
  const known = new Map<string, KnownSend>();

  const add = (key: string, send: KnownSend): KnownSend => {
    known.delete(key); // keeps the order of age
    known.set(key, send);
    for (const [oldKey, old] of known) {
      if (known.size <= max && send.atMs - old.atMs <= duplicateWindowMs) break;
      known.delete(oldKey);
    }
    return send;
  };
  const tell = (send: KnownSend, offset: number | null): void => {
    for (const waiting of send.waiting.splice(0)) waiting(offset);
  };

  return {
    get: (key, nowMs) => {
      const send = known.get(key);
      return send === undefined || nowMs - send.atMs > duplicateWindowMs ? null : send;
    },
    begin: (key, to, nowMs) => add(key, { to, offset: null, atMs: nowMs, waiting: [] }),
    settle: (_key, send, offset) => {
      send.offset = offset;
      tell(send, offset);
    },
    fail: (key, send) => {
      if (known.get(key) === send) known.delete(key);
      tell(send, null);
    },
    remember: (key, to, offset, nowMs) => {
      add(key, { to, offset, atMs: nowMs, waiting: [] });
    },
  };
}
