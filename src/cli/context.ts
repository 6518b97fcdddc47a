// Owns: where a command finds the backing services (options, then environment, then this checkout's
// running local stack) and the adapters opened on the way. Never opens what a command does not use.

import type { Command } from 'commander';
import type { DataConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { readKafkaSecurity, type KafkaSecurity } from '../connections/kafka.js';
import type { Problem } from '../connections/look-at-tls.js';
import { readMongoAccess, type MongoAccess } from '../connections/mongo.js';
import { readPrometheusAccess, type PrometheusAccess } from '../connections/prometheus.js';
import { readTemporalSecurity, type TemporalSecurity } from '../connections/temporal.js';
import { BadInputError, UnreachableError } from '../errors.js';
import type { KubernetesPlatform } from '../adapters/kubernetes.js';
import { directorySettings } from './directory-settings.js';
import { platformKind, platformSettings } from './platform-settings.js';
import { dataConverterOf, payloadKeysVariable } from '../payload-codec.js';
import type { Bus, ConfigDb, Platform, TopicSettings } from '../ports.js';
import type { TimeSeriesSource } from '../time-series-port.js';
import { said } from './given.js';
import { keptFor, once } from './once.js';
import { runningStackEnv } from './running-stack.js';

/** Every setting that a command may need, with the option that sets it and what it looks like. */
const everywhere = {
  TEMPORAL_ADDRESS: { flag: '--temporal-address', example: '127.0.0.1:7233' },
  TEMPORAL_NAMESPACE: { flag: '--temporal-namespace', example: 'default' },
  KAFKA_BROKERS: { flag: '--kafka-brokers', example: '127.0.0.1:9092' },
  MONGODB_URI: { flag: '--mongodb-uri', example: 'mongodb://127.0.0.1:27017' },
  MONGODB_DATABASE: { flag: '--mongodb-database', example: 'evenkeel' },
  TEMPORAL_UI_URL: { flag: '--temporal-ui-url', example: 'http://127.0.0.1:8233' },
  PROMETHEUS_URL: { flag: '--prometheus-url', example: 'http://127.0.0.1:9090' },
  ...platformSettings,
} as const;
const settings = { ...everywhere, ...directorySettings };

export type SettingName = keyof typeof settings;

/** For commands that look at everything, or run it: all but where people look. */
const { TEMPORAL_UI_URL: _, ...connecting } = everywhere;
export const allSettings = Object.keys(connecting) as readonly SettingName[];

/** A stack says where its parts are one after the other, and a console may be there before the last. */
const stackKeptMsDefault = 5_000;

export interface CliContext {
  /** Option, environment, running local stack; BadInputError naming all three when there is none. */
  require(name: SettingName): Promise<string>;
  /** As `require`, undefined when nothing gives it. */
  find(name: SettingName): Promise<string | undefined>;
  /** Kafka, opened once. */
  bus(): Promise<Bus>;
  /** How Kafka keeps these topics. */
  topicSettings(topics: readonly string[]): Promise<readonly TopicSettings[]>;
  /** MongoDB, opened once. */
  configDb(): Promise<ConfigDb>;
  /** Kubernetes or the local supervisor, by EVENKEEL_PLATFORM, opened once. */
  platform(): Promise<Platform>;
  /** Null when the platform is not Kubernetes. */
  kubernetes(): Promise<KubernetesPlatform | null>;
  /** Whether anything says which platform runs the instances. */
  knowsPlatform(): Promise<boolean>;
  /** Encrypts what Temporal keeps, when EVENKEEL_PAYLOAD_KEYS says so. */
  dataConverter(): DataConverter | undefined;
  /** Prometheus; undefined when nothing says where it is. */
  timeSeries(): Promise<TimeSeriesSource | undefined>;
  /** Temporal, connected once; UnreachableError when it does not answer. */
  temporal(): Promise<Client>;
  /** How Temporal is spoken to; for the worker, which makes a connection of its own. */
  temporalSecurity(): Promise<TemporalSecurity>;
  /** Where each backing service is and how it is spoken to, one answer each. */
  readonly connections: ConnectionQuestions;
  /** Closes what was opened, last first. */
  close(): Promise<void>;
}

/** Undefined when nothing says where it is. Each rejects with the BadInputError of its settings. */
export interface ConnectionQuestions {
  readonly kafka: () => Promise<KafkaWanted | undefined>;
  readonly temporal: () => Promise<TemporalWanted | undefined>;
  readonly mongo: () => Promise<MongoAccess | undefined>;
  readonly prometheus: () => Promise<PrometheusAccess | undefined>;
}
export interface KafkaWanted {
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
}
export interface TemporalWanted {
  readonly address: string;
  readonly security: TemporalSecurity;
}

/** Adds the options of the settings that a command uses, so that its --help names them. */
export function withSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { flag, example } = settings[name];
    command.option(`${flag} <value>`, `instead of ${name}, for example ${example}`);
  }
  return command;
}

