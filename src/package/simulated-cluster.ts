// A cluster in one process, for the tests of an embedding service: instances of it with real sockets on
// this machine, Kafka and ConfigDB in memory, and the part of the control plane played: who shall own what
// is planned as in production, handed over as in production, and checked by the logs. Kubernetes, Temporal
// and time are not played.

import { createMemoryBus, type MemoryBus } from '../adapters/memory/bus.js';
import { createMemoryConfigDb } from '../adapters/memory/config-db.js';
import { systemClock } from '../adapters/system-clock.js';
import { openLogs } from '../logs/read-logs.js';
import { connect, type Client, type ConnectOptions } from '../client/node.js';
import { checkEvidence } from '../core/evidence/check.js';
import { partitionOf } from '../core/murmur2.js';
import { planDistribution } from '../core/placement/plan.js';
import { formatRanges, normalize, type Range, type Ranges } from '../core/ranges.js';
import { instanceName, ordinalOf, type ControlMessage, type OwnedRange } from '../core/records.js';
import {
  sentenceOf,
  type MistakeDetail,
  type MistakeKind,
  type OnMistake,
} from '../instance/mistakes.js';
import { aFunction, aText, aWholeNumber, anObject, checkGiven, optional } from '../given.js';
import { fenceIncarnation } from '../logs/fence.js';
import { openOwnershipView } from '../logs/ownership-view.js';
import { topicSpecs, topicsOf } from '../logs/topics.js';
import { generateKeys } from '../server/keys.js';
import type { CreateService } from '../server/service.js';
import { newSessionId } from '../server/session-ids.js';
import { tokenSigner } from '../server/tokens.js';
import type { Bus, ConfigDb } from '../ports.js';
import { startSimulatedInstance, type SimulatedInstance } from './simulated-instance.js';

export interface SimulatedClusterOptions {
  readonly create: CreateService;
  /** To begin with. */
  readonly instances: number;
  /** P; 16 by default. */
  readonly partitions?: number;
  /** `service` by default. */
  readonly service?: string;
}

export interface SimulatedCluster {
  readonly service: string;
  readonly partitions: number;
  /** What everything stands in; a test may read it, and write to it as a stranger would. */
  readonly bus: Bus;
  readonly configDb: ConfigDb;
  /** A client of `evenkeel/client`, with sessions of this cluster; closed when the cluster stops. */
  connect(user: string, options?: SimulatedClientOptions): Client;
  /** Grows or shrinks: resolves when everybody owns what was planned and who shall leave has left. */
  resize(instances: number): Promise<void>;
  /** Ends an instance that releases nothing, as the end of its process would; resolves when the others own what it had. */
  kill(ordinal: number): Promise<void>;
  /** Writes a record as any producer would, by the key's partition; resolves with its offset. */
  publish(key: string, value: object): Promise<number>;
  /** Ranges by instance, by the ownership log. */
  owners(): Promise<Readonly<Record<string, Ranges>>>;
  /** What the library found the service do wrong, in the order in which it was found. */
  mistakes(): readonly SimulatedMistake[];
  /**
   * Waits until every client is welcomed, then holds the logs against what was promised: each partition
   * owned once, nobody on two instances. Throws with the first counter-example, a mistake included.
   */
  check(): Promise<void>;
  stop(): Promise<void>;
}

export type SimulatedClientOptions = Omit<
  ConnectOptions,
  'user' | 'directoryUrl' | 'directoryKey' | 'getSession' | 'openSocket'
>;

export interface SimulatedMistake {
  readonly instance: string;
  readonly mistake: MistakeKind;
  /** Figures and names that help to find the place. */
  readonly detail: MistakeDetail;
  /** What to change. */
  readonly text: string;
}

/** Each is a server with three sockets' worth of listeners; more is a simulation (docs/simulation.md). */
const simulatedInstancesMax = 100;
const simulatedPartitionsMax = 10_000;
const mistakesKeptMax = 1_000;
const withinMs = 20_000;
const pollMs = 10;
/** As fast as it goes: nobody waits. */
const pace = { clientsPerWave: 100, acceptPerSecond: 10_000, partitionsPerWave: 64 };

