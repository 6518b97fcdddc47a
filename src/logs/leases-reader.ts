// Reads the leases of all instances of a service, from now on: who wants to know who is alive. Never
// keeps a lease (src/instance/lease-keeper.ts does) and never appends.

import { skipReason } from '../core/handover/goal-reading.js';
import { parseLeaseRecord } from '../core/handover/lease.js';
import { parseObject } from '../core/handover/ownership-log.js';
import type { LeaseRecord } from '../core/records.js';
import { evidencePartitions } from '../limits.js';
import type { Bus, Position, Reader } from '../ports.js';
import type { OnSkipped } from './skipped.js';
import { topicsOf } from './topics.js';

export const leaseRecordTypes = ['alive', 'fence', 'fence-acknowledged', 'probe'];

export function openLeasesReader(options: {
  readonly bus: Bus;
  readonly service: string;
  readonly onRecord: (record: LeaseRecord, partition: number) => void;
  readonly onSkipped?: OnSkipped;
}): Promise<Reader> {
  const { bus, service, onRecord, onSkipped } = options;
  return bus.open({
    topic: topicsOf(service).leases,
    positions: new Map(
      Array.from({ length: evidencePartitions }, (_, p): [number, Position] => [p, 'end']),
    ),
    onRecords: (partition, records) => {
      for (const { value, offset } of records) {
        const fields = parseObject(value);
        const record = parseLeaseRecord(fields);
        if (record !== null) onRecord(record, partition);
        else {
          const reason = skipReason(fields, leaseRecordTypes);
          onSkipped?.({ log: 'leases', reason, partition, offset });
        }
      }
    },
    // What was missed was said in the past, and only the present counts.
    onJump: () => undefined,
  });
}
