// The people of a simulated world: their devices, what they say to whom, and the books that are kept of
// it. Owns the clients; never what an instance does.

import { partitionOf } from '../../core/murmur2.js';
import type { ClientSession } from '../../core/handover/client.js';
import type { Kernel } from '../kernel.js';
import type { Machines } from '../machines.js';
import type { Random } from '../random.js';
import { ChatClient, type ClientWorld } from './chat-client.js';
import type { MessageChecker } from './checker.js';
import type { Listener } from './sockets.js';

export interface CrowdParts {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly machines: Machines;
  readonly checker: MessageChecker;
  readonly partitions: number;
  readonly listenerAt: (url: string) => Listener | null;
  readonly session: (client: ChatClient, answer: (session: ClientSession | null) => void) => void;
  /** Null when nobody reads every event. */
  readonly say: ((who: string, what: string) => void) | null;
  readonly violate: (invariant: string, text: string) => void;
}

/** How often everybody says something, on average. */
const chatEveryMs = 2_000;
/** Every so many clients one is the second device of the user before. */
const secondDeviceEvery = 6;

export class Crowd {
  readonly clients: ChatClient[] = [];
  /** Clients of each partition. */
  readonly weights: number[];
  /** Gaps of clients told to move, and of clients that lost their socket. */
  readonly gapsMs = { planned: [] as number[], lost: [] as number[] };
  private readonly parts: CrowdParts;
  private readonly users: string[] = [];
  private isChatting = false;

  constructor(parts: CrowdParts, count: number) {
    this.parts = parts;
    this.weights = new Array<number>(parts.partitions).fill(0);
    const world = this.world();
    for (let index = 0; index < count; index += 1) {
      const isSecond = index % secondDeviceEvery === secondDeviceEvery - 1;
      const user = isSecond ? (this.users.at(-1) as string) : `u${index}`;
      if (!isSecond) this.users.push(user);
      const device = isSecond ? 'laptop' : 'phone';
      this.clients.push(new ChatClient(world, { index, user, device }));
      const partition = this.partitionOf(index);
      this.weights[partition] = (this.weights[partition] ?? 0) + 1;
    }
  }

  partitionOf(index: number): number {
    const { user } = this.clients[index] as ChatClient;
    return partitionOf(user, this.parts.partitions);
  }

  start(): void {
    for (const client of this.clients) client.start();
  }

  isSettled(): boolean {
    return this.clients.every((client) => client.isSettled());
  }

  beginToChat(): void {
    this.isChatting = true;
    for (const client of this.clients) this.chat(client);
  }

  endChat(): void {
    this.isChatting = false;
  }

  private chat(client: ChatClient): void {
    const { kernel, random, checker } = this.parts;
    kernel.after(-Math.log(1 - random.next()) * chatEveryMs, () => {
      if (!this.isChatting) return;
      const to = random.pick(this.users);
      checker.counts.sent += 1;
      checker.sentTo.set(`${client.index}#${client.sent + 1}`, to);
      client.say(to);
      this.chat(client);
    });
  }

  private world(): ClientWorld {
    const { kernel, random, machines, checker, violate, listenerAt, session, say } = this.parts;
    return {
      kernel,
      random,
      machines,
      listenerAt,
      netMs: (client) => client.baseLatencyMs + random.between(0, 2),
      ask: session,
      delivered: (client, message) => checker.delivered(client, message),
      accepted: (client, id, offset) => checker.accepted(client, id, offset),
      welcomed: (client, next) => checker.welcomed(client, next),
      moved: (client, { planned, gapMs, from, to }) => {
        (planned ? this.gapsMs.planned : this.gapsMs.lost).push(gapMs);
        const how = planned ? 'moved' : 'came back';
        say?.(
          `client ${client.index}`,
          `${how}, ${from ?? '?'} to ${to}, gap ${Math.round(gapMs)} ms`,
        );
      },
      wrong: (client, text) => violate('SingleSession', `${client.user}/${client.device} ${text}`),
    };
  }
}
