// Owns: fresh clients, one for each of a sample of partitions: whether whoever comes now is welcomed.
// Never looks at who owns what.

import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../src/client/node.js';
import { partitionOf } from '../src/core/murmur2.js';
import { lookEveryMs, partitions, sampledPartitions, welcomeWithinMs } from './limits.js';

export interface Newcomers {
  readonly asked: number;
  /** Partitions of those who were not welcomed in time. */
  readonly refused: readonly number[];
}

/** They come at once, and say bye. `from`: the first partition of the sample. */
export async function welcomeNewcomers(
  directory: { readonly directoryUrl: string; readonly directoryKey: string },
  from: number,
): Promise<Newcomers> {
  const step = Math.max(1, Math.floor(partitions / sampledPartitions));
  const sample = Array.from(
    { length: sampledPartitions },
    (_, i) => (from + i * step) % partitions,
  );
  const guests = sample.map((partition) => ({
    partition,
    client: connect({
      user: userOf(partition),
      directoryUrl: directory.directoryUrl,
      directoryKey: directory.directoryKey,
    }),
  }));
  const waiting = () => guests.filter(({ client }) => client.phase() !== 'welcomed');
  for (const untilMs = performance.now() + welcomeWithinMs; performance.now() < untilMs;) {
    if (waiting().length === 0) break;
    await sleep(lookEveryMs);
  }
  const refused = waiting().map(({ partition }) => partition);
  await Promise.all(guests.map(({ client }) => client.close()));
  return { asked: sample.length, refused };
}

/** Some user who belongs to the partition. */
function userOf(partition: number): string {
  for (let number = 1; ; number += 1) {
    const user = `newcomer-${number}`;
    if (partitionOf(user, partitions) === partition) return user;
  }
}
