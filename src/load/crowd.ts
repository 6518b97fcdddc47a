// Owns: the clients of one process, each with a WebSocket of its own, who join in groups and chat with
// each other at a steady rate; and what each of them sees, told at once. Never counts anything and
// never knows of partitions or instances.

import { setTimeout as sleep } from 'node:timers/promises';
import { connect, SendFailedError, type Client, type ConnectOptions } from '../client/node.js';
import type { FinishedMove } from '../core/handover/client-types.js';
import { beatMs, catchUpMaxMs, contactsMax, groupClients, groupPauseMs } from './limits.js';
import { bodyOf, messageOf, senderOf, type ChatMessage } from './message-body.js';

export interface CrowdEvents {
  sending(message: ChatMessage): void;
  accepted(message: ChatMessage): void;
  unanswered(message: ChatMessage): void;
  arrived(message: ChatMessage, device: number): void;
  moved(member: Member, move: FinishedMove): void;
}

export interface CrowdOptions {
  readonly directoryUrl: string;
  readonly directoryKey: string;
  /** All clients of this crowd together. */
  readonly messagesPerSecond: number;
  readonly events: CrowdEvents;
  /** Whom a member writes to next; default: one of the next few of this crowd. */
  readonly recipientOf?: (user: string) => string | undefined;
  /** What a person's client opens its sockets with; default: a plain `ws`. */
  readonly socketOf?: (person: Person) => NonNullable<ConnectOptions['openSocket']>;
}

/** One client of one user. */
export interface Person {
  readonly user: string;
  /** Number among the user's clients, from 0. */
  readonly device: number;
}

export interface Member extends Person {
  readonly client: Client;
}

export interface Crowd {
  readonly members: readonly Member[];
  /** Clients that are welcomed just now. */
  connected(): number;
  /** Members that were never welcomed: a message to them would rightly not arrive. */
  neverWelcomed(): readonly Member[];
  /** Starts to connect them, group by group; `welcomed` tells when that has ended well. */
  join(people: readonly Person[]): Promise<readonly Member[]>;
  /** Nobody of this crowd writes to them any more, nor do they. */
  silence(members: readonly Member[]): void;
  /** They say bye, group by group. */
  dismiss(members: readonly Member[]): Promise<void>;
  /** Messages sent from now on carry this window; null: nothing is sent. */
  chat(window: number | null): void;
  /** Drops everybody at once. */
  stop(): void;
}

const texts = ['good morning', 'are you there?', 'see you at noon', 'ha!', 'one moment', 'thanks'];

/** Name of a user's client: the number is what an arrival is told with. */
export const clientName = (device: number): string => (device === 0 ? 'phone' : `device-${device}`);

export function createCrowd(options: CrowdOptions): Crowd {
  const { directoryUrl, directoryKey, messagesPerSecond, events, socketOf } = options;
  let members: Member[] = [];
  const silent = new Set<Member>();
  /** Sender and recipient → messages numbered so far. */
  const numbered = new Map<string, number>();
  let window: number | null = null;
  let turn = 0;
  let owed = 0;
  let lastBeatMs = performance.now();

  const add = ({ user, device }: Person): Member => {
    const client = connect({
      user,
      client: clientName(device),
      directoryUrl,
      directoryKey,
      ...(socketOf === undefined ? {} : { openSocket: socketOf({ user, device }) }),
      onMessage: (frame) => {
        const message = messageOf(frame);
        if (message !== undefined && frame.to === user) events.arrived(message, device);
      },
      onMove: (move) => events.moved(member, move),
    });
    const member: Member = { user, device, client };
    members.push(member);
    return member;
  };

  const send = async ({ user, device, client }: Member, to: string, sent: number) => {
    const from = senderOf(user, clientName(device));
    const pair = `${from} ${to}`;
    const number = (numbered.get(pair) ?? 0) + 1;
    numbered.set(pair, number);
    const message = { window: sent, from, to, number };
    const text = texts[number % texts.length] as string;
    events.sending(message);
    try {
      await client.send(to, bodyOf(message, text));
      events.accepted(message);
    } catch (error) {
      if (!(error instanceof SendFailedError)) throw error;
      events.unanswered(message);
    }
  };

  const isPresent = (member: Member): boolean =>
    member.client.next() !== null && !silent.has(member);

  /** The next one from there who is present, and not of this user; looks at each once. */
  const presentFrom = (at: number, notUser?: string): number | undefined => {
    for (let step = 0; step < members.length; step += 1) {
      const place = (at + step) % members.length;
      const member = members[place] as Member;
      if (member.user !== notUser && isPresent(member)) return place;
    }
    return undefined;
  };

  /** Few recipients for each, so that there is an order to be checked. */
  const neighbour = ({ user }: Member, at: number): string | undefined => {
    const place = presentFrom(at + 1 + Math.floor(Math.random() * contactsMax), user);
    return place === undefined ? undefined : members[place]?.user;
  };

  const beat = setInterval(() => {
    const nowMs = performance.now();
    owed += Math.min(nowMs - lastBeatMs, catchUpMaxMs) * (messagesPerSecond / 1000);
    lastBeatMs = nowMs;
    const due = Math.floor(owed);
    owed -= due;
    if (window === null || due === 0) return;
    for (let i = 0; i < due; i += 1) {
      const place = presentFrom(turn + 1);
      if (place === undefined) return;
      turn = place;
      const from = members[place] as Member;
      const to = options.recipientOf?.(from.user) ?? neighbour(from, place);
      if (to !== undefined) void send(from, to, window);
    }
  }, beatMs);

  return {
    get members() {
      return members;
    },
    connected: () => count(members, ({ client }) => client.phase() === 'welcomed'),
    neverWelcomed: () => members.filter(({ client }) => client.next() === null),
    join: async (people) => {
      const joined: Member[] = [];
      for (const person of people) {
        joined.push(add(person));
        if (joined.length % groupClients === 0) await sleep(groupPauseMs);
      }
      return joined;
    },
    silence: (leaving) => {
      for (const member of leaving) silent.add(member);
    },
    dismiss: async (leaving) => {
      for (let i = 0; i < leaving.length; i += groupClients) {
        const group = leaving.slice(i, i + groupClients);
        await Promise.all(group.map(({ client }) => client.close()));
        members = members.filter((member) => !group.includes(member));
        for (const member of group) silent.delete(member);
      }
    },
    chat: (next) => {
      window = next;
    },
    stop: () => {
      clearInterval(beat);
      for (const { client } of members) void client.close();
      members = [];
    },
  };
}

function count<T>(all: Iterable<T>, holds: (one: T) => boolean): number {
  let found = 0;
  for (const one of all) if (holds(one)) found += 1;
  return found;
}
