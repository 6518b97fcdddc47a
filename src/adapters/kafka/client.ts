// A kafkajs client that can be ended for good: it owns its sockets, so that `kill` leaves no retry,
// timer or late write behind. All retries are ours (kafkajs gets none), because only the caller
// knows what may be repeated. Never reads or writes records itself.

import net from 'node:net';
import tls from 'node:tls';
import {
  Kafka,
  logLevel,
  PartitionAssigners,
  type Cluster,
  type ISocketFactory,
  type SASLOptions,
} from 'kafkajs';
import type { KafkaSasl, KafkaSecurity } from '../../connections/kafka.js';
import { readTls } from '../../connections/tls.js';
import { connectTimeoutMs } from '../../limits.js';
import type { OnUnreadable } from './brokers.js';
import { quietenRequestQueues } from './quiet-queue.js';

quietenRequestQueues();

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

export interface KafkaAddress {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly security?: KafkaSecurity | undefined;
  readonly log: Log;
  /** A batch of some partition cannot be read and is passed over. */
  readonly onUnreadable: OnUnreadable;
}

export interface KafkaClient {
  readonly kafka: Kafka;
  /** Destroys every socket and refuses new ones: nothing is sent after this returns. */
  kill(): void;
}

/** No connection is made before it is used. `requestMs`: an unanswered request is lost after this. */
export function createClient(address: KafkaAddress, requestMs: number): KafkaClient {
  const sockets = new Set<net.Socket>();
  let killed = false;
  const { tls: secure, sasl } = address.security ?? {};
  const socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    if (killed) throw new Error('this client is closed');
    const socket =
      secure === undefined
        ? net.connect({ host, port }, onConnect)
        : tls.connect(
            { host, port, ...servername(secure.serverName ?? host), ...readTls(secure) },
            onConnect,
          );
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 15_000);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const kafka = new Kafka({
    brokers: [...address.brokers],
    clientId: address.clientId,
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestMs,
    retry: { retries: 0, initialRetryTime: 10, maxRetryTime: 10 },
    socketFactory,
    logLevel: logLevel.WARN,
    // What kafkajs calls an error is mostly a broker that is away, which we retry and report ourselves.
    logCreator: () => (entry) => address.log('debug', `kafkajs: ${entry.log.message}`),
    ssl: secure !== undefined,
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  });
  return {
    kafka,
    kill() {
      killed = true;
      // With an error, so that kafkajs rejects what is under way instead of waiting for it.
      for (const socket of sockets) socket.destroy(new Error('this client is closed'));
    },
  };
}

/** An address has no name to ask for; Node then compares the address itself. */
function servername(name: string) {
  return net.isIP(name) ? {} : { servername: name };
}

/** kafkajs asks for the password whenever it logs in: so it gets the one that holds now. */
function saslOf({ mechanism, username, password }: KafkaSasl): SASLOptions {
  return {
    mechanism,
    username,
    get password() {
      return password.read();
    },
  };
}

/**
 * Connection to the brokers without a consumer group. kafkajs has no manual assignment, but hands
 * its Cluster (documented, typed) to a partition assigner when a consumer is constructed; that
 * consumer is never run, and its group id never leaves this process.
 */
export async function connectCluster(client: KafkaClient): Promise<Cluster> {
  const handed: Cluster[] = [];
  client.kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    retry: { retries: 0 },
    partitionAssigners: [
      (config) => {
        handed.push(config.cluster);
        return PartitionAssigners.roundRobin(config);
      },
    ],
  });
  const cluster = handed[0];
  if (cluster === undefined) throw new Error('kafkajs handed no cluster to the assigner');
  await cluster.connect();
  return cluster;
}

/** Error of kafkajs → its protocol type (`NOT_LEADER_FOR_PARTITION`) or its class, through all causes. */
export function kafkaErrorNames(error: unknown): string[] {
  const names: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth += 1) {
    const type: unknown = (current as { type?: unknown }).type;
    names.push(current.name, ...(typeof type === 'string' ? [type] : []));
    current = current.cause;
  }
  return names;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
