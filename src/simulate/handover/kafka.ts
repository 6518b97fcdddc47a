// A simulated Kafka: append-only logs, acknowledged appends that take their time, readers that lag each
// on its own, records that arrive twice, a broker that is away for a while. Owns the logs; never reads
// what is in them.

import type { Kernel } from '../kernel.js';
import type { Process } from './process.js';
import { epochMs } from './process.js';
import type { Random } from '../random.js';
import type { Appender, InRecord, OutRecord } from '../../ports.js';

/** A record; those of the protocol's logs carry their value as it is, messages as text. */
export interface SimRecord {
  readonly key: string | null;
  readonly value: string;
  readonly body: unknown;
  readonly timestampMs: number;
}
export type Outgoing = OutRecord & { readonly body?: unknown };

/** How the network and the broker behave; faults change it while the world runs. */
export interface Weather {
  /** One way of a request, and the append itself. */
  requestMs: () => number;
  /** From the append until a reader's fetch brings it. */
  deliveryMs: () => number;
  /** An append that happens again a little later. */
  duplicates: number;
  /** An append whose outcome the producer does not learn: an error, written or not. */
  failures: number;
}

const fetchRecordsMax = 500;

export class SimLog {
  readonly records: SimRecord[] = [];
  readonly readers = new Set<LogReader>();
}

export class SimKafka {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly weather: Weather;
  readonly logs = new Map<string, SimLog>();
  /** Told of every append, for whoever looks at the world from above. */
  onAppend: (topic: string, partition: number, offset: number, record: SimRecord) => void = () =>
    undefined;
  private awayUntilMs = 0;

  constructor(kernel: Kernel, random: Random, weather: Weather) {
    this.kernel = kernel;
    this.random = random;
    this.weather = weather;
  }

  log(topic: string, partition: number): SimLog {
    const name = `${topic}/${partition}`;
    let log = this.logs.get(name);
    if (log === undefined) {
      log = new SimLog();
      this.logs.set(name, log);
    }
    return log;
  }

  goAway(forMs: number): void {
    this.awayUntilMs = Math.max(this.awayUntilMs, this.kernel.nowMs + forMs);
  }

  backAtMs(): number {
    return this.awayUntilMs;
  }

  /** Runs when the broker has the request; it waits while the broker is away. */
  reach(run: () => void, takesMs = this.weather.requestMs()): void {
    const atMs = Math.max(this.kernel.nowMs, this.awayUntilMs) + takesMs;
    this.kernel.at(atMs, () => {
      if (this.kernel.nowMs < this.awayUntilMs) this.reach(run);
      else run();
    });
  }

  write(records: readonly Outgoing[]): readonly number[] {
    const timestampMs = epochMs + Math.floor(this.kernel.nowMs);
    return records.map(({ topic, partition, key, value, body }) => {
      const log = this.log(topic, partition);
      const record = { key: key ?? null, value, body: body ?? null, timestampMs };
      const offset = log.records.push(record) - 1;
      this.onAppend(topic, partition, offset, record);
      for (const reader of log.readers) reader.look();
      return offset;
    });
  }

  appender(process: Process): Appender {
    return new SimAppender(this, process);
  }

  open(
    process: Process,
    at: { readonly topic: string; readonly partition: number; readonly from: number | 'end' },
    onRecords: (records: readonly SimRecord[], from: number) => void,
  ): LogReader {
    const log = this.log(at.topic, at.partition);
    const from = at.from === 'end' ? log.records.length : at.from;
    return new LogReader(this, process, log, from, onRecords);
  }
}

/** Reads one log in order; a batch is on its way while the process handles the one before. */
export class LogReader {
  position: number;
  private readonly kafka: SimKafka;
  private readonly process: Process;
  private readonly log: SimLog;
  private readonly onRecords: (records: readonly SimRecord[], from: number) => void;
  private fetching = false;

  constructor(
    kafka: SimKafka,
    process: Process,
    log: SimLog,
    from: number,
    onRecords: (records: readonly SimRecord[], from: number) => void,
  ) {
    this.kafka = kafka;
    this.process = process;
    this.log = log;
    this.position = from;
    this.onRecords = onRecords;
    log.readers.add(this);
    this.look();
  }

  look(): void {
    if (this.fetching || this.position >= this.log.records.length) return;
    if (!this.process.alive) {
      this.close();
      return;
    }
    this.fetching = true;
    this.kafka.reach(() => {
      const batch = this.log.records.slice(this.position, this.position + fetchRecordsMax);
      this.process.deliver(() => {
        if (!this.log.readers.has(this)) return;
        const from = this.position;
        this.position += batch.length;
        this.fetching = false;
        this.onRecords(batch, from);
        this.look();
      });
    }, this.kafka.weather.deliveryMs());
  }

  close(): void {
    this.log.readers.delete(this);
  }
}

interface Waiting {
  readonly records: readonly Outgoing[];
  readonly resolve: (offsets: readonly number[]) => void;
  readonly reject: (error: Error) => void;
}

/** One request at a time, in order; what waits goes together in the next (ports.ts, `Appender`). */
class SimAppender implements Appender {
  private readonly kafka: SimKafka;
  private readonly process: Process;
  private waiting: Waiting[] = [];
  private busy = false;

  constructor(kafka: SimKafka, process: Process) {
    this.kafka = kafka;
    this.process = process;
  }

  append(records: readonly Outgoing[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, resolve, reject });
      if (!this.busy) this.send();
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private send(): void {
    const { kafka } = this;
    const batch = this.waiting;
    if (batch.length === 0) return;
    this.waiting = [];
    this.busy = true;
    kafka.reach(() => {
      const fails = kafka.random.chance(kafka.weather.failures);
      const isWritten = !fails || kafka.random.chance(0.5);
      const offsets = isWritten ? this.write(batch) : [];
      kafka.kernel.after(kafka.weather.requestMs(), () => {
        this.process.deliver(() => {
          this.answer(batch, fails ? null : offsets);
        });
      });
    });
  }

  private write(batch: readonly Waiting[]): readonly (readonly number[])[] {
    const { kafka } = this;
    const offsets = batch.map(({ records }) => kafka.write(records));
    if (kafka.random.chance(kafka.weather.duplicates)) {
      // What a producer without memory would do: the same request once more, later.
      kafka.kernel.after(kafka.random.between(0, 300), () => {
        for (const { records } of batch) kafka.write(records);
      });
    }
    return offsets;
  }

  private answer(batch: readonly Waiting[], offsets: readonly (readonly number[])[] | null): void {
    this.busy = false;
    if (offsets === null) {
      const error = new Error('the outcome of this append is unknown');
      const behind = this.waiting;
      this.waiting = [];
      for (const { reject } of [...batch, ...behind]) reject(error);
    } else batch.forEach(({ resolve }, i) => resolve(offsets[i] as readonly number[]));
    if (!this.busy) this.send();
  }
}

/** A record of the messages topic as the service's sink takes it. */
export function inRecord(
  topic: string,
  partition: number,
  offset: number,
  record: SimRecord,
): InRecord {
  const { key, value, timestampMs } = record;
  return { topic, partition, offset, timestampMs, key, value };
}
