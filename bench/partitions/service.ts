// Owns: a service of many partitions on real Kafka of which one instance runs: its topics, a
// distribution over all instances, and an ownership log in which the others hold theirs. The one is
// started and killed as often as asked, as a platform would. Never measures anything.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectKafka } from '../../src/adapters/kafka.js';
import { connect, type Client, type ConnectOptions } from '../../src/client/node.js';
import { partitionOf } from '../../src/core/murmur2.js';
import { instanceName, type ControlMessage, type OwnedRange } from '../../src/core/records.js';
import { argumentsOf } from '../../src/local/programs.js';
import { openOwnershipView, type OwnershipView } from '../../src/logs/ownership-view.js';
import { ownershipEntry, topicSpecs, topicsOf } from '../../src/logs/topics.js';
import { generateKeys } from '../../src/server/keys.js';
import { newSessionId } from '../../src/server/session-ids.js';
import { tokenSigner } from '../../src/server/tokens.js';
import type { Bus } from '../../src/ports.js';
import { stackHome } from '../../stack/checkout.js';
import { spawnGuarded, type GuardedProcess } from '../../stack/guarded.js';
import { reservePorts } from '../../stack/ports.js';

/** Records of one append while the log of the others is written. */
const recordsPerAppend = 500;

export interface Crowded {
  readonly service: string;
  readonly partitions: number;
  /** Of the one instance that runs. */
  readonly owned: readonly [from: number, to: number];
  readonly probePort: number;
  readonly ownership: OwnershipView;
  /** Starts its process; whatever ran before was killed. */
  spawn(): Promise<GuardedProcess & { readonly uid: string }>;
  /** A client of the instance; the n-th user is always the same. */
  client(number: number, options?: Pick<ConnectOptions, 'onMessage' | 'onState'>): Client;
  user(number: number): string;
  stop(): Promise<void>;
}

/** `env`: KAFKA_BROKERS and MONGODB_URI of a stack that runs. */
export async function createCrowded(
  env: Readonly<Record<string, string>>,
  partitions: number,
  ownedEach: number,
): Promise<Crowded> {
  const service = `many-${randomUUID().slice(0, 8)}`;
  const brokers = (env['KAFKA_BROKERS'] ?? '').split(',');
  const ranges = rangesOf(partitions, ownedEach);
  const [from, to, ordinal] = ranges[ranges.length >> 1] as OwnedRange;
  const name = instanceName(service, ordinal);
  const bus = await connectKafka({ brokers, clientId: 'bench' });
  await bus.ensureTopics(topicSpecs(service, partitions));
  await writeLogs(bus, service, ranges, ordinal);
  const ownership = await openOwnershipView({ bus, service, partitions });

  const keys = await generateKeys();
  const sign = await tokenSigner(keys.signingJwk);
  const reservation = await reservePorts([0, 0]);
  const [port, probePort] = reservation.ports as [number, number];
  const url = `ws://127.0.0.1:${port}`;
  const logDir = join(stackHome, 'bench');
  mkdirSync(logDir, { recursive: true });
  const processes: GuardedProcess[] = [];
  const endedUids: string[] = [];
  const users = usersIn(partitions, from, to);
  const user = (number: number): string => {
    while (users.names.length <= number) users.more();
    return users.names[number] as string;
  };

  return {
    service,
    partitions,
    owned: [from, to],
    probePort,
    ownership,
    spawn: async () => {
      const uid = randomUUID();
      const started = await spawnGuarded(name, process.execPath, argumentsOf('instance'), {
        logFile: join(logDir, `${name}.log`),
        env: {
          ...env,
          EVENKEEL_SERVICE: service,
          EVENKEEL_INSTANCE: name,
          EVENKEEL_UID: uid,
          EVENKEEL_ENDED_UIDS: endedUids.slice(-1).join(','),
          EVENKEEL_PARTITIONS: String(partitions),
          EVENKEEL_PORT: String(port),
          EVENKEEL_PROBE_PORT: String(probePort),
          EVENKEEL_HOST: '127.0.0.1',
          EVENKEEL_URL: url,
          EVENKEEL_JWKS: JSON.stringify(keys.jwks),
        },
      });
      processes.push(started);
      endedUids.push(uid);
      return { ...started, uid };
    },
    client: (number, options) =>
      connect({
        ...options,
        user: user(number),
        getSession: async (who, client) => {
          const partition = partitionOf(who, partitions);
          const session = newSessionId(Date.now());
          const claims = { service, user: who, client, session, partition };
          return { url, instance: name, token: (await sign(claims, Date.now())).token };
        },
      }),
    user,
    stop: async () => {
      await Promise.all(processes.map((one) => one.stop('SIGTERM')));
      await ownership.close();
      await bus.close();
      reservation.release();
    },
  };
}

function rangesOf(partitions: number, each: number): OwnedRange[] {
  const ranges: OwnedRange[] = [];
  for (let from = 0; from < partitions; from += each) {
    ranges.push([from, Math.min(partitions, from + each) - 1, ranges.length]);
  }
  return ranges;
}

/** The distribution on the control topic, and what everybody but `absent` has acquired by it. */
async function writeLogs(
  bus: Bus,
  service: string,
  ranges: readonly OwnedRange[],
  absent: number,
): Promise<void> {
  const revision = 1;
  const distribution: ControlMessage = {
    type: 'distribution',
    epoch: 1,
    revision,
    rebalance: 'bench',
    hash: randomBytes(8).toString('hex'),
    ranges,
    instances: {},
    pace: { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 64 },
  };
  const appender = await bus.appender('bench');
  const { control } = topicsOf(service);
  await appender.append([{ topic: control, partition: 0, value: JSON.stringify(distribution) }]);
  const acquired = ranges
    .filter(([, , ordinal]) => ordinal !== absent)
    .flatMap(([from, to, ordinal]) =>
      Array.from({ length: to - from + 1 }, (_, at) =>
        ownershipEntry(service, {
          type: 'acquired',
          partition: from + at,
          revision,
          instance: instanceName(service, ordinal),
          incarnation: `elsewhere-${ordinal}`,
          prev: null,
          next: '0',
          url: `ws://192.0.2.1:${ordinal}`,
        }),
      ),
    );
  for (let at = 0; at < acquired.length; at += recordsPerAppend) {
    await appender.append(acquired.slice(at, at + recordsPerAppend));
  }
  await appender.close();
}

/** Users whose partition lies in the range, as many as are asked for. */
function usersIn(partitions: number, from: number, to: number) {
  const names: string[] = [];
  let tried = 0;
  return {
    names,
    more: (): void => {
      for (;;) {
        const name = `user-${(tried += 1)}`;
        const partition = partitionOf(name, partitions);
        if (partition >= from && partition <= to) return void names.push(name);
      }
    },
  };
}
