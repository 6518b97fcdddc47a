// Owns: clients of one instance and their steady chat: how long each message takes from `send` to its
// recipient, on the one clock of this process, and that each arrives once. Never judges a time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../src/client/node.js';
import type { Crowded } from './service.js';

const connectWithinMs = 30_000;
const arriveWithinMs = 10_000;
const pollMs = 20;
/** As many clients dial together. */
const groupClients = 10;

export interface Delivery {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly lost: number;
  readonly duplicated: number;
}

export interface Chat {
  /** A message every so often, from one client after the other to the next. */
  steady(messagesPerSecond: number, forMs: number): Promise<Delivery>;
  close(): Promise<void>;
}

export async function startChat(crowded: Crowded, clients: number): Promise<Chat> {
  const sentAtMs = new Map<string, number>();
  const tookMs: number[] = [];
  const arrived = new Set<string>();
  let duplicated = 0;
  const onMessage = ({ body }: { readonly body: string }): void => {
    const atMs = sentAtMs.get(body);
    if (atMs === undefined) return;
    if (arrived.has(body)) duplicated += 1;
    else tookMs.push(performance.now() - atMs);
    arrived.add(body);
  };
  const members: Client[] = [];
  for (let number = 0; number < clients; number += 1) {
    members.push(crowded.client(number, { onMessage }));
    if (members.length % groupClients === 0) await allWelcomed(members);
  }
  await allWelcomed(members);

  return {
    steady: async (messagesPerSecond, forMs) => {
      sentAtMs.clear();
      arrived.clear();
      tookMs.length = 0;
      duplicated = 0;
      const startedMs = performance.now();
      const due = Math.round((forMs * messagesPerSecond) / 1_000);
      for (let sent = 0; sent < due; sent += 1) {
        const waitMs = startedMs + (sent * 1_000) / messagesPerSecond - performance.now();
        if (waitMs > 0) await sleep(waitMs);
        const body = `${startedMs}/${sent}`;
        sentAtMs.set(body, performance.now());
        const to = crowded.user((sent + 1) % clients);
        members[sent % clients]?.send(to, body).catch(() => undefined); // Counted as lost.
      }
      const untilMs = performance.now() + arriveWithinMs;
      while (arrived.size < due && performance.now() < untilMs) await sleep(pollMs);
      const sorted = [...tookMs].sort((a, b) => a - b);
      const at = (share: number): number =>
        sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
      const lost = due - arrived.size;
      return { n: due, p50: at(0.5), p99: at(0.99), max: at(1), lost, duplicated };
    },
    close: async () => {
      await Promise.all(members.map((client) => client.close()));
    },
  };
}

async function allWelcomed(clients: readonly Client[]): Promise<void> {
  const untilMs = performance.now() + connectWithinMs;
  while (clients.some((client) => client.phase() !== 'welcomed')) {
    if (performance.now() > untilMs) throw new Error('not all clients were welcomed in time');
    await sleep(pollMs);
  }
}
