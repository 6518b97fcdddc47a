// One life of a reader's connections: from connecting until the first error that is not about single
// partitions. One long poll per broker asks for every partition that it leads; when the set grows
// meanwhile (assign, or a callback that ended), short polls on a second connection fetch just the
// newcomers until the long poll ends and takes them in. So nothing that stays waits for anything
// that comes or goes; a record that both polls bring is handed out once, by its cursor. Never
// reconnects: its owner starts another session.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from 'kafkajs';
import { joiningMaxWaitMs, readerPauseFrom, readerPauseMs } from '../../limits.js';
import type { Cursor, Cursors } from '../cursors.js';
import {
  earliest,
  fetchFrom,
  knownLeaders,
  latest,
  listOffsets,
  refreshLeaders,
  type Leaders,
} from './brokers.js';
import { kafkaErrorNames, type KafkaAddress } from './client.js';
import { connect, retryPauseMs, type Connection } from './link.js';

/** Errors of single partitions that end when the cluster has chosen leaders: ask again who leads. */
const partitionErrors = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'LeaderlessError',
]);

export function isPartitionError(error: unknown): boolean {
  return kafkaErrorNames(error).some((name) => partitionErrors.has(name));
}

export interface SessionSpec {
  readonly address: KafkaAddress;
  readonly topic: string;
  readonly maxWaitMs: number;
  readonly cursors: Cursors;
  /** A fetch worked. */
  onRecovered(): void;
  /** A fetch failed for want of a leader; the session goes on. */
  onTrouble(error: unknown): void;
}

export interface Session {
  readonly cluster: Cluster;
  leaders(): Leaders;
  /** Asks again who leads; while the cluster does not know, the old answer stands. */
  refresh(): Promise<void>;
  /** Something to fetch has come. */
  wake(): void;
  /** Fetches until `end` or an error, which it returns; then no connection and no poll is left. */
  run(): Promise<unknown>;
  end(why: unknown): void;
  readonly ended: boolean;
}

