// A Bus in memory with the laws of src/ports.ts, for tests and for embedders' tests. Everything is
// asynchronous, as with Kafka: nothing is acknowledged or delivered in the turn that asked for it.
// Never keeps time: records stay until `trim`.

import { BadInputError } from '../../errors.js';
import { aFunction, checkGiven, optional } from '../../given.js';
import { appendQueueMax } from '../../limits.js';
import type {
  Appender,
  Bus,
  InRecord,
  OutRecord,
  Position,
  Reader,
  ReaderSpec,
  TopicSpec,
} from '../../ports.js';
import { AppendFailedError, ClosedError } from '../bus-errors.js';
import { Cursors } from '../cursors.js';
import { windowStartOf } from './window-start.js';

export interface MemoryBusOptions {
  /** Time of the records. Default: Date.now. */
  readonly nowMs?: () => number;
  /** A callback of a reader threw. Default: thrown again where nobody catches it. */
  readonly onFault?: (error: unknown) => void;
}

export interface MemoryBus extends Bus {
  /** Removes what lies before an offset, as retention does. */
  trim(topic: string, partition: number, toOffset: number): void;
  /** A second client of the same logs: what it opens it closes, and nothing else. */
  another(): MemoryBus;
}

interface Log {
  low: number;
  /** Index 0 is offset `low`. */
  records: InRecord[];
}

interface Topics {
  readonly logs: Map<string, readonly Log[]>;
  /** Pumps of the open readers, per topic. */
  readonly pumps: Map<string, Set<() => void>>;
}

/** Records handed out in one callback at most, so that one partition does not hold up the others. */
const deliverMax = 500;

export function createMemoryBus(options: MemoryBusOptions = {}): MemoryBus {
  const maybe = optional(aFunction);
  checkGiven('createMemoryBus', options, { nowMs: maybe, onFault: maybe });
  return createClient({ logs: new Map(), pumps: new Map() }, options);
}

