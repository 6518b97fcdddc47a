// Reads chosen partitions of one topic, from chosen offsets, for ever.
//
// Without a consumer group: nothing is joined, committed or rebalanced. One long poll per broker
// asks for every partition that it leads; when the set grows meanwhile (assign, or a callback that
// ended), short polls on a second connection fetch just the newcomers until the long poll ends and
// takes them in. So nothing that stays waits for anything that comes or goes; records that both
// polls bring are told apart by the cursor.
//
//   open ──► connected ──► long polls (one per broker) + short polls for newcomers
//               ▲                     │ any error that is not about a partition
//               └── pause, connect ◄──┘ for ever, until close

import { setTimeout as sleep } from 'node:timers/promises';
import { UnreachableError } from '../../errors.js';
import { joiningMaxWaitMs, kafkaOperationMs, readerMaxWaitMs } from '../../limits.js';
import type { Position, Reader, ReaderSpec } from '../../ports.js';
import { ClosedError } from '../bus-errors.js';
import {
  earliest,
  fetchFrom,
  latest,
  LeaderlessError,
  listOffsets,
  refreshLeaders,
  type Leaders,
} from './brokers.js';
import { kafkaErrorNames, messageOf, type KafkaAddress } from './client.js';
import { Cursors, type Cursor } from '../cursors.js';
import { connect, retryPauseMs, type Connection } from './link.js';

/** Errors of single partitions that end when the cluster has chosen leaders: ask again who leads. */
const staleErrors = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'LeaderlessError',
]);

/** One life of the connections, from connecting until the first error. */
interface Session {
  readonly main: Connection;
  leaders: Leaders;
  joining: Promise<Connection> | undefined;
  /** What the long poll under way asks for, per broker. */
  readonly polled: Map<string, ReadonlySet<Cursor>>;
  readonly lanes: Map<string, Promise<void>>;
  readonly shortPolls: Set<string>;
  fail: (error: unknown) => void;
  ended: boolean;
}

/**
 * Opens a reader; resolves when every position is a number. Throws UnreachableError when Kafka does
 * not answer within `kafkaOperationMs`. An exception in a callback is a programmer error: the reader
 * stops and `onFault` gets it (by default it is thrown where nobody catches it).
 */