/** `attempt`: see `connect`. */
export async function openSession(spec: SessionSpec, attempt: number): Promise<Session> {
  const { address, topic, cursors } = spec;
  const main = await connect(address, attempt);
  let joining: Promise<Connection> | undefined;
  let leaders: Leaders;
  try {
    leaders = await knownLeaders(main.cluster, topic);
  } catch (error) {
    main.client.kill();
    throw error;
  }
  /** What the long poll under way asks for, per broker. */
  const polled = new Map<string, ReadonlySet<Cursor>>();
  const lanes = new Map<string, Promise<void>>();
  const shortPolls = new Set<string>();
  const idle: (() => void)[] = [];
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<unknown>((resolve) => (fail = resolve));
  let ended = false;
  let running = false;
  let failures = 0;

  function end(why: unknown): void {
    if (ended) return;
    ended = true;
    fail(why);
    main.client.kill();
    joining?.then(
      ({ client }) => client.kill(),
      () => undefined,
    );
    wake();
  }

  function wake(): void {
    for (const resume of idle.splice(0)) resume();
    for (const node of polled.keys()) joinSoon(node);
  }

  function readyOn(node: string): Cursor[] {
    const found: Cursor[] = [];
    for (const cursor of cursors.ready()) {
      if (leaders.get(cursor.partition) === node) found.push(cursor);
    }
    return found;
  }

  /** Ready, but not in the long poll under way. */
  function newcomersOn(node: string): Cursor[] {
    const asked = polled.get(node);
    return asked === undefined ? [] : readyOn(node).filter((cursor) => !asked.has(cursor));
  }

  async function fetchInto(
    from: Connection,
    node: string,
    asked: readonly Cursor[],
    waitMs: number,
  ): Promise<boolean> {
    const positions = asked.map(({ partition, next }) => [partition, next] as const);
    const fetched = await fetchFrom(
      from.cluster,
      node,
      topic,
      positions,
      waitMs,
      address.onUnreadable,
    );
    if (fetched.length === 0) return false;
    const byPartition = new Map(asked.map((cursor) => [cursor.partition, cursor]));
    for (const part of fetched) {
      const cursor = byPartition.get(part.partition);
      if (cursor !== undefined && !ended) cursors.deliver(part, cursor);
    }
    return true;
  }

  /** The long polls of one broker. */
  async function lane(node: string): Promise<void> {
    while (!ended) {
      const asked = readyOn(node);
      if (asked.length === 0) {
        await new Promise<void>((resolve) => idle.push(resolve));
        continue;
      }
      polled.set(node, new Set(asked));
      try {
        const some = await fetchInto(main, node, asked, spec.maxWaitMs);
        failures = 0;
        spec.onRecovered();
        // Kafka answers at the first record: without a pause a busy reader asks for all its
        // partitions again and again for one record each.
        if (some && asked.length >= readerPauseFrom && !ended) await sleep(readerPauseMs);
      } catch (error) {
        if (!ended) await settle(error, asked);
      } finally {
        polled.delete(node);
      }
    }
  }

  async function connectJoining(): Promise<Connection> {
    const connection = await connect(address, attempt);
    // The cluster knows no broker before it was asked for a topic.
    await knownLeaders(connection.cluster, topic).catch((error: unknown) => {
      if (!isPartitionError(error)) throw error;
    });
    if (ended) connection.client.kill();
    return connection;
  }

  /** Short polls until the long poll under way ends or there is nothing that it does not ask for. */
  function joinSoon(node: string): void {
    if (ended || shortPolls.has(node) || newcomersOn(node).length === 0) return;
    shortPolls.add(node);
    const polls = async () => {
      const connection = await (joining ??= connectJoining());
      for (let asked; !ended && (asked = newcomersOn(node)).length > 0;) {
        await fetchInto(connection, node, asked, joiningMaxWaitMs);
      }
    };
    // Errors of partitions are the long poll's business; it asks for the same partitions soon.
    polls()
      .catch((error: unknown) => (isPartition(error) ? undefined : end(error)))
      .finally(() => shortPolls.delete(node));
  }

  /** After an error of a long poll: repairs positions, or asks who leads, or gives up the session. */
  async function settle(error: unknown, asked: readonly Cursor[]): Promise<void> {
    if (kafkaErrorNames(error).includes('KafkaJSOffsetOutOfRange')) return repair(asked);
    if (!isPartitionError(error)) throw error;
    spec.onTrouble(error);
    await sleep(retryPauseMs(failures++));
    if (!ended) await refresh();
  }

  /** Kafka no longer has, or not yet again has, some of the offsets: goes on where it has. */
  async function repair(asked: readonly Cursor[]): Promise<void> {
    const partitions = asked.map(({ partition }) => partition);
    const low = await listOffsets(main.cluster, leaders, topic, partitions, earliest);
    const high = await listOffsets(main.cluster, leaders, topic, partitions, latest);
    for (const cursor of asked) {
      const first = low.get(cursor.partition) ?? cursor.next;
      const last = high.get(cursor.partition) ?? cursor.next;
      if (ended) return;
      if (cursor.next < first) cursors.jump(cursor, first);
      else if (cursor.next > last) cursors.jump(cursor, last);
    }
  }

  async function refresh(): Promise<void> {
    try {
      leaders = await refreshLeaders(main.cluster, topic);
    } catch (error) {
      if (!isPartitionError(error)) throw error;
    }
    if (running) startLanes();
    wake();
  }

  function startLanes(): void {
    for (const node of new Set(leaders.values())) {
      if (ended || lanes.has(node)) continue;
      lanes.set(
        node,
        lane(node).catch((error: unknown) => end(error)),
      );
    }
  }

  return {
    cluster: main.cluster,
    leaders: () => leaders,
    refresh,
    wake,
    async run() {
      running = true;
      startLanes();
      const why = await failed;
      await Promise.all(lanes.values());
      return why;
    },
    end,
    get ended() {
      return ended;
    },
  };
}

/** What a short poll may leave to the long poll. */
function isPartition(error: unknown): boolean {
  return isPartitionError(error) || kafkaErrorNames(error).includes('KafkaJSOffsetOutOfRange');
}
