// Owns: reading a service's logs of evidence from Kafka, from the oldest kept record to the end at
// the moment of asking, in the order of an export. Never judges evidence.

import type { EvidenceRecord } from '../core/evidence/types.js';
import { BadInputError } from '../errors.js';
import { topicsOf } from './topics.js';
import type { Bounds, Bus } from '../ports.js';

/** Records held in memory at a time. */
const chunkRecordsMax = 10_000;

export interface LogsToRead {
  /** P of the service. */
  readonly partitions: number;
  /** The beginning of a log that the verdict rests on is no longer kept. */
  readonly trimmed: boolean;
  /** No record was ever written to the log of sessions. */
  readonly neverServed: boolean;
  /** Offset at which the log of ownership ends, which has one partition. */
  readonly ownershipEnd: number;
  readonly records: AsyncIterable<EvidenceRecord>;
}

/** Fixes the ends of the logs now; records are fetched as they are asked for. */
export async function openLogs(bus: Bus, service: string): Promise<LogsToRead> {
  const topics = topicsOf(service);
  // The ownership log last: every `opened` below the other ends has its `acquired` below this one.
  const sessions = await boundsOf(bus, topics.sessions, service);
  const leases = await boundsOf(bus, topics.leases, service);
  const ownership = await boundsOf(bus, topics.ownership, service);
  const partitions = (await boundsOf(bus, topics.messages, service)).length;
  const logs: readonly (readonly [topic: string, bounds: readonly Bounds[]])[] = [
    [topics.leases, leases],
    [topics.ownership, ownership],
    [topics.sessions, sessions],
  ];
  return {
    partitions,
    trimmed: [...ownership, ...sessions].some(({ low }) => low > 0),
    neverServed: sessions.every(({ high }) => high === 0),
    ownershipEnd: ownership[0]?.high ?? 0,
    records: readAll(bus, logs),
  };
}

async function* readAll(
  bus: Bus,
  logs: readonly (readonly [topic: string, bounds: readonly Bounds[]])[],
): AsyncGenerator<EvidenceRecord> {
  for (const [topic, bounds] of logs) {
    for (const { partition, low, high } of [...bounds].sort((a, b) => a.partition - b.partition)) {
      let next = low;
      while (next < high) {
        const records = await bus.readRange(topic, partition, next, high, chunkRecordsMax);
        for (const { offset, timestampMs, value } of records) {
          yield { topic, partition, offset, timestamp: timestampMs, value: parseValue(value) };
        }
        const last = records.at(-1);
        if (last === undefined) break; // The rest was trimmed meanwhile; the check sees the hole.
        next = last.offset + 1;
      }
    }
  }
}

async function boundsOf(bus: Bus, topic: string, service: string): Promise<readonly Bounds[]> {
  let bounds: readonly Bounds[] = [];
  try {
    bounds = await bus.bounds(topic);
  } catch (error) {
    // There is no such topic; anything else is a failure, not a wrong name.
    if (!(error instanceof BadInputError)) throw error;
  }
  if (bounds.length > 0) return bounds;
  throw new BadInputError(`there is no topic ${topic}: does a service ${service} exist here?`, {
    field: '--service',
    found: service,
    allowed: 'a service with topics in this Kafka',
  });
}

/** A value that is no JSON stays visible as text; the check counts it as unreadable. */
function parseValue(value: string | null): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