function createClient(topics: Topics, options: MemoryBusOptions): MemoryBus {
  const nowMs = options.nowMs ?? Date.now;
  const onFault =
    options.onFault ??
    ((error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    });
  const opened = new Set<{ close(): Promise<void> }>();
  let closed = false;

  function logOf(topic: string, partition: number): Log {
    const log = topics.logs.get(topic)?.[partition];
    if (log === undefined) throw new BadInputError(`no partition ${partition} of a topic ${topic}`);
    return log;
  }

  function allOf(topic: string): number[] {
    return [...logsOf(topic).keys()];
  }

  function logsOf(topic: string): readonly Log[] {
    const logs = topics.logs.get(topic);
    if (logs === undefined) throw new BadInputError(`no topic ${topic}`);
    return logs;
  }

  function checkOpen(): void {
    if (closed) throw new ClosedError('the bus');
  }

  function track<T extends { close(): Promise<void> }>(made: T): T {
    opened.add(made);
    return made;
  }

  function createTopic({ topic, partitions }: TopicSpec): void {
    const found = topics.logs.get(topic)?.length;
    if (found === partitions) return;
    if (found !== undefined) {
      throw new BadInputError(`topic ${topic} has ${found} partitions, not ${partitions}`, {
        field: topic,
        found,
        allowed: `${partitions} partitions`,
      });
    }
    topics.logs.set(
      topic,
      Array.from({ length: partitions }, () => ({ low: 0, records: [] })),
    );
  }

  function write({ topic, partition, key, value }: OutRecord): number {
    const log = logOf(topic, partition);
    const offset = endOf(log);
    log.records.push({ topic, partition, offset, timestampMs: nowMs(), key: key ?? null, value });
    for (const pump of topics.pumps.get(topic) ?? []) pump();
    return offset;
  }

  function createAppender(name: string): Appender {
    let calls: {
      records: readonly OutRecord[];
      resolve(o: readonly number[]): void;
      reject(e: Error): void;
    }[] = [];
    let waiting = 0;
    let ended = false;
    let drained: Promise<void> | undefined;

    function writeAll(): void {
      const group = calls;
      calls = [];
      waiting = 0;
      drained = undefined;
      let cause: unknown;
      for (const call of group) {
        try {
          if (cause !== undefined) throw new Error('an append before this one failed');
          for (const { topic, partition } of call.records) logOf(topic, partition);
          call.resolve(call.records.map(write));
        } catch (error) {
          cause ??= error;
          call.reject(
            new AppendFailedError(`append ${name} failed`, { maybeWritten: false, cause }),
          );
        }
      }
    }

    return track({
      append(records) {
        if (ended) return Promise.reject(new ClosedError(`the appender ${name}`));
        if (waiting + records.length > appendQueueMax) {
          const message = `more than ${appendQueueMax} records wait to be appended by ${name}`;
          return Promise.reject(new AppendFailedError(message, { maybeWritten: false }));
        }
        waiting += records.length;
        drained ??= new Promise((resolve) => {
          setImmediate(() => {
            writeAll();
            resolve();
          });
        });
        return new Promise((resolve, reject) => calls.push({ records, resolve, reject }));
      },
      async close() {
        ended = true;
        await drained;
      },
    });
  }

  function createReader(spec: ReaderSpec): Reader {
    const { topic } = spec;
    const pumps = topics.pumps.get(topic) ?? new Set();
    topics.pumps.set(topic, pumps);
    let scheduled = false;
    let ended = false;

    const pump = () => {
      if (scheduled || ended) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        deliver();
      });
    };
    const fault = (error: unknown) => {
      end();
      onFault(error);
    };
    const cursors = new Cursors(spec, pump, fault);

    function end(): void {
      ended = true;
      cursors.silence();
      pumps.delete(pump);
    }

    function deliver(): void {
      for (const cursor of [...cursors.ready()]) {
        if (ended) return;
        const log = logOf(topic, cursor.partition);
        const last = endOf(log);
        if (cursor.next < log.low) cursors.jump(cursor, log.low);
        else if (cursor.next > last) cursors.jump(cursor, last);
        const from = cursor.next - log.low;
        const records = log.records.slice(from, from + deliverMax);
        if (records.length === 0) continue;
        const first = cursor.next;
        const after = first + records.length;
        cursors.deliver({ partition: cursor.partition, end: last, records, first, after }, cursor);
        if (after < last) pump();
      }
    }

    function starts(positions: ReadonlyMap<number, Position>): Map<number, number> {
      return new Map(
        [...positions].map(([partition, at]) => {
          const log = logOf(topic, partition);
          return [partition, at === 'start' ? log.low : at === 'end' ? endOf(log) : at];
        }),
      );
    }

    cursors.replace(spec.positions.keys(), starts(spec.positions));
    pumps.add(pump);
    pump();
    return track({
      positions: () => cursors.positions(),
      async assign(positions) {
        if (ended) throw new ClosedError('the reader');
        cursors.replace(positions.keys(), starts(positions));
      },
      async close() {
        end();
      },
    });
  }

  return {
    async ensureTopics(specs) {
      checkOpen();
      for (const spec of specs) createTopic(spec);
    },
    async appender(name) {
      checkOpen();
      return createAppender(name);
    },
    async open(spec) {
      checkOpen();
      return createReader(spec);
    },
    async bounds(topic, of = allOf(topic)) {
      checkOpen();
      return of.map((partition) => {
        const log = logOf(topic, partition);
        return { partition, low: log.low, high: endOf(log) };
      });
    },
    async partitionCount(topic) {
      checkOpen();
      return topics.logs.get(topic)?.length ?? 0;
    },
    async offsetsSince(topic, atMs, of = allOf(topic)) {
      checkOpen();
      return new Map(
        of.map((partition) => {
          const log = logOf(topic, partition);
          const index = log.records.findIndex(({ timestampMs }) => timestampMs >= atMs);
          return [partition, index < 0 ? endOf(log) : log.low + index];
        }),
      );
    },
    async windowStarts(topic, windowMs, of) {
      checkOpen();
      return new Map(of.map((p) => [p, windowStartOf(logOf(topic, p), windowMs)]));
    },
    async readRange(topic, partition, from, to, max) {
      checkOpen();
      const log = logOf(topic, partition);
      const start = Math.max(0, from - log.low);
      return log.records.slice(start, Math.max(start, Math.min(start + max, to - log.low)));
    },
    async close() {
      closed = true;
      await Promise.all([...opened].map((made) => made.close()));
    },
    trim(topic, partition, toOffset) {
      const log = logOf(topic, partition);
      const count = Math.min(Math.max(0, toOffset - log.low), log.records.length);
      log.records = log.records.slice(count);
      log.low += count;
      for (const pump of topics.pumps.get(topic) ?? []) pump();
    },
    another: () => createClient(topics, options),
  };
}

function endOf(log: Log): number {
  return log.low + log.records.length;
}
