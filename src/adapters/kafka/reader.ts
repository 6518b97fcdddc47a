// Reads chosen partitions of one topic, from chosen offsets, for ever. Without a consumer group:
// nothing is joined, committed or rebalanced; positions live here (src/adapters/cursors.ts) and
// outlast the connections.
//
//   open ──► session: polls (session.ts) ──► onRecords, onJump
//               ▲             │ connection lost
//               └─── pause ◄──┘ for ever, until close

import { setTimeout as sleep } from 'node:timers/promises';
import { UnreachableError } from '../../errors.js';
import { kafkaOperationMs, readerMaxWaitMs } from '../../limits.js';
import type { Position, Reader, ReaderSpec } from '../../ports.js';
import { ClosedError } from '../bus-errors.js';
import { Cursors } from '../cursors.js';
import { earliest, latest, LeaderlessError, listOffsets } from './brokers.js';
import { messageOf, type KafkaAddress } from './client.js';
import { retryPauseMs } from './link.js';
import { isPartitionError, openSession, type Session } from './session.js';

/**
 * Opens a reader; resolves when every position is a number. Throws UnreachableError when Kafka does
 * not answer within `kafkaOperationMs`. An exception in a callback is a programmer error: the reader
 * stops and `onFault` gets it.
 */
export async function openReader(
  address: KafkaAddress,
  spec: ReaderSpec,
  onFault: (error: unknown) => void,
): Promise<Reader> {
  const { topic } = spec;
  const maxWaitMs = spec.maxWaitMs ?? readerMaxWaitMs;
  const cursors = new Cursors(spec, () => session?.wake(), fault);
  let session: Session | undefined;
  let attempts = 0;
  let troubled = false;
  let closed = false;
  let assigning: Promise<void> = Promise.resolve();

  function onTrouble(error: unknown): void {
    if (!troubled)
      address.log('warn', `reading ${topic} is interrupted, retrying: ${messageOf(error)}`);
    troubled = true;
  }

  function onRecovered(): void {
    attempts = 0;
    if (troubled) address.log('info', `reading ${topic} goes on`);
    troubled = false;
  }

  const begin = () =>
    openSession({ address, topic, maxWaitMs, cursors, onTrouble, onRecovered }, attempts);

  function fault(error: unknown): void {
    if (closed) return;
    address.log('error', `reading ${topic} stops: a callback failed: ${messageOf(error)}`);
    stop();
    onFault(error);
  }

  function stop(): void {
    closed = true;
    cursors.silence();
    session?.end(new ClosedError('the reader'));
  }

  async function run(first: Session): Promise<void> {
    for (let current: Session | undefined = first; !closed;) {
      session = current;
      const why = await current?.run();
      if (closed) return;
      if (current !== undefined) {
        current.end(why);
        onTrouble(why);
      }
      await sleep(retryPauseMs(attempts++));
      current = await begin().catch((error: unknown) => void onTrouble(error));
      if (closed) current?.end(new ClosedError('the reader'));
    }
  }

  /** Offsets for 'start' and 'end', asked of whatever session lives; numbers stand as they are. */
  async function resolve(
    positions: ReadonlyMap<number, Position>,
    of: () => Session | undefined,
  ): Promise<ReadonlyMap<number, number>> {
    const starts = new Map<number, number>();
    for (const [partition, at] of positions) if (typeof at === 'number') starts.set(partition, at);
    // Numbers are definite without asking: `assign` goes on while Kafka is away.
    if (starts.size === positions.size && session !== undefined) return starts;
    const started = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      if (closed) throw new ClosedError('the reader');
      const live = of();
      try {
        if (live === undefined || live.ended) throw new Error('not connected');
        return await ask(live, positions, starts);
      } catch (error) {
        if (performance.now() - started > kafkaOperationMs) throw unreachable(error);
        await sleep(retryPauseMs(attempt));
        if (live !== undefined && !live.ended && isPartitionError(error)) {
          await live.refresh().catch((failure: unknown) => live.end(failure));
        }
      }
    }
  }

  async function ask(
    live: Session,
    positions: ReadonlyMap<number, Position>,
    starts: Map<number, number>,
  ): Promise<ReadonlyMap<number, number>> {
    for (const [word, timestamp] of [
      ['start', earliest],
      ['end', latest],
    ] as const) {
      const asked = [...positions].filter(([, at]) => at === word).map(([partition]) => partition);
      if (asked.length === 0) continue;
      const found = await listOffsets(live.cluster, live.leaders(), topic, asked, timestamp);
      for (const [partition, offset] of found) starts.set(partition, offset);
    }
    const leaderless = [...positions.keys()].filter((partition) => !live.leaders().has(partition));
    if (leaderless.length > 0) throw new LeaderlessError(topic, leaderless);
    return starts;
  }

  function unreachable(error: unknown): Error {
    const where = address.brokers.join(',');
    return new UnreachableError(
      'Kafka',
      `Kafka at ${where} did not answer (reading ${topic}: ${messageOf(error)})`,
      error,
    );
  }

  const started = performance.now();
  let first: Session | undefined;
  while (first === undefined) {
    try {
      first = await begin();
      cursors.replace(spec.positions.keys(), await resolve(spec.positions, () => first));
    } catch (error) {
      first?.end(error);
      first = undefined;
      if (error instanceof UnreachableError || performance.now() - started > kafkaOperationMs)
        throw unreachable(error);
      await sleep(retryPauseMs(attempts++));
    }
  }
  const running = run(first);

  return {
    positions: () => cursors.positions(),
    assign(positions) {
      const assigned = assigning.then(async () => {
        if (closed) throw new ClosedError('the reader');
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
      if (!closed) stop();
      // While it waits to reconnect there is nothing to end; its next step sees that it is closed.
      if (connected) await running;
    },
  };
}
