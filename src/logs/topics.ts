// The five topics of a service: names, partition counts, retention. Creates nothing itself.

import { evidencePartitions, logRetentionMs, messagesRetentionMs } from '../limits.js';
import type { OwnershipRecord, SessionRecord } from '../core/records.js';
import type { OutRecord, TopicSpec } from '../ports.js';

export interface Topics {
  readonly messages: string;
  readonly control: string;
  readonly ownership: string;
  readonly sessions: string;
  readonly leases: string;
}

export function topicsOf(service: string): Topics {
  return {
    messages: `${service}.messages`,
    control: `${service}.control`,
    ownership: `${service}.ownership`,
    sessions: `${service}.sessions`,
    leases: `${service}.leases`,
  };
}

/** What `Bus.ensureTopics` shall create for a service of P partitions. */
export function topicSpecs(service: string, partitions: number): readonly TopicSpec[] {
  const topics = topicsOf(service);
  return [
    { topic: topics.messages, partitions, retentionMs: messagesRetentionMs, timestamps: 'append' },
    // Small, and replayed from the start by whoever starts while ConfigDB is away: kept for ever.
    { topic: topics.control, partitions: 1, retentionMs: -1, timestamps: 'append' },
    // Trimmed only below an older checkpoint, never by time; never compacted.
    { topic: topics.ownership, partitions: 1, retentionMs: -1, timestamps: 'append' },
    {
      topic: topics.sessions,
      partitions: evidencePartitions,
      retentionMs: logRetentionMs,
      timestamps: 'append',
    },
    {
      topic: topics.leases,
      partitions: evidencePartitions,
      retentionMs: logRetentionMs,
      timestamps: 'append',
    },
  ];
}

/** Partition of the sessions topic that carries the evidence of partition p. */
export function sessionsPartition(partition: number): number {
  return partition % evidencePartitions;
}

/** Partition of the leases topic of an ordinal. */
export function leasePartition(ordinal: number): number {
  return ordinal % evidencePartitions;
}

/** An ownership record, ready to append. */
export function ownershipEntry(service: string, record: OwnershipRecord): OutRecord {
  return { topic: topicsOf(service).ownership, partition: 0, value: JSON.stringify(record) };
}

/** Evidence of a connection, ready to append. */
export function sessionEntry(
  service: string,
  record: SessionRecord & { readonly partition: number },
): OutRecord {
  const partition = sessionsPartition(record.partition);
  return { topic: topicsOf(service).sessions, partition, value: JSON.stringify(record) };
}
