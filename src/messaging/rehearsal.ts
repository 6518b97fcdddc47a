// The rehearsal of a new instance: before it says that it is ready, its own code moves a few hundred
// clients between two instances of a service that exists nowhere else, in memory and over sockets of
// this machine. What runs for the first time runs many times slower, and the first clients of an
// instance come all at once. It touches nothing of the real service; it ends early rather than late.

import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { connect, type Client } from '../client/node.js';
import { partitionOf } from '../core/murmur2.js';
import { instanceName, type ControlMessage, type OwnedRange } from '../core/records.js';
import type { Instance } from '../instance/api.js';
import { startInstance } from '../instance/start.js';
import {
  rehearsalClients,
  rehearsalMoves,
  rehearsalPauseMs,
  rehearsalWithinMs,
} from '../limits.js';
import { topicSpecs, topicsOf } from '../logs/topics.js';
import type { Appender, Bus, Clock, ConfigDb } from '../ports.js';
import { generateKeys, type DirectoryKeys } from '../server/keys.js';
import { startMessagingServer, type MessagingServer } from './server.js';
import { newSessionId } from '../server/session-ids.js';
import { tokenSigner } from '../server/tokens.js';

export interface Stage {
  /** Both in memory: nobody else sees them. */
  readonly bus: Bus;
  readonly reports: Pick<ConfigDb, 'saveReport' | 'saveWarmed' | 'latestCheckpoint'>;
  readonly clock: Clock;
}

const service = 'rehearsal';
const partitions = 8;
const host = '127.0.0.1';
/** As fast as it goes: nobody waits. */
const pace = { clientsPerWave: 100, acceptPerSecond: 100_000, partitionsPerWave: partitions };

interface Actor {
  readonly server: MessagingServer;
  readonly instance: Instance;
  readonly url: string;
}

/** Resolves with the number of moves, when all were made or the time is up. Throws what went wrong. */
export async function rehearse(stage: Stage): Promise<number> {
  const untilMs = stage.clock.monotonicMs() + rehearsalWithinMs;
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const keys = await generateKeys();
    await stage.bus.ensureTopics(topicSpecs(service, partitions));
    const appender = await stage.bus.appender('rehearsal-control');
    const actors = await Promise.all([0, 1].map((ordinal) => enter(stage, keys, ordinal)));
    closers.push(
      ...actors.map(
        ({ server, instance }) =>
          () =>
            leave(server, instance),
      ),
    );
    const [first] = actors;
    if (first === undefined) return 0;
    const come = async (isDone: () => boolean): Promise<boolean> => {
      while (!isDone() && stage.clock.monotonicMs() < untilMs) await sleep(rehearsalPauseMs);
      return isDone();
    };
    await give(appender, actors, 1);
    if (!(await come(() => first.instance.status().held === partitions))) return 0;
    let moves = 0;
    const clients = await invite(stage, keys, first.url, () => (moves += 1));
    closers.push(() => Promise.all(clients.map((client) => client.close())));
    const allWelcomed = (): boolean => clients.every((client) => client.phase() === 'welcomed');
    if (!(await come(allWelcomed))) return 0;
    for (let revision = 2; moves < rehearsalMoves; revision += 1) {
      await give(appender, actors, revision);
      const wanted = moves + clients.length;
      if (!(await come(() => moves >= wanted && allWelcomed()))) return moves;
      for (const [i, client] of clients.entries()) {
        // What becomes of it does not matter: the next move may be quicker.
        client.send(userOf((i + 1) % clients.length), 'a line to rehearse').catch(() => undefined);
      }
    }
    return moves;
  } finally {
    for (const close of closers.reverse()) await close();
    await stage.bus.close();
  }
}

async function enter(stage: Stage, keys: DirectoryKeys, ordinal: number): Promise<Actor> {
  const { bus, clock, reports } = stage;
  const name = instanceName(service, ordinal);
  const log = pino({ level: 'silent' });
  const wish = { service, name, partitions, port: 0, host, jwks: keys.jwks, bus, clock, log };
  const server = await startMessagingServer(wish);
  const url = `ws://${host}:${server.port}`;
  const instance = await startInstance(
    { service, name, ordinal, partitions, url, sink: server.sink },
    { bus, reports, clock, log: () => undefined },
  );
  server.attach(instance);
  return { server, instance, url };
}

async function leave(server: MessagingServer, instance: Instance): Promise<void> {
  await instance.stop();
  await server.close();
}

const userOf = (i: number): string => `user-${i}`;

/** They come to the first instance, and go where they are sent. */
async function invite(
  { clock }: Stage,
  keys: DirectoryKeys,
  url: string,
  onMove: () => void,
): Promise<Client[]> {
  const sign = await tokenSigner(keys.signingJwk);
  const getSession = async (user: string, client: string) => {
    const partition = partitionOf(user, partitions);
    const claims = { service, user, client, session: newSessionId(clock.wallMs()), partition };
    return { url, instance: '', token: (await sign(claims, clock.wallMs())).token };
  };
  return Array.from({ length: rehearsalClients }, (_, i) =>
    connect({ user: userOf(i), getSession, onMove: ({ planned }) => void (planned && onMove()) }),
  );
}

/** Everything to the one or the other. */
async function give(appender: Appender, actors: readonly Actor[], revision: number): Promise<void> {
  const owner = (revision + 1) % actors.length;
  const ranges: readonly OwnedRange[] = [[0, partitions - 1, owner]];
  const instances = actors.map(({ instance, url }) => [instance.name, { url }] as const);
  const message: ControlMessage = {
    type: 'distribution',
    epoch: 1,
    revision,
    rebalance: `rehearsal-${revision}`,
    hash: String(revision),
    ranges,
    instances: Object.fromEntries(instances),
    pace,
  };
  const { control } = topicsOf(service);
  await appender.append([{ topic: control, partition: 0, value: JSON.stringify(message) }]);
}
