// Accounts for every message: what the log holds, against what each client was given. Keeps its own
// books from the raw log and shares no code with delivery: the first copy of each send to a user, in
// the order of the log, is what each of the user's clients gets, each once, and nothing else.

import { parseOffset, type ChatRecord } from '../../core/records.js';
import type { ReceivedMessage } from '../../core/handover/client.js';
import type { ChatClient } from './chat-client.js';
import type { SimKafka, SimRecord } from './kafka.js';
import { topics } from './names.js';

interface FirstCopy {
  readonly offset: number;
  readonly key: string;
}

interface Account {
  /** Where the client stands in its user's first copies. */
  at: number;
  next: number;
}

export interface MessageCounts {
  sent: number;
  accepted: number;
  delivered: number;
  copies: number;
}

export class MessageChecker {
  readonly counts: MessageCounts = { sent: 0, accepted: 0, delivered: 0, copies: 0 };
  private readonly kafka: SimKafka;
  private readonly violate: (invariant: string, text: string) => void;
  private readonly partitionOf: (user: string) => number;
  private readonly byUser = new Map<string, FirstCopy[]>();
  private readonly seen = new Set<string>();
  /** Highest number of each (sender, client, recipient) in the log. */
  private readonly lastOf = new Map<string, number>();
  private readonly accounts = new Map<number, Account>();

  constructor(
    kafka: SimKafka,
    partitionOf: (user: string) => number,
    violate: (invariant: string, text: string) => void,
  ) {
    this.kafka = kafka;
    this.partitionOf = partitionOf;
    this.violate = violate;
  }

  /** A record of the messages topic is in the log. */
  appended(offset: number, record: SimRecord): void {
    const { from, client, id, to } = JSON.parse(record.value) as ChatRecord;
    const sender = `${from}/${client}>${to}`;
    const key = `${sender}#${id}`;
    if (this.seen.has(key)) {
      this.counts.copies += 1;
      return;
    }
    this.seen.add(key);
    const last = this.lastOf.get(sender) ?? 0;
    if (Number(id) < last) {
      this.violate('InOrder', `${key} came into the log after ${sender}#${last}`);
    }
    this.lastOf.set(sender, Math.max(last, Number(id)));
    this.copiesOf(to).push({ offset, key });
  }

  /** A client is connected and was told `next`: from there on it must get everything. */
  welcomed(client: ChatClient, next: number): void {
    if (this.accounts.has(client.index)) return;
    const copies = this.copiesOf(client.user);
    const at = copies.findIndex(({ offset }) => offset >= next);
    this.accounts.set(client.index, { at: at < 0 ? copies.length : at, next });
  }

  delivered(client: ChatClient, message: ReceivedMessage): void {
    this.counts.delivered += 1;
    const account = this.accounts.get(client.index);
    const offset = parseOffset(message.offset);
    const who = `${client.user}/${client.device}`;
    if (account === undefined || offset === null) {
      this.violate('NoDup', `${who} got ${message.id} before it was welcomed`);
      return;
    }
    const expected = this.copiesOf(client.user)[account.at];
    const key = `${message.from}/${message.client}>${message.to}#${message.id}`;
    if (expected?.offset === offset && expected.key === key) account.at += 1;
    else if (expected !== undefined && offset > expected.offset) {
      this.violate(
        'NoLoss',
        `${who} got ${key} at ${offset}, and not ${expected.key} at ${expected.offset}`,
      );
    } else this.violate('NoDup', `${who} got ${key} at ${offset} although that place was passed`);
  }

  accepted(client: ChatClient, id: string, offset: string): void {
    this.counts.accepted += 1;
    const who = `${client.user}/${client.device}`;
    const at = parseOffset(offset);
    for (const to of this.recipients(client, id)) {
      const record = this.kafka.log(topics.messages, this.partitionOf(to)).records[at ?? -1];
      const chat = record === undefined ? null : (JSON.parse(record.value) as ChatRecord);
      const isIt = chat?.id === id && chat.from === client.user && chat.client === client.device;
      if (!isIt)
        this.violate('NoLoss', `${who} was told that ${id} is at ${offset}, where it is not`);
    }
  }

  /** Nothing moves any more: everybody must have everything. */
  atTheEnd(clients: readonly ChatClient[]): void {
    for (const client of clients) {
      const account = this.accounts.get(client.index);
      const who = `${client.user}/${client.device}`;
      const missing = account === undefined ? null : this.copiesOf(client.user)[account.at];
      if (account === undefined) this.violate('Served', `${who} was never welcomed`);
      else if (missing !== undefined && missing !== null)
        this.violate('NoLoss', `${who} never got ${missing.key} at ${missing.offset}`);
    }
  }

  /** To whom a client's send went, until it is answered. */
  readonly sentTo = new Map<string, string>();

  private recipients(client: ChatClient, id: string): readonly string[] {
    const key = `${client.index}#${id}`;
    const to = this.sentTo.get(key);
    this.sentTo.delete(key);
    return to === undefined ? [] : [to];
  }

  private copiesOf(user: string): FirstCopy[] {
    let copies = this.byUser.get(user);
    if (copies === undefined) {
      copies = [];
      this.byUser.set(user, copies);
    }
    return copies;
  }
}