/** Starts the instances and the first distribution; resolves when every partition is owned. */
export async function simulateCluster(options: SimulatedClusterOptions): Promise<SimulatedCluster> {
  const instanceCount = aWholeNumber(1, simulatedInstancesMax);
  checkGiven('simulateCluster', options, {
    create: aFunction,
    instances: instanceCount,
    partitions: optional(aWholeNumber(1, simulatedPartitionsMax)),
    service: optional(aText),
  });
  const { create, partitions = 16, service = 'service' } = options;
  const faults: unknown[] = [];
  const bus: MemoryBus = createMemoryBus({ onFault: (error) => faults.push(error) });
  const configDb = createMemoryConfigDb();
  await bus.ensureTopics(topicSpecs(service, partitions));
  const [keys, appender] = await Promise.all([generateKeys(), bus.appender('control')]);
  const sign = await tokenSigner(keys.signingJwk);
  const view = await openOwnershipView({ bus, service, partitions });
  const topics = topicsOf(service);
  const instances = new Map<number, SimulatedInstance>();
  const clients: Client[] = [];
  const mistakes: SimulatedMistake[] = [];
  let revision = 0;

  const start = async (ordinal: number): Promise<void> => {
    const name = instanceName(service, ordinal);
    const around = { bus, configDb, keys, service, partitions };
    const onMistake: OnMistake = (mistake, detail = {}) => {
      if (mistakes.length >= mistakesKeptMax) return;
      mistakes.push({ instance: name, mistake, detail, text: sentenceOf(mistake) });
    };
    instances.set(
      ordinal,
      await startSimulatedInstance({ ...around, create, name, ordinal, onMistake }),
    );
  };

  const ranges = (): Record<string, Ranges> => {
    const owned = new Map<string, Range[]>();
    for (const [from, to, instance] of view.ranges()) {
      const name = instance ?? 'nobody';
      owned.set(name, [...(owned.get(name) ?? []), [from, to]]);
    }
    return Object.fromEntries([...owned].map(([name, all]) => [name, normalize(all)]));
  };

  /** Plans for these, tells everybody, waits for the log. */
  const distribute = async (ordinals: readonly number[]): Promise<void> => {
    const { nobody: _, ...current } = ranges();
    const names = ordinals.map((ordinal) => instanceName(service, ordinal));
    const plan = planDistribution({ partitions, instances: names, current });
    const planned: OwnedRange[] = Object.entries(plan.instances)
      .flatMap(([name, all]) =>
        all.map(([from, to]): OwnedRange => [from, to, ordinalOf(name) ?? 0]),
      )
      .sort(([a], [b]) => a - b);
    revision += 1;
    const message: ControlMessage = {
      ...{ type: 'distribution', epoch: 1, revision, rebalance: `simulated-${revision}`, pace },
      hash: String(revision),
      ranges: planned,
      instances: Object.fromEntries(
        [...instances.values()].map(({ name, url }) => [name, { url }]),
      ),
    };
    await appender.append([
      { topic: topics.control, partition: 0, value: JSON.stringify(message) },
    ]);
    const wanted = (ordinal: number): Ranges =>
      normalize(planned.filter(([, , of]) => of === ordinal).map(([from, to]) => [from, to]));
    await until(
      () =>
        ordinals.filter((ordinal) => {
          const owned = ranges()[instanceName(service, ordinal)] ?? [];
          return formatRanges(owned) !== formatRanges(wanted(ordinal));
        }),
      (left) =>
        `${left.map((n) => instanceName(service, n)).join(', ')} did not get what was planned`,
    );
  };

  const getSession = async (user: string, client: string) => {
    const partition = partitionOf(user, partitions);
    const holder = view.holderOf(partition)?.instance;
    const { url, name } = [...instances.values()].find((one) => one.name === holder) ?? {};
    if (url === undefined || name === undefined) throw new Error('nobody holds the partition');
    const nowMs = systemClock.wallMs();
    const claims = { service, user, client, session: newSessionId(nowMs), partition };
    return { url, instance: name, token: (await sign(claims, nowMs)).token };
  };

  const ordinals = (): number[] => [...instances.keys()].sort((a, b) => a - b);
  const resize = async (wanted: number): Promise<void> => {
    checkGiven('resize', { instances: wanted }, { instances: instanceCount });
    const before = ordinals();
    for (let ordinal = 0; instances.size < wanted; ordinal += 1) {
      if (!instances.has(ordinal)) await start(ordinal);
    }
    const staying = ordinals().slice(0, wanted);
    await distribute(staying);
    const leaving = before.filter((ordinal) => !staying.includes(ordinal));
    for (const ordinal of leaving) {
      await instances.get(ordinal)?.stop();
      instances.delete(ordinal);
    }
  };

  const check = async (): Promise<void> => {
    const open = clients.filter((client) => client.phase() !== 'stopped');
    await until(
      () => open.filter((client) => client.phase() !== 'welcomed'),
      (left) => `${left.length} clients are not connected`,
    );
    const logs = await openLogs(bus, service);
    const evidence = checkEvidence(service, partitions);
    for await (const record of logs.records) evidence.add(record);
    const { first, ownershipGaps } = evidence.finish();
    if (first !== undefined) throw new Error(`the logs show: ${first.message}`);
    if (ownershipGaps.length > 0) throw new Error(`nobody owns ${formatRanges(ownershipGaps)}`);
    const [mistake] = mistakes;
    if (mistake !== undefined)
      throw new Error(`${mistake.instance}: ${mistake.text} (${JSON.stringify(mistake.detail)})`);
    if (faults.length > 0) throw new Error('a reader failed', { cause: faults[0] });
  };

  await resize(options.instances);
  return {
    ...{ service, partitions, bus, configDb, resize, check },
    connect: (user, wish = {}) => {
      checkGiven('connect', { user }, { user: aText });
      const client = connect({ ...wish, user, getSession });
      clients.push(client);
      return client;
    },
    kill: async (ordinal) => {
      const killed = instances.get(ordinal);
      if (killed === undefined) throw new Error(`there is no instance ${ordinal}`);
      instances.delete(ordinal);
      await killed.stop();
      const { name: instance, incarnation } = killed;
      const victim = { instance, incarnation };
      const hasEnded = async (): Promise<boolean> => true;
      const by = 'simulated-cluster';
      await fenceIncarnation({ bus, appender, clock: systemClock, service, victim, by, hasEnded });
      await view.caughtUp();
      await distribute(ordinals());
    },
    publish: async (key, value) => {
      checkGiven('publish', { key, value }, { key: aText, value: anObject });
      const partition = partitionOf(key, partitions);
      const record = { topic: topics.messages, partition, key, value: JSON.stringify(value) };
      const [offset] = await appender.append([record]);
      return offset as number;
    },
    owners: async () => ranges(),
    mistakes: () => mistakes,
    stop: async () => {
      await Promise.all(clients.map((client) => client.close()));
      for (const instance of instances.values()) await instance.stop();
      await view.close();
      await bus.close();
    },
  };
}

async function until<T>(
  left: () => readonly T[],
  sentence: (left: readonly T[]) => string,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const those = left();
    if (those.length === 0) return;
    if (performance.now() > endMs) throw new Error(`${sentence(those)} within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
