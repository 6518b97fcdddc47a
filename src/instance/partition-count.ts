// Whether an instance and its service mean the same partitions: their number is that of the topic, and a
// client's is that of its user. Else clients would wait where nobody writes to them. Creates nothing.

import { partitionOf } from '../core/murmur2.js';
import { BadInputError } from '../errors.js';
import { topicsOf } from '../logs/topics.js';
import type { Bus } from '../ports.js';
import type { ClientIdentity } from './api.js';
import type { OnMistake } from './mistakes.js';

/** Throws BadInputError. A topic that is not there, or a Kafka that is away, is somebody else's business. */
export async function checkPartitionCount(
  bus: Pick<Bus, 'partitionCount'>,
  service: string,
  partitions: number,
): Promise<void> {
  const { messages } = topicsOf(service);
  const found = await bus.partitionCount(messages).catch(() => 0);
  if (found === 0 || found === partitions) return;
  throw new BadInputError(
    `${service} has ${found} partitions, by its topic ${messages}, and this instance was told ${partitions}: ` +
      `start it with ${found} (EVENKEEL_PARTITIONS); the number never changes for a running service`,
    { field: 'partitions', found: partitions, allowed: String(found) },
  );
}

export function checkPartition(
  { user, partition }: ClientIdentity,
  partitions: number,
  onMistake: OnMistake,
): void {
  if (partition !== partitionOf(user, partitions)) onMistake('partition-of-another', { partition });
}