/** Settings and lazily opened adapters of one run of a command. */
export function createContext(from: {
  readonly options: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Environment of the running local stack; replaced in tests. */
  readonly stackEnv?: () => Promise<Readonly<Record<string, string | undefined>>>;
  readonly stackKeptMs?: number;
}): CliContext {
  const closers: (() => Promise<void>)[] = [];
  const stackEnv = keptFor(
    from.stackKeptMs ?? stackKeptMsDefault,
    from.stackEnv ?? (() => runningStackEnv(from.env)),
  );

  const find = async (name: SettingName): Promise<string | undefined> => {
    const { flag } = settings[name];
    const option = from.options[optionKey(flag)];
    if (typeof option === 'string') return said(flag, option, exampleOf(name));
    return from.env[name] || (await stackEnv())[name] || undefined;
  };
  const require = async (name: SettingName): Promise<string> => {
    const value = await find(name);
    if (value === undefined) throw missing(name);
    return value;
  };
  const opened = <T extends { close(): Promise<void> }>(open: () => Promise<T>) =>
    once(async () => {
      const adapter = await open();
      closers.push(() => adapter.close());
      return adapter;
    });

  const kubernetes = once(async () => {
    if ((await platformKind(find)) !== 'kubernetes') return null;
    const { openKubernetes } = await import('./kubernetes-settings.js');
    const platform = await openKubernetes(find, from.env);
    closers.push(() => platform.close());
    return platform;
  });

  const dataConverter = () => dataConverterOf(from.env[payloadKeysVariable]);

  const connections: ConnectionQuestions = {
    kafka: async () => {
      const listed = await find('KAFKA_BROKERS');
      if (listed === undefined) return undefined;
      const brokers = listed.split(',').map((broker) => broker.trim());
      return { brokers, security: readKafkaSecurity(from.env, brokers) };
    },
    temporal: async () => {
      const address = await find('TEMPORAL_ADDRESS');
      if (address === undefined) return undefined;
      return { address, security: readTemporalSecurity(from.env, address) };
    },
    prometheus: async () =>
      readPrometheusAccess({ ...from.env, PROMETHEUS_URL: await find('PROMETHEUS_URL') }),
    mongo: async () => {
      const option = from.options[optionKey(settings.MONGODB_URI.flag)];
      const isFile = typeof option !== 'string' && Boolean(from.env['MONGODB_URI_FILE']);
      const uri = isFile ? from.env['MONGODB_URI'] : await find('MONGODB_URI');
      return readMongoAccess({
        ...from.env,
        MONGODB_URI: uri,
        ...(isFile ? {} : { MONGODB_URI_FILE: undefined }),
      });
    },
  };
  const wanted = async <T>(name: SettingName, question: () => Promise<T | undefined>) => {
    const answer = await question();
    if (answer === undefined) throw missing(name);
    return answer;
  };

  return {
    find,
    require,
    dataConverter,
    connections,
    bus: opened(async () => {
      const { connectKafka } = await import('../adapters/kafka.js');
      return connectKafka(kafkaAddress(await wanted('KAFKA_BROKERS', connections.kafka)));
    }),
    topicSettings: async (topics) => {
      const { topicSettings } = await import('../adapters/kafka/topic-settings.js');
      const kafka = await wanted('KAFKA_BROKERS', connections.kafka);
      return topicSettings(kafkaAddress(kafka), topics);
    },
    configDb: opened(async () => {
      const { connectMongo } = await import('../adapters/mongo.js');
      const access = await wanted('MONGODB_URI', connections.mongo);
      const database = await find('MONGODB_DATABASE');
      return connectMongo({ ...access, ...(database === undefined ? {} : { database }) });
    }),
    kubernetes,
    knowsPlatform: async () =>
      (await platformKind(find)) === 'kubernetes' ||
      (await find('EVENKEEL_SUPERVISOR_URL')) !== undefined,
    platform: once(async () => {
      const cluster = await kubernetes();
      if (cluster !== null) return cluster;
      const { connectProcesses } = await import('../adapters/processes.js');
      return connectProcesses({
        url: await require('EVENKEEL_SUPERVISOR_URL'),
        token: await require('EVENKEEL_SUPERVISOR_TOKEN'),
      });
    }),
    timeSeries: once(async () => {
      const access = await connections.prometheus();
      return access && (await import('../adapters/prometheus.js')).prometheusSource(access);
    }),
    temporal: once(async () => {
      const temporal = await wanted('TEMPORAL_ADDRESS', connections.temporal);
      const namespace = (await find('TEMPORAL_NAMESPACE')) ?? 'default';
      const client = await openTemporal(temporal, namespace, dataConverter());
      closers.push(() => client.connection.close());
      return client;
    }),
    temporalSecurity: async () => (await wanted('TEMPORAL_ADDRESS', connections.temporal)).security,
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

function missing(name: SettingName): BadInputError {
  const { flag, example } = settings[name];
  return new BadInputError(
    `${name} is not known: give ${flag} ${example}, or set ${name} in the environment, or start the local stack with: npm run stack -- up`,
    { field: name, found: 'nothing', allowed: exampleOf(name) },
  );
}

/** Throws UnreachableError when it does not answer, BadInputError when it has no such namespace. */
export async function openTemporal(
  { address, security }: TemporalWanted,
  namespace: string,
  dataConverter: DataConverter | undefined,
): Promise<Client> {
  const [{ Client }, { connectTemporal, refusalOf }] = await Promise.all([
    import('@temporalio/client'),
    import('../temporal-connection.js'),
  ]);
  const connection = await connectTemporal(address, security);
  try {
    await requireNamespace(connection.workflowService, namespace, (error) =>
      refusalOf(address, security, error),
    );
  } catch (error) {
    await connection.close();
    throw error;
  }
  return new Client({
    connection,
    namespace,
    ...(dataConverter === undefined ? {} : { dataConverter }),
  });
}

/**
 * Throws BadInputError when the server has no such namespace, UnreachableError when it refuses us; whatever
 * else it says, later calls meet.
 */
export async function requireNamespace(
  service: { describeNamespace(request: { namespace: string }): Promise<unknown> },
  namespace: string,
  refusal: (error: unknown) => Problem | undefined = () => undefined,
): Promise<void> {
  try {
    await service.describeNamespace({ namespace });
  } catch (cause) {
    const problem = refusal(cause);
    if (problem !== undefined) {
      const found = `TEMPORAL_ADDRESS: ${problem.found}`;
      throw new UnreachableError('temporal', found, cause, problem.mend);
    }
    if ((cause as { code?: unknown }).code !== 5) return; // gRPC's NOT_FOUND is 5.
    throw new BadInputError(
      `Temporal has no namespace ${namespace} (TEMPORAL_NAMESPACE): create it, or name another`,
      { field: 'TEMPORAL_NAMESPACE', found: namespace, allowed: 'an existing namespace', cause },
    );
  }
}

const kafkaAddress = ({ brokers, security }: KafkaWanted) => ({
  brokers,
  security,
  clientId: 'evenkeel-cli',
  log: () => undefined,
  onUnreadable: () => undefined,
});

const exampleOf = (name: SettingName): string => `for example ${settings[name].example}`;

/** `--mongodb-uri` → `mongodbUri`, as commander names it. */
function optionKey(flag: string): string {
  return flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
