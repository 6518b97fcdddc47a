// Owns: a few hundred clients of one service in this process, and what they saw: gaps by their own
// clocks, every message. Grows and shrinks. Never knows of partitions or instances.

import type { FinishedMove } from '../core/handover/client-types.js';
import { createCrowd, type Member, type Person } from './crowd.js';
import { createMessageAccount, type MessageCounts } from './message-account.js';
import { senderOf } from './message-body.js';
import { until } from './until.js';

export interface SwarmOptions {
  readonly directoryUrl: string;
  readonly directoryKey: string;
  /** All clients together. */
  readonly messagesPerSecond: number;
  /** Users are called `<prefix>-1`, `<prefix>-2` … and never come back once they left. */
  readonly prefix: string;
  /** Told of each move that ended. */
  readonly onMove?: (user: string) => void;
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

export function createSwarm(options: SwarmOptions): Swarm {
  const { prefix, onMove, ...where } = options;
  const account = createMessageAccount();
  const crowd = createCrowd({
    ...where,
    events: {
      ...account,
      moved: ({ user }, move) => {
        moves.push(move);
        onMove?.(user);
      },
    },
  });
  let moves: FinishedMove[] = [];
  let named = 0;
  let window = account.open();
  crowd.chat(window.number);

  const joinAll = async (count: number): Promise<void> => {
    const people = Array.from({ length: count }, (): Person => {
      named += 1;
      return { user: `${prefix}-${named}`, device: 0 };
    });
    await crowd.join(people);
    await until(
      () => crowd.neverWelcomed(),
      (left) => `${left.length} of ${count} new clients were not welcomed`,
    );
  };

  /** Nobody writes to who leaves; who leaves hears what was written before, and then says bye. */
  const leaveAll = async (count: number): Promise<void> => {
    const leaving = crowd.members.slice(-count);
    crowd.silence(leaving);
    const isPending = ({ user }: Member): boolean =>
      account.pendingOf(user) + account.pendingOf(senderOf(user, 'phone')) > 0;
    await until(
      () => leaving.filter(isPending),
      (left) => `messages of ${left.length} leaving clients are still under way`,
    );
    await crowd.dismiss(leaving);
  };

  return {
    connected: () => crowd.connected(),
    resize: async (clients) => {
      const change = clients - crowd.members.length;
      if (change > 0) await joinAll(change);
      if (change < 0) await leaveAll(-change);
    },
    open: () => {
      const opened = account.open();
      window = opened;
      crowd.chat(opened.number);
      moves = [];
      return {
        sent: () => opened.counts().sent,
        close: async () => {
          crowd.chat(null);
          const missing = () => crowd.members.filter(({ client }) => client.phase() !== 'welcomed');
          try {
            // Whatever is still missing then is counted as lost, and named.
            await until(
              () => [...Array<undefined>(opened.outstanding()), ...missing()],
              () => '',
            ).catch(() => undefined);
            const names = missing().map(({ user, client }) => `${user} (${client.phase()})`);
            return { messages: opened.counts(), moves: [...moves], missing: names };
          } finally {
            crowd.chat(window.number);
          }
        },
      };
    },
    stop: () => crowd.stop(),
  };
}
