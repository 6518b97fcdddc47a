// A replica of the ownership log that keeps itself current: checkpoint plus tail. Instances, the
// directory, the worker and the command line all read ownership through one of these, so that
// "drained" and "handed over" come from the log and never from reports. It never appends.

import { skipReason } from '../core/handover/goal-reading.js';
import { OwnershipLog, parseObject, parseOwnershipRecord } from '../core/handover/ownership-log.js';
import type { LastRecord, OwnershipSnapshot, Verdict } from '../core/handover/ownership-log.js';
import { readSnapshot } from '../core/handover/ownership-snapshot.js';
import type { OwnershipRecord } from '../core/records.js';
import { UnreachableError } from '../errors.js';
import { caughtUpPollMs, caughtUpWithinMs, checkpointWithinMs } from '../limits.js';
import type { Bus, ConfigDb, InRecord, Reader } from '../ports.js';
import type { OnSkipped } from './skipped.js';
import { topicsOf } from './topics.js';

export interface OwnershipViewOptions {
  readonly bus: Bus;
  readonly service: string;
  readonly partitions: number;
  /** Where a checkpoint may be found; without one the log is read from its start. */
  readonly configDb?: Pick<ConfigDb, 'latestCheckpoint'>;
  /** Each record in order, after it was applied. */
  readonly onRecord?: (record: OwnershipRecord | null, offset: number, verdict: Verdict) => void;
  /** The log was trimmed past our place: what follows cannot be judged. */
  readonly onJump?: (expected: number, found: number) => void;
  /** A record that is none: void for every reader. */
  readonly onSkipped?: OnSkipped;
}

const recordTypes = ['acquired', 'released', 'fenced'];

export class OwnershipView {
  readonly log: OwnershipLog;
  private readonly options: OwnershipViewOptions;
  private readonly listeners = new Set<() => void>();
  private reader: Reader | null = null;

  constructor(options: OwnershipViewOptions, from?: OwnershipSnapshot) {
    this.options = options;
    this.log = new OwnershipLog(options.partitions, from);
  }

  async open(): Promise<void> {
    const topic = topicsOf(this.options.service).ownership;
    const start = this.log.position();
    this.reader = await this.options.bus.open({
      topic,
      positions: new Map([[0, start === 0 ? 'start' : start]]),
      onRecords: (_partition, records) => this.apply(records),
      onJump: (_partition, expected, found) => this.options.onJump?.(expected, found),
    });
  }

  /** Resolves when everything that was in the log at the time of the call is applied. */
  async caughtUp(): Promise<void> {
    const { bus, service } = this.options;
    await caughtUpWith(bus, topicsOf(service).ownership, () => this.reader?.positions());
  }

  holderOf(partition: number): LastRecord | null {
    return this.log.holderOf(partition);
  }

  last(partition: number): LastRecord | null {
    return this.log.last(partition);
  }

  highestRevision(): number {
    return this.log.highestRevision();
  }

  isFenced(incarnation: string): boolean {
    return this.log.isFenced(incarnation);
  }

  /** Actual ownership, ascending, covering 0..P-1. */
  ranges(): readonly (readonly [from: number, to: number, instance: string | null])[] {
    return this.log
      .holdings()
      .map(({ from, to, holder }) => [from, to, holder?.instance ?? null] as const);
  }

  /** Called after each batch of records; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.listeners.clear();
    await this.reader?.close();
  }

  private apply(records: readonly InRecord[]): void {
    for (const { offset, value } of records) {
      const record = parseOwnershipRecord(value);
      if (record === null) {
        const reason = skipReason(parseObject(value), recordTypes);
        this.options.onSkipped?.({ log: 'ownership', reason, partition: 0, offset });
      }
      const verdict = this.log.apply(record, offset);
      this.options.onRecord?.(record, offset, verdict);
    }
    for (const listener of this.listeners) listener();
  }
}

/** Opens a view from the newest checkpoint (when ConfigDB answers) and waits until it is current. */
export async function openOwnershipView(options: OwnershipViewOptions): Promise<OwnershipView> {
  const from = await checkpointOf(options.service, options.partitions, options.configDb);
  const view = new OwnershipView(options, from);
  await view.open();
  await view.caughtUp();
  return view;
}

/** The newest checkpoint, where ConfigDB answers and it is whole and of this P; else the log is read whole. */
export async function checkpointOf(
  service: string,
  partitions: number,
  configDb: Pick<ConfigDb, 'latestCheckpoint'> | undefined,
): Promise<OwnershipSnapshot | undefined> {
  if (configDb === undefined) return undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), checkpointWithinMs);
  });
  try {
    // A database that is away takes its client seconds to find out, and nobody shall wait for those.
    const checkpoint = await Promise.race([configDb.latestCheckpoint(service), late]);
    return readSnapshot(checkpoint?.body, partitions) ?? undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until positions have reached the ends that the topic had at the time of the call. */
export async function caughtUpWith(
  bus: Bus,
  topic: string,
  positions: () => ReadonlyMap<number, number> | undefined,
): Promise<void> {
  const read = positions();
  const ends = await bus.bounds(topic, read === undefined ? undefined : [...read.keys()]);
  for (let waitedMs = 0; waitedMs < caughtUpWithinMs; waitedMs += caughtUpPollMs) {
    const now = positions();
    const behind = ends.some(({ partition, high }) => {
      const at = now?.get(partition);
      return at !== undefined ? at < high : now === undefined;
    });
    if (!behind) return;
    await new Promise((resolve) => setTimeout(resolve, caughtUpPollMs));
  }
  throw new UnreachableError(
    'kafka',
    `topic ${topic} could not be read to its end within ${caughtUpWithinMs} ms; is the broker overloaded?`,
  );
}
