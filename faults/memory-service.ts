// Owns: one service in memory: ports, policy, simulated instances, and the questions that tests and the
// fault matrix ask of it. Knows nothing of Temporal.

import { createMemoryBus } from '../src/adapters/memory/bus.js';
import { createMemoryConfigDb } from '../src/adapters/memory/config-db.js';
import { createMemoryPlatform } from '../src/adapters/memory/platform.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { rangesByInstance } from '../src/core/distribution.js';
import { formatRanges } from '../src/core/ranges.js';
import { ordinalOf, type OwnedRange } from '../src/core/records.js';
import { policyDefaults, type Policy } from '../src/core/scaling/policy.js';
import { openOwnershipView } from '../src/logs/ownership-view.js';
import { topicSpecs } from '../src/logs/topics.js';
import type { ConfigDb, MetricsSource } from '../src/ports.js';
import { absentable } from './away.js';
import { simulateService, type SimulatedOptions } from './simulated-service.js';

export interface MemoryServiceOptions extends Partial<
  Pick<SimulatedOptions, 'clientsPerPartition' | 'mayMove'>
> {
  readonly service: string;
  readonly replicas: number;
  readonly partitions?: number;
  readonly policy?: Partial<Policy>;
  /** Another than the one in memory. */
  readonly configDb?: ConfigDb;
  /** False: new instances stay `starting` until `platform.ready` is called. */
  readonly autoReady?: (instance: { readonly template: string }) => boolean;
}

export type MemoryService = Awaited<ReturnType<typeof openMemoryService>>;

export async function openMemoryService(options: MemoryServiceOptions) {
  const { service, partitions = 360 } = options;
  const memory = createMemoryConfigDb();
  let topicCount = partitions;
  const real = { ...createMemoryBus(), partitionCount: async () => topicCount };
  const { bus, configDb: own, setAway } = absentable({ bus: real, configDb: memory });
  const configDb = options.configDb ?? own;
  const lose = memory.backup();
  await bus.ensureTopics(topicSpecs(service, partitions));
  const simulated = simulateService({ ...options, bus, configDb, partitions });
  const platform = createMemoryPlatform({
    onStart: (_service, instance) => void simulated.start(instance),
    autoReady: (instance) => options.autoReady?.(instance) ?? true,
    onStop: (_service, instance) => simulated.stop(instance),
  });
  platform.declare(service, { replicas: options.replicas });
  const metrics: MetricsSource = {
    load: async () =>
      (await configDb.reports(service)).map(({ instance, clients }) => ({
        instance,
        clients,
        ageMs: 0,
      })),
  };
  const policy: Policy = {
    ...policyDefaults,
    service,
    partitions,
    instances: { min: 1, max: 8 },
    clientsPerInstance: { upper: 250, lower: 50, target: 150 },
    tolerance: 0,
    cooldownMs: 0,
    // One evaluation decides.
    stabilisation: { ...policyDefaults.stabilisation, upMs: 0, downMs: 0 },
    // Whoever wants one of these to run out says a shorter one: a saga that a test keeps waiting has time.
    instanceStartMs: 60_000,
    prepareMs: 60_000,
    notifyMs: 60_000,
    handOverStallMs: 60_000,
    ...options.policy,
  };
  await configDb.insertPolicy({ service, revision: 1, policy, by: 'test', atMs: Date.now() });
  const ports = { configDb, bus, platform, metrics, clock: systemClock };

  const ranges = async (): Promise<readonly OwnedRange[]> => {
    const view = await openOwnershipView({ bus, service, partitions });
    const held = view
      .ranges()
      .map(
        ([from, to, name]) => [from, to, (name === null ? null : ordinalOf(name)) ?? -1] as const,
      );
    await view.close();
    return held;
  };
  return {
    service,
    partitions,
    bus,
    configDb,
    platform,
    simulated,
    ports,
    policy,
    /** By the ownership log; ordinal -1 where nobody holds. */
    ranges,
    setAway,
    /** Of ConfigDB in memory; the answer restores it. */
    backup: () => memory.backup(),
    /** ConfigDB is empty, as new. */
    loseConfigDb: () => lose(),
    /** From now on Kafka says that the messages' topic has so many partitions. */
    topicHas: (count: number) => void (topicCount = count),
    /** `{0: '[0-179]', …}` by the ownership log. */
    owned: async (): Promise<Record<number, string>> =>
      Object.fromEntries(
        [...rangesByInstance({ ranges: await ranges() })].map(([o, own]) => [o, formatRanges(own)]),
      ),
    /** The process of an instance is gone; `down`: and does not come back. Resolves with its incarnation. */
    crash: async (name: string, stays?: 'down'): Promise<string> => {
      const uid = platform.crash(service, name, stays);
      await simulated.kill(uid);
      return uid;
    },
    incarnationOf: async (name: string): Promise<string> => {
      const { instances } = await platform.observe(service);
      return instances.find((one) => one.name === name)?.uid ?? '';
    },
    replicas: async () => (await platform.observe(service)).replicas,
  };
}
