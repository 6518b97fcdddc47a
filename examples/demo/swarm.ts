// Owns: a few hundred real clients of one service, each with a WebSocket of its own, who chat with
// each other at a steady rate; and what they saw: gaps by their own clocks, every message. Never
// knows of partitions or instances.

import { setTimeout as sleep } from 'node:timers/promises';
import { connect, SendFailedError, type Client } from '../../src/client/node.js';
import type { FinishedMove, ReceivedMessage } from '../../src/core/handover/client-types.js';
import { createMessageCheck, type MessageCounts } from './message-check.js';

/** Clients that begin to connect (or leave) together, and the pause between two such groups. */
const groupClients = 20;
const groupPauseMs = 60;
/** How often messages are sent; a steady rate comes in small portions. */
const beatMs = 20;
const pollMs = 20;
/** Connecting, leaving and draining end by then, or the demo says what is missing. */
const settleWithinMs = 30_000;

export interface SwarmOptions {
  readonly directoryUrl: string;
  readonly directoryKey: string;
  /** All clients together. */
  readonly messagesPerSecond: number;
  /** Users are called `<prefix>-1`, `<prefix>-2` … and never come back once they left. */
  readonly prefix: string;
}

/** What happened between `open` and `close`. */
export interface Observation {
  readonly messages: MessageCounts;
  /** Finished moves, planned or not, in the order of their ends. */
  readonly moves: readonly FinishedMove[];
  /** Clients without a connection at the end. */
  readonly missing: readonly string[];
}

export interface ObservedWindow {
  /** Messages accepted so far. */
  sent(): number;
  /** Stops the chat, waits for what is under way, tells what happened, and starts the chat again. */
  close(): Promise<Observation>;
}

export interface Swarm {
  /** Clients that are welcomed just now. */
  connected(): number;
  /** Lets clients join or leave until there are so many. Who leaves is written to no more. */
  resize(clients: number): Promise<void>;
  /** From now on everything is observed. */
  open(): ObservedWindow;
  /** Drops everybody at once. */
  stop(): void;
}

interface Member {
  readonly user: string;
  readonly client: Client;
  leaving: boolean;
}

const texts = ['good morning', 'are you there?', 'see you at noon', 'ha!', 'one moment', 'thanks'];

export function createSwarm(options: SwarmOptions): Swarm {
  const { directoryUrl, directoryKey, messagesPerSecond, prefix } = options;
  const members = new Map<string, Member>();
  const check = createMessageCheck();
  let moves: FinishedMove[] = [];
  let named = 0;
  let turn = 0;
  let chatting = true;
  let owed = 0;
  let lastBeatMs = performance.now();
  check.open();

  const join = (): Member => {
    named += 1;
    const user = `${prefix}-${named}`;
    const client = connect({
      user,
      client: 'phone',
      directoryUrl,
      directoryKey,
      onMessage: ({ from, to, body }: ReceivedMessage) => void check.received(from, to, body),
      onMove: (move) => void moves.push(move),
    });
    const member = { user, client, leaving: false };
    members.set(user, member);
    return member;
  };

  const send = async (from: Member, to: Member): Promise<void> => {
    const text = texts[Math.floor(Math.random() * texts.length)] as string;
    const body = check.sending(from.user, to.user, text);
    try {
      await from.client.send(to.user, body);
      check.accepted(body);
    } catch (error) {
      if (!(error instanceof SendFailedError)) throw error;
      check.unanswered(body);
    }
  };

  /** Who was welcomed once: a message to somebody who never was would rightly not arrive. */
  const present = (): Member[] =>
    [...members.values()].filter(({ client, leaving }) => !leaving && client.next() !== null);

  const beat = setInterval(() => {
    const nowMs = performance.now();
    // A late beat sends what it missed, but no flood after a pause of the machine.
    owed += Math.min(nowMs - lastBeatMs, 10 * beatMs) * (messagesPerSecond / 1000);
    lastBeatMs = nowMs;
    const due = Math.floor(owed);
    owed -= due;
    const people = chatting ? present() : [];
    if (people.length < 2) return;
    for (let i = 0; i < due; i += 1) {
      turn = (turn + 1) % people.length;
      const from = people[turn] as Member;
      const step = 1 + Math.floor(Math.random() * (people.length - 1));
      void send(from, people[(turn + step) % people.length] as Member);
    }
  }, beatMs);

  const joinAll = async (count: number): Promise<void> => {
    const joined: Member[] = [];
    for (let i = 0; i < count; i += 1) {
      joined.push(join());
      if (i % groupClients === groupClients - 1) await sleep(groupPauseMs);
    }
    await until(
      () => joined.filter(({ client }) => client.next() === null),
      (left) => `${left.length} of ${count} new clients were not welcomed`,
    );
  };

  /** Nobody writes to who leaves; who leaves hears what was written before, and then says bye. */
  const leaveAll = async (count: number): Promise<void> => {
    const leaving = [...members.values()].slice(-count);
    for (const member of leaving) member.leaving = true;
    await until(
      () => leaving.filter(({ user }) => check.pendingOf(user) > 0),
      (left) => `messages of ${left.length} leaving clients are still under way`,
    );
    for (let i = 0; i < leaving.length; i += groupClients) {
      const group = leaving.slice(i, i + groupClients);
      await Promise.all(group.map(({ client }) => client.close()));
      for (const { user } of group) members.delete(user);
    }
  };

  return {
    connected: () =>
      [...members.values()].filter(({ client }) => client.phase() === 'welcomed').length,
    resize: async (clients) => {
      const change = clients - members.size;
      if (change > 0) await joinAll(change);
      if (change < 0) await leaveAll(-change);
    },
    open: () => {
      const window = check.open();
      moves = [];
      return {
        sent: () => window.counts().sent,
        close: async () => {
          chatting = false;
          const missing = () =>
            [...members.values()].filter(({ client }) => client.phase() !== 'welcomed');
          try {
            // Whatever is still missing then is counted as lost, and named.
            await until(
              () => [...Array<undefined>(window.outstanding()), ...missing()],
              () => '',
            ).catch(() => undefined);
            const names = missing().map(({ user, client }) => `${user} (${client.phase()})`);
            return { messages: window.counts(), moves: [...moves], missing: names };
          } finally {
            chatting = true;
          }
        },
      };
    },
    stop: () => {
      clearInterval(beat);
      for (const { client } of members.values()) void client.close();
      members.clear();
    },
  };
}

/** Waits until nothing is left; throws what is, after a bound. */
async function until<T>(look: () => readonly T[], say: (left: readonly T[]) => string) {
  const untilMs = performance.now() + settleWithinMs;
  for (let left = look(); left.length > 0; left = look()) {
    if (performance.now() > untilMs) {
      throw new Error(`not within ${settleWithinMs / 1000} s: ${say(left)}`);
    }
    await sleep(pollMs);
  }
}
