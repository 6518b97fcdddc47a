// Carries a fencing through in the simulated world: the counterpart of src/logs/fence.ts around the
// same state machine. Tries until it is done or its process ends.

import { Fencing, type Victim } from '../../core/handover/fencing.js';
import { ordinalOf, type Fenced, type LeaseRecord } from '../../core/records.js';
import {
  evidencePartitions,
  leaseMarginMs,
  leaseTtlMs,
  repeatAppendAfterMs,
} from '../../limits.js';
import type { Appender } from '../../ports.js';
import type { Outgoing, SimKafka } from './kafka.js';
import { evidencePartitionOf, topics } from './names.js';
import type { Process } from './process.js';

const pollMs = 20;

export interface FenceOrder {
  readonly kafka: SimKafka;
  readonly process: Process;
  readonly appender: Appender;
  readonly victim: Victim;
  readonly by: string;
  /** The platform's word that this very process has ended. */
  readonly hasEnded?: () => boolean;
}

export async function fence(order: FenceOrder): Promise<Fenced> {
  for (;;) {
    try {
      return await fenceOnce(order);
    } catch {
      await order.process.sleep(repeatAppendAfterMs);
    }
  }
}

async function fenceOnce(order: FenceOrder): Promise<Fenced> {
  const { kafka, process, appender, victim } = order;
  const fencing = new Fencing(victim, { ttlMs: leaseTtlMs, marginMs: leaseMarginMs });
  const partition = evidencePartitionOf(ordinalOf(victim.instance) ?? 0);
  const reader = kafka.open(
    process,
    { topic: topics.leases, partition, from: 'end' },
    (records) => {
      for (const { body } of records) fencing.onLeaseRecord(body as LeaseRecord);
    },
  );
  try {
    await appender.append([record(topics.leases, partition, fencing.fence(order.by))]);
    fencing.onAppended(process.clock.monotonicMs());
    for (;;) {
      if (order.hasEnded?.() === true) fencing.onProcessEnded();
      const fenced = fencing.verdict(process.clock.monotonicMs());
      if (fenced !== null) {
        const everywhere = Array.from({ length: evidencePartitions }, (_, p) =>
          record(topics.sessions, p, fenced),
        );
        await appender.append(everywhere);
        await appender.append([record(topics.ownership, 0, fenced)]);
        return fenced;
      }
      await process.sleep(pollMs);
    }
  } finally {
    reader.close();
  }
}

export function record(topic: string, partition: number, body: object): Outgoing {
  return { topic, partition, value: '', body };
}
