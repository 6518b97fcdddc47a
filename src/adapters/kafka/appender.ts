// An ordered, idempotent writer: one send at a time, whatever arrives meanwhile goes out together
// next. A send goes to one leader, so that repeating it after an error repeats exactly what may not
// have been written (an idempotent repeat is dropped by Kafka). Once an append has failed for good
// its producer is ended before anybody is told: it cannot write later, behind a newer record.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, Producer } from 'kafkajs';
import { BadInputError, UnreachableError } from '../../errors.js';
import {
  appendGroupMaxBytes,
  appendQueueMax,
  appendRetryMs,
  appendWaitMs,
  kafkaRequestMs,
  recordMaxBytes,
} from '../../limits.js';
import type { Appender, OutRecord } from '../../ports.js';
import { AppendFailedError, ClosedError } from '../bus-errors.js';
import {
  createClient,
  kafkaErrorNames,
  messageOf,
  type KafkaAddress,
  type KafkaClient,
} from './client.js';
import { within } from './link.js';

/** One call of `append`. */
interface Call {
  readonly records: readonly OutRecord[];
  readonly bytes: number;
  readonly resolve: (offsets: readonly number[]) => void;
  readonly reject: (error: Error) => void;
}

interface Live {
  readonly client: KafkaClient;
  readonly producer: Producer;
}

const recordOverheadBytes = 64;

/** Errors after which the same send may be repeated with the same producer. */
const retriableErrors = new Set([
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSLockTimeout',
  'KafkaJSBrokerNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'LEADER_NOT_AVAILABLE',
]);

/** Who leads what, as far as it matters to a send. */
export interface SendLeaders {
  /**
   * The first of the records and all others whose partitions have the same leader, in order. When
   * nobody tells in time, all of them: kafkajs then finds the leaders itself.
   */
  sharing(records: readonly OutRecord[], deadline: number): Promise<readonly OutRecord[]>;
  /** A send failed: ask again. */
  forget(): void;
}

/**
 * Connects before it resolves, so that the first append is as fast as the others. Throws
 * UnreachableError when Kafka does not answer within `waitMs`.
 */
