// Owns: the account of every chat message: what was accepted for whom, what arrived, how often and in
// which order. What is told may come from several processes, so that an arrival may be known before
// its sending. Pure bookkeeping; it sends and receives nothing itself.

import { unsettledMax, windowsMax } from './limits.js';
import type { ChatMessage } from './message-body.js';

/** What became of the messages of one window; all of it is known only after a drain. */
export interface MessageCounts {
  /** Accepted by the service: acknowledged by Kafka with acks=all. */
  readonly sent: number;
  /** Of those, arrived at every client of the recipient. */
  readonly delivered: number;
  /** Accepted and not. */
  readonly lost: number;
  /** Arrivals beyond the first, in this window, whenever the message was sent. */
  readonly duplicated: number;
  /** Arrived, in this window, after a later message of the same sender to the same recipient. */
  readonly outOfOrder: number;
  /** Never accepted: the client gave up or was stopped. Their outcome is unknown. */
  readonly unanswered: number;
}

export interface MessageWindow {
  /** What messages sent in it carry. */
  readonly number: number;
  counts(): MessageCounts;
  /** Messages whose answer or arrival is still awaited. */
  outstanding(): number;
}

export interface MessageAccount {
  /** Duplicates and disorder count for the latest window. */
  open(): MessageWindow;
  /** Told in the order of the numbers of a pair, and before the answer. */
  sending(message: ChatMessage): void;
  accepted(message: ChatMessage): void;
  unanswered(message: ChatMessage): void;
  /** `device`: which of the recipient's clients has it, from 0. Told in the order of arrival. */
  arrived(message: ChatMessage, device: number): void;
  /** Messages to this user, or from this sender, whose answer or arrival is still awaited. */
  pendingOf(name: string): number;
}

interface Entry {
  readonly window: number;
  /** Its sending was told. */
  known: boolean;
  answer: 'awaited' | 'accepted' | 'none';
  /** A bit for each client of the recipient that has it. */
  arrivals: number;
}

interface Pair {
  /** Highest number whose sending was told. */
  known: number;
  /** Highest number that arrived, of each of the recipient's clients. */
  readonly arrived: number[];
}

interface Tally {
  outstanding: number;
  sent: number;
  delivered: number;
  duplicated: number;
  outOfOrder: number;
  unanswered: number;
}

/** `devices`: clients of every user. */
export function createMessageAccount(devices = 1): MessageAccount {
  const all = 2 ** devices - 1;
  /** Not yet accepted and arrived everywhere; whatever is, is forgotten. */
  const unsettled = new Map<string, Entry>();
  const pairs = new Map<string, Pair>();
  const pending = new Map<string, number>();
  const tallies = new Map<number, Tally>();
  let windows = 0;

  const tallyOf = (window: number): Tally => {
    let tally = tallies.get(window);
    if (tally === undefined) {
      tally = {
        outstanding: 0,
        sent: 0,
        delivered: 0,
        duplicated: 0,
        outOfOrder: 0,
        unanswered: 0,
      };
      tallies.set(window, tally);
      tallies.delete(window - windowsMax);
    }
    return tally;
  };
  const pairOf = ({ from, to }: ChatMessage): Pair => {
    const key = `${from} ${to}`;
    let pair = pairs.get(key);
    if (pair === undefined) {
      pair = { known: 0, arrived: Array<number>(devices).fill(0) };
      pairs.set(key, pair);
    }
    return pair;
  };
  const keyOf = ({ from, to, number }: ChatMessage): string => `${from} ${to} ${number}`;
  const entryOf = (message: ChatMessage): Entry => {
    const key = keyOf(message);
    let entry = unsettled.get(key);
    if (entry === undefined) {
      entry = { window: message.window, known: false, answer: 'awaited', arrivals: 0 };
      unsettled.set(key, entry);
      for (const oldest of unsettled.keys()) {
        if (unsettled.size <= unsettledMax) break;
        unsettled.delete(oldest);
      }
    }
    return entry;
  };
  const isOutstanding = ({ known, answer, arrivals }: Entry): boolean =>
    known && (answer === 'awaited' || (answer === 'accepted' && arrivals !== all));

  const count = (name: string, by: number): void => {
    const left = (pending.get(name) ?? 0) + by;
    if (left === 0) pending.delete(name);
    else pending.set(name, left);
  };

  /** Applies a change and keeps in step what is awaited; forgets what is settled by it. */
  const change = (message: ChatMessage, apply: (entry: Entry) => void): void => {
    const entry = entryOf(message);
    const before = isOutstanding(entry);
    apply(entry);
    const after = isOutstanding(entry);
    const by = Number(after) - Number(before);
    const tally = tallyOf(entry.window);
    tally.outstanding += by;
    if (by !== 0) for (const name of [message.from, message.to]) count(name, by);
    const settled = entry.known && entry.answer !== 'awaited' && entry.arrivals === all;
    if (!settled) return;
    if (entry.answer === 'accepted') tally.delivered += 1;
    unsettled.delete(keyOf(message));
  };
  const answered = (message: ChatMessage, answer: 'accepted' | 'none'): void => {
    if (unsettled.get(keyOf(message))?.answer !== 'awaited') return;
    const tally = tallyOf(message.window);
    if (answer === 'accepted') tally.sent += 1;
    else tally.unanswered += 1;
    change(message, (entry) => void (entry.answer = answer));
  };

  return {
    open: () => {
      windows += 1;
      const tally = tallyOf(windows);
      return {
        number: windows,
        counts: () => countsOf(tally),
        outstanding: () => tally.outstanding,
      };
    },
    sending: (message) => {
      const pair = pairOf(message);
      pair.known = Math.max(pair.known, message.number);
      change(message, (entry) => void (entry.known = true));
    },
    accepted: (message) => answered(message, 'accepted'),
    unanswered: (message) => answered(message, 'none'),
    arrived: (message, device) => {
      const now = tallyOf(windows);
      const bit = 2 ** device;
      const pair = pairOf(message);
      const known = unsettled.get(keyOf(message));
      // One whose sending was told, and that is not remembered, has arrived everywhere before.
      const isSettled = known === undefined && message.number <= pair.known;
      if (isSettled || ((known?.arrivals ?? 0) & bit) !== 0) {
        now.duplicated += 1;
        return;
      }
      const highest = pair.arrived[device] ?? 0;
      if (message.number < highest) now.outOfOrder += 1;
      pair.arrived[device] = Math.max(highest, message.number);
      change(message, (entry) => void (entry.arrivals |= bit));
    },
    pendingOf: (name) => pending.get(name) ?? 0,
  };
}

function countsOf(tally: Tally): MessageCounts {
  const { sent, delivered, duplicated, outOfOrder, unanswered } = tally;
  return { sent, delivered, lost: sent - delivered, duplicated, outOfOrder, unanswered };
}