export async function openReader(
  address: KafkaAddress,
  spec: ReaderSpec,
  onFault: (error: unknown) => void,
): Promise<Reader> {
  const { topic } = spec;
  const maxWaitMs = spec.maxWaitMs ?? readerMaxWaitMs;
  const cursors = new Cursors(spec, wake, fault);
  let session: Session | undefined;
  const waiting: (() => void)[] = [];
  let attempts = 0;
  let closed = false;
  let assigning: Promise<void> = Promise.resolve();

  /** Something to fetch has come, or the session changed: wakes idle loops, starts short polls. */
  function wake(): void {
    for (const resume of waiting.splice(0)) resume();
    if (session !== undefined) for (const node of session.polled.keys()) joinSoon(session, node);
  }

  function changed(): Promise<void> {
    return new Promise((resolve) => waiting.push(resolve));
  }

  function fault(error: unknown): void {
    if (closed) return;
    address.log('error', `reading ${topic} stops: a callback failed: ${messageOf(error)}`);
    end();
    onFault(error);
  }

  function end(): void {
    closed = true;
    cursors.silence();
    session?.fail(new ClosedError('the reader'));
    wake();
  }

  function readyOn(current: Session, node: string): Cursor[] {
    const found: Cursor[] = [];
    for (const cursor of cursors.ready()) {
      if (current.leaders.get(cursor.partition) === node) found.push(cursor);
    }
    return found;
  }

  async function fetchInto(
    connection: Connection,
    node: string,
    asked: readonly Cursor[],
    waitMs: number,
  ) {
    const positions = asked.map(({ partition, next }) => [partition, next] as const);
    const fetched = await fetchFrom(connection.cluster, node, topic, positions, waitMs);
    if (fetched.length === 0) return;
    const byPartition = new Map(asked.map((cursor) => [cursor.partition, cursor]));
    for (const part of fetched) {
      const cursor = byPartition.get(part.partition);
      if (cursor !== undefined && !closed) cursors.deliver(part, cursor);
    }
  }

  /** The long poll of one broker. */
  async function lane(current: Session, node: string): Promise<void> {
    while (!current.ended) {
      const asked = readyOn(current, node);
      if (asked.length === 0) {
        await changed();
        continue;
      }
      current.polled.set(node, new Set(asked));
      try {
        await fetchInto(current.main, node, asked, maxWaitMs);
        recovered();
      } catch (error) {
        await settle(current, error, asked);
      } finally {
        current.polled.delete(node);
      }
    }
  }

  /** Short polls for what the long poll under way does not ask for; ends when there is nothing left. */
  function joinSoon(current: Session, node: string): void {
    if (current.ended || current.shortPolls.has(node) || newcomers(current, node).length === 0)
      return;
    current.shortPolls.add(node);
    const polls = async () => {
      const connection = await (current.joining ??= connect(address, attempts));
      for (let asked; !current.ended && (asked = newcomers(current, node)).length > 0;) {
        await fetchInto(connection, node, asked, joiningMaxWaitMs);
      }
    };
    // Errors of partitions are the long poll's business; it asks for the same partitions soon.
    polls()
      .catch((error: unknown) => (isPartitionError(error) ? undefined : current.fail(error)))
      .finally(() => current.shortPolls.delete(node));
  }

  function newcomers(current: Session, node: string): Cursor[] {
    const polled = current.polled.get(node);
    return polled === undefined
      ? []
      : readyOn(current, node).filter((cursor) => !polled.has(cursor));
  }

  /** After an error of the long poll: repairs positions, or asks who leads, or ends the session. */
  async function settle(current: Session, error: unknown, asked: readonly Cursor[]): Promise<void> {
    if (current.ended) return;
    if (kafkaErrorNames(error).includes('KafkaJSOffsetOutOfRange')) {
      await repair(current, asked);
    } else if (isPartitionError(error)) {
      trouble(error);
      await sleep(retryPauseMs(attempts++));
      if (current.ended) return;
      const leaders = await refreshLeaders(current.main.cluster, topic).catch(
        (failure: unknown) => {
          if (!isPartitionError(failure)) throw failure;
          return current.leaders;
        },
      );
      current.leaders = leaders;
      startLanes(current);
      wake();
    } else {
      throw error;
    }
  }

  /** Kafka no longer has, or not yet again has, some of the offsets: go on where it has. */
  async function repair(current: Session, asked: readonly Cursor[]): Promise<void> {
    const { cluster } = current.main;
    const partitions = asked.map(({ partition }) => partition);
    const low = await listOffsets(cluster, current.leaders, topic, partitions, earliest);
    const high = await listOffsets(cluster, current.leaders, topic, partitions, latest);
    for (const cursor of asked) {
      const first = low.get(cursor.partition) ?? cursor.next;
      const last = high.get(cursor.partition) ?? cursor.next;
      if (closed) return;
      if (cursor.next < first) cursors.jump(cursor, first);
      else if (cursor.next > last) cursors.jump(cursor, last);
    }
  }

  function startLanes(current: Session): void {
    for (const node of new Set(current.leaders.values())) {
      if (current.ended || current.lanes.has(node)) continue;
      const running = lane(current, node).catch((error: unknown) => current.fail(error));
      current.lanes.set(node, running);
    }
  }

  let troubled = false;
  function trouble(error: unknown): void {
    if (!troubled)
      address.log('warn', `reading ${topic} is interrupted, retrying: ${messageOf(error)}`);
    troubled = true;
  }
  function recovered(): void {
    attempts = 0;
    if (troubled) address.log('info', `reading ${topic} goes on`);
    troubled = false;
  }

  async function begin(): Promise<Session> {
    const main = await connect(address, attempts);
    try {
      const leaders = await refreshLeaders(main.cluster, topic);
      return {
        main,
        leaders,
        joining: undefined,
        polled: new Map(),
        lanes: new Map(),
        shortPolls: new Set(),
        fail: () => undefined,
        ended: false,
      };
    } catch (error) {
      main.client.kill();
      throw error;
    }
  }

  /** Runs until the first error or `close`; afterwards no connection of the session is left. */
  async function consume(current: Session): Promise<void> {
    const failure = await new Promise<unknown>((resolve) => {
      current.fail = resolve;
      startLanes(current);
      if (closed) resolve(new ClosedError('the reader'));
    });
    current.ended = true;
    current.main.client.kill();
    current.joining?.then(
      ({ client }) => client.kill(),
      () => undefined,
    );
    wake();
    await Promise.all(current.lanes.values());
    if (!closed) trouble(failure);
  }

  async function run(first: Session): Promise<void> {
    for (let current: Session | undefined = first; !closed;) {
      session = current;
      if (current !== undefined) await consume(current);
      if (closed) break;
      await sleep(retryPauseMs(attempts++));
      current = await begin().catch((error: unknown) => void trouble(error));
      if (closed) current?.main.client.kill();
    }
    session = undefined;
  }

  /** Numbers for 'start' and 'end', asked of whatever session lives, within `kafkaOperationMs`. */
  async function resolve(positions: ReadonlyMap<number, Position>, of: () => Session | undefined) {
    const started = performance.now();
    const starts = new Map<number, number>();
    for (const [partition, at] of positions) if (typeof at === 'number') starts.set(partition, at);
    // Offsets are definite without asking: `assign` goes on while Kafka is away.
    if (starts.size === positions.size && session !== undefined) return starts;
    const open = { start: earliest, end: latest } as const;
    for (let attempt = 0; ; attempt += 1) {
      if (closed) throw new ClosedError('the reader');
      try {
        const current = of();
        if (current === undefined || current.ended) throw new Error('not connected');
        for (const [word, timestamp] of Object.entries(open)) {
          const asked = [...positions]
            .filter(([, at]) => at === word)
            .map(([partition]) => partition);
          if (asked.length === 0) continue;
          const { cluster } = current.main;
          const found = await listOffsets(cluster, current.leaders, topic, asked, timestamp);
          for (const [partition, offset] of found) starts.set(partition, offset);
        }
        const unknown = [...positions.keys()].filter(
          (partition) => !current.leaders.has(partition),
        );
        if (unknown.length > 0) throw new LeaderlessError(topic, unknown);
        return starts;
      } catch (error) {
        if (performance.now() - started > kafkaOperationMs) throw unreachable(error);
        await sleep(retryPauseMs(attempt));
        const current = of();
        if (current !== undefined && !current.ended && isPartitionError(error)) {
          const fresh = await refreshLeaders(current.main.cluster, topic).catch(
            () => current.leaders,
          );
          current.leaders = fresh;
          startLanes(current);
        }
      }
    }
  }

  function unreachable(error: unknown): Error {
    const text = `Kafka at ${address.brokers.join(',')} did not answer (reading ${topic}: ${messageOf(error)})`;
    return new UnreachableError('Kafka', text, error);
  }

  const started = performance.now();
  let first: Session | undefined;
  for (let attempt = 0; first === undefined; attempt += 1) {
    attempts = attempt;
    first = await begin().catch(async (error: unknown) => {
      if (performance.now() - started > kafkaOperationMs) throw unreachable(error);
      await sleep(retryPauseMs(attempt));
      return undefined;
    });
  }
  const opened = first;
  try {
    cursors.replace(spec.positions.keys(), await resolve(spec.positions, () => opened));
  } catch (error) {
    opened.main.client.kill();
    throw error;
  }
  const running = run(opened);

  return {
    positions: () => cursors.positions(),
    assign(positions) {
      const assigned = assigning.then(async () => {
        const added = [...positions].filter(([partition]) => !cursors.has(partition));
        const starts = await resolve(new Map(added), () => session);
        if (closed) throw new ClosedError('the reader');
        cursors.replace(positions.keys(), starts);
      });
      assigning = assigned.catch(() => undefined);
      return assigned;
    },
    async close() {
      const connected = session !== undefined && !session.ended;
      if (!closed) end();
      // While it waits to reconnect there is nothing to end; its next step sees that it is closed.
      if (connected) await running;
    },
  };
}

function isPartitionError(error: unknown): boolean {
  return kafkaErrorNames(error).some((name) => staleErrors.has(name));
}
