// Keeps the lease of one incarnation alive: the thin driver of core/handover/lease.ts. Appends
// heartbeats, reads them back, acknowledges a fence. Says when speaking begins, lapses and ends.

import { Lease, parseLeaseRecord } from '../core/handover/lease.js';
import type { LeaseEnd, LeaseLimits } from '../core/handover/lease.js';
import { skipReason } from '../core/handover/goal-reading.js';
import { parseObject } from '../core/handover/ownership-log.js';
import type { LeaseRecord } from '../core/records.js';
import { strangersBeatsMax } from '../limits.js';
import { leaseRecordTypes } from '../logs/leases-reader.js';
import type { OnSkipped } from '../logs/skipped.js';
import { leasePartition, topicsOf } from '../logs/topics.js';
import type { Appender, Bus, Reader } from '../ports.js';

export interface LeaseKeeperOptions {
  readonly bus: Bus;
  /** Its own, so that heartbeats never queue behind anything. */
  readonly appender: Appender;
  readonly service: string;
  readonly instance: string;
  readonly ordinal: number;
  readonly incarnation: string;
  readonly nowMs: () => number;
  readonly limits: LeaseLimits;
  readonly heartbeatEveryMs: number;
  readonly onChange: (good: boolean) => void;
  readonly onEnd: (why: LeaseEnd) => void;
  readonly onSkipped?: OnSkipped;
  /** Somebody else lives, with the name of this instance. */
  readonly onStranger?: () => void;
}

export interface LeaseKeeper {
  /** Synchronous: call it right before speaking. */
  speaks(): boolean;
  /** When the present lease runs out, on the same clock as `nowMs`. */
  untilMs(): number;
  stop(): Promise<void>;
}

/** Opens the lease partition at its end and beats from then on. */
export async function keepLease(options: LeaseKeeperOptions): Promise<LeaseKeeper> {
  const { bus, appender, nowMs } = options;
  const topic = topicsOf(options.service).leases;
  const partition = leasePartition(options.ordinal);
  const lease = new Lease(options.instance, options.incarnation, options.limits);
  let said = false;
  let strangersBeats = 0;
  let ended = false;

  const append = (record: LeaseRecord): void => {
    // A lost heartbeat is made up for by the next; a lost acknowledgement by the fencer's wait.
    appender.append([{ topic, partition, value: JSON.stringify(record) }]).catch(() => undefined);
  };
  const look = (): void => {
    const why = lease.ended(nowMs());
    const good = why === null && lease.speaks(nowMs());
    if (good !== said) {
      said = good;
      options.onChange(good);
    }
    if (why !== null && !ended) {
      ended = true;
      clearInterval(timer);
      options.onEnd(why);
    }
  };
  const beat = (): void => {
    const record = lease.beat(nowMs());
    if (record !== null) append(record);
    look();
  };

  const reader: Reader = await bus.open({
    topic,
    positions: new Map([[partition, 'end']]),
    onRecords: (_partition, records) => {
      for (const { value, offset } of records) {
        const fields = parseObject(value);
        const record = parseLeaseRecord(fields);
        if (record === null) {
          const reason = skipReason(fields, leaseRecordTypes);
          options.onSkipped?.({ log: 'leases', reason, partition, offset });
        }
        if (record?.type === 'alive' && isStranger(record, options)) {
          strangersBeats += 1;
          if (strangersBeats >= strangersBeatsMax) options.onStranger?.();
        }
        const answer = record === null ? null : lease.read(record, nowMs());
        if (answer !== null) append(answer);
      }
      look();
    },
    onJump: () => {
      lease.reset();
      look();
    },
  });
  const timer = setInterval(beat, options.heartbeatEveryMs);
  beat();

  return {
    speaks: () => lease.speaks(nowMs()),
    untilMs: () => lease.untilMs(),
    stop: async () => {
      ended = true;
      clearInterval(timer);
      await reader.close();
    },
  };
}

function isStranger(
  { instance, incarnation }: { readonly instance: string; readonly incarnation: string },
  own: Pick<LeaseKeeperOptions, 'instance' | 'incarnation'>,
): boolean {
  return instance === own.instance && incarnation !== own.incarnation;
}