export async function openAppender(
  address: KafkaAddress,
  name: string,
  leaders: SendLeaders,
  waitMs = appendWaitMs,
): Promise<Appender> {
  let queue: Call[] = [];
  let waitingRecords = 0;
  let live: Live | undefined;
  let sending: Promise<void> | undefined;
  let closed = false;

  async function connected(deadline: number): Promise<Live> {
    while (live === undefined) {
      const client = createClient(
        { ...address, clientId: `${address.clientId}-${name}` },
        kafkaRequestMs,
      );
      const producer = client.kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        // One: kafkajs refuses an idempotent producer without any.
        retry: { retries: 1, initialRetryTime: appendRetryMs, maxRetryTime: appendRetryMs },
        // Every record names its partition; anything else is a bug of the caller, checked in append.
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? -1,
      });
      try {
        await within(
          producer.connect(),
          deadline - performance.now(),
          () => new Error('no answer in time'),
        );
        live = { client, producer };
      } catch (error) {
        client.kill();
        if (performance.now() + appendRetryMs >= deadline) throw error;
        await sleep(appendRetryMs);
      }
    }
    return live;
  }

  /** Sends until everything is acknowledged, one leader at a time, or throws when that is hopeless. */
  async function sendAll(records: readonly OutRecord[]): Promise<Map<string, number>> {
    const deadline = performance.now() + waitMs;
    const firstOffset = new Map<string, number>();
    for (let left = records; left.length > 0;) {
      try {
        const { producer } = await connected(deadline);
        const part = await leaders.sharing(left, deadline);
        const topicMessages = toTopicMessages(part);
        const sent = producer.sendBatch({ acks: -1, timeout: kafkaRequestMs, topicMessages });
        const late = () => new Error('not acknowledged in time');
        for (const { topicName, partition, baseOffset } of await within(
          sent,
          deadline - performance.now(),
          late,
        )) {
          if (baseOffset !== undefined)
            firstOffset.set(`${topicName}/${partition}`, Number(baseOffset));
        }
        const written = new Set(part);
        left = left.filter((record) => !written.has(record));
      } catch (error) {
        leaders.forget();
        const hopeless = !kafkaErrorNames(error).some((cause) => retriableErrors.has(cause));
        if (hopeless || performance.now() + appendRetryMs >= deadline) throw error;
        address.log('debug', `append ${name} is repeated: ${messageOf(error)}`);
        await sleep(appendRetryMs);
      }
    }
    return firstOffset;
  }

  async function sendGroup(group: readonly Call[]): Promise<void> {
    const records = group.flatMap((call) => call.records);
    const nextOffset = await sendAll(records);
    const offsets = records.map(({ topic, partition }) => {
      const key = `${topic}/${partition}`;
      const offset = nextOffset.get(key);
      if (offset === undefined)
        throw new Error(`${topic} has no partition ${partition} with a leader`);
      nextOffset.set(key, offset + 1);
      return offset;
    });
    let at = 0;
    for (const call of group) call.resolve(offsets.slice(at, (at += call.records.length)));
  }

  /** As many calls, in order, as one request may carry. */
  function takeGroup(): Call[] {
    let bytes = 0;
    let count = 0;
    for (const call of queue) {
      bytes += call.bytes;
      if (count > 0 && bytes > appendGroupMaxBytes) break;
      count += 1;
    }
    return queue.splice(0, count);
  }

  async function drain(): Promise<void> {
    // Calls of one turn of the event loop go out together.
    await Promise.resolve();
    while (queue.length > 0) {
      const group = takeGroup();
      try {
        await sendGroup(group);
      } catch (cause) {
        endProducer();
        const behind = queue;
        queue = [];
        waitingRecords = 0;
        address.log('warn', `append ${name} failed: ${messageOf(cause)}`);
        fail(group, `an append was not acknowledged: ${messageOf(cause)}`, true, cause);
        fail(behind, `an append before this one failed: ${messageOf(cause)}`, false, cause);
        continue;
      }
      for (const call of group) waitingRecords -= call.records.length;
    }
    // In the same turn as the last look at the queue: a call that comes now starts the next drain.
    sending = undefined;
  }

  function fail(
    calls: readonly Call[],
    message: string,
    maybeWritten: boolean,
    cause: unknown,
  ): void {
    for (const call of calls) call.reject(new AppendFailedError(message, { maybeWritten, cause }));
  }

  function endProducer(): void {
    live?.client.kill();
    live = undefined;
  }

  try {
    await connected(performance.now() + waitMs);
  } catch (cause) {
    throw new UnreachableError(
      'Kafka',
      `Kafka at ${address.brokers.join(',')} did not answer (opening ${name}: ${messageOf(cause)})`,
      cause,
    );
  }

  return {
    append(records) {
      if (closed) return Promise.reject(new ClosedError(`the appender ${name}`));
      if (records.length === 0) return Promise.resolve([]);
      if (waitingRecords + records.length > appendQueueMax) {
        const message = `more than ${appendQueueMax} records wait to be appended by ${name}`;
        return Promise.reject(new AppendFailedError(message, { maybeWritten: false }));
      }
      const sizes = records.map(
        ({ key, value }) => byteLength(key) + byteLength(value) + recordOverheadBytes,
      );
      const largest = Math.max(...sizes);
      if (largest > recordMaxBytes) {
        const message = `a record of ${largest} bytes is larger than ${recordMaxBytes}`;
        return Promise.reject(
          new BadInputError(message, {
            field: 'value',
            found: largest,
            allowed: `up to ${recordMaxBytes} bytes`,
          }),
        );
      }
      return new Promise((resolve, reject) => {
        queue.push({ records, bytes: sizes.reduce((sum, size) => sum + size, 0), resolve, reject });
        waitingRecords += records.length;
        sending ??= drain();
      });
    },
    async close() {
      closed = true;
      await sending;
      endProducer();
    },
  };
}

function byteLength(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text);
}

function toTopicMessages(records: readonly OutRecord[]): { topic: string; messages: Message[] }[] {
  // The time is fixed here, so that a repeat is the same record.
  const timestamp = String(Date.now());
  const byTopic = new Map<string, Message[]>();
  for (const { topic, partition, key, value } of records) {
    const message: Message = { partition, key: key ?? null, value, timestamp };
    const messages = byTopic.get(topic);
    if (messages === undefined) byTopic.set(topic, [message]);
    else messages.push(message);
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}
