// Owns: the account of every chat message of a swarm: what was accepted for whom, what arrived, how
// often and in which order. Pure bookkeeping; it sends and receives nothing itself.

/** What became of the messages of one window; all of it is known only after a drain. */
export interface MessageCounts {
  /** Accepted by the service: acknowledged by Kafka with acks=all. */
  readonly sent: number;
  /** Of those, arrived at the recipient at least once. */
  readonly delivered: number;
  /** Accepted and never arrived. */
  readonly lost: number;
  /** Arrivals beyond the first. */
  readonly duplicated: number;
  /** Arrived after a later message of the same sender to the same recipient. */
  readonly outOfOrder: number;
  /** Never accepted: the client gave up or was stopped. Their outcome is unknown. */
  readonly unanswered: number;
}

export interface MessageWindow {
  counts(): MessageCounts;
  /** Messages whose answer or arrival is still awaited. */
  outstanding(): number;
}

export interface MessageCheck {
  /** Messages sent from now on belong to this window; those of all but the last are forgotten. */
  open(): MessageWindow;
  /** Notes a message about to be sent; returns the body to send. */
  sending(from: string, to: string, text: string): string;
  accepted(body: string): void;
  unanswered(body: string): void;
  /** Notes an arrival; false when the body is none of this check's. */
  received(from: string, to: string, body: string): boolean;
  /** Messages from or to this user whose answer or arrival is still awaited. */
  pendingOf(user: string): number;
}

interface Entry {
  readonly window: number;
  readonly from: string;
  readonly to: string;
  answer: 'awaited' | 'accepted' | 'none';
  arrivals: number;
}

interface Tally {
  readonly number: number;
  outstanding: number;
  sent: number;
  delivered: number;
  duplicated: number;
  outOfOrder: number;
  unanswered: number;
}

/** `3.17 hello`: window, number within sender and recipient, text. */
const bodyPattern = /^(\d+)\.(\d+) /;

export function createMessageCheck(): MessageCheck {
  /** Sender, recipient and number → entry; and the same by body, for an answer names no recipient. */
  const entries = new Map<string, Entry>();
  const answers = new Map<string, Entry>();
  const pending = new Map<string, number>();
  /** Sender and recipient → numbers given out, highest that arrived. */
  const given = new Map<string, number>();
  const arrived = new Map<string, number>();
  const tallies = new Map<number, Tally>();
  let windows = 0;

  const keyOf = (from: string, to: string, body: string): string | undefined => {
    const match = bodyPattern.exec(body);
    return match === null ? undefined : `${from} ${to} ${match[2]}`;
  };
  const isOutstanding = ({ answer, arrivals }: Entry): boolean =>
    answer === 'awaited' || (answer === 'accepted' && arrivals === 0);

  /** Applies a change to an entry and keeps the counts of what is awaited in step. */
  const change = (entry: Entry, apply: () => void): void => {
    const before = isOutstanding(entry);
    apply();
    if (!before || isOutstanding(entry)) return;
    settle(entry, -1);
  };
  const settle = (entry: Entry, by: 1 | -1): void => {
    for (const user of [entry.from, entry.to]) pending.set(user, (pending.get(user) ?? 0) + by);
    const tally = tallies.get(entry.window);
    if (tally !== undefined) tally.outstanding += by;
  };

  return {
    open: () => {
      windows += 1;
      for (const [key, entry] of entries) if (entry.window < windows - 1) entries.delete(key);
      for (const [body, entry] of answers) if (entry.window < windows - 1) answers.delete(body);
      const tally: Tally = {
        number: windows,
        outstanding: 0,
        sent: 0,
        delivered: 0,
        duplicated: 0,
        outOfOrder: 0,
        unanswered: 0,
      };
      tallies.set(windows, tally);
      return { counts: () => countsOf(tally), outstanding: () => tally.outstanding };
    },
    sending: (from, to, text) => {
      const pair = `${from} ${to}`;
      const number = (given.get(pair) ?? 0) + 1;
      given.set(pair, number);
      const entry: Entry = { window: windows, from, to, answer: 'awaited', arrivals: 0 };
      const body = `${windows}.${number} ${text} (${from} to ${to})`;
      entries.set(`${pair} ${number}`, entry);
      answers.set(body, entry);
      settle(entry, 1);
      return body;
    },
    accepted: (body) => {
      const entry = answers.get(body);
      if (entry === undefined || entry.answer !== 'awaited') return;
      change(entry, () => (entry.answer = 'accepted'));
      const tally = tallies.get(entry.window);
      if (tally === undefined) return;
      tally.sent += 1;
      if (entry.arrivals > 0) tally.delivered += 1;
    },
    unanswered: (body) => {
      const entry = answers.get(body);
      if (entry === undefined || entry.answer !== 'awaited') return;
      change(entry, () => (entry.answer = 'none'));
      const tally = tallies.get(entry.window);
      if (tally !== undefined) tally.unanswered += 1;
    },
    received: (from, to, body) => {
      const key = keyOf(from, to, body);
      const entry = key === undefined ? undefined : entries.get(key);
      if (entry === undefined) return false;
      const tally = tallies.get(entry.window);
      const number = Number(bodyPattern.exec(body)?.[2]);
      const pair = `${from} ${to}`;
      const highest = arrived.get(pair) ?? 0;
      change(entry, () => (entry.arrivals += 1));
      if (tally !== undefined) {
        if (entry.arrivals > 1) tally.duplicated += 1;
        else if (number < highest) tally.outOfOrder += 1;
        if (entry.arrivals === 1 && entry.answer === 'accepted') tally.delivered += 1;
      }
      arrived.set(pair, Math.max(highest, number));
      return true;
    },
    pendingOf: (user) => pending.get(user) ?? 0,
  };
}

function countsOf(tally: Tally): MessageCounts {
  const { sent, delivered, duplicated, outOfOrder, unanswered } = tally;
  return { sent, delivered, lost: sent - delivered, duplicated, outOfOrder, unanswered };
}
