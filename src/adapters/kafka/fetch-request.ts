// One fetch on the wire (Fetch v11, brokers since 2.3), sent over a connection of kafkajs but decoded here:
// kafkajs throws the whole answer away, all partitions of it, when one batch cannot be read. Never looks
// into the records (record-batches.ts does).
// The format: https://kafka.apache.org/protocol#The_Messages_Fetch

import type { Broker } from 'kafkajs';
import { fetchMaxBytes, fetchPartitionMaxBytes } from '../../limits.js';
import { sendRaw } from './raw-request.js';

export interface FetchedBytes {
  readonly partition: number;
  readonly highWatermark: number;
  readonly bytes: Buffer;
}

/** Thrown when a partition answers with an error; `type` is the protocol's name for it. */
export class PartitionFetchError extends Error {
  readonly type: string;
  constructor(topic: string, partition: number, code: number) {
    const type = errorTypes.get(code) ?? `error ${code}`;
    super(`${topic}/${partition}: ${type}`);
    this.name = type === 'OFFSET_OUT_OF_RANGE' ? 'KafkaJSOffsetOutOfRange' : 'PartitionFetchError';
    this.type = type;
  }
}

const errorTypes = new Map([
  [1, 'OFFSET_OUT_OF_RANGE'],
  [2, 'CORRUPT_MESSAGE'],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION'],
  [5, 'LEADER_NOT_AVAILABLE'],
  [6, 'NOT_LEADER_FOR_PARTITION'],
  [9, 'REPLICA_NOT_AVAILABLE'],
  [29, 'TOPIC_AUTHORIZATION_FAILED'],
  [56, 'KAFKA_STORAGE_ERROR'],
  [74, 'FENCED_LEADER_EPOCH'],
  [75, 'UNKNOWN_LEADER_EPOCH'],
]);

const fetchKey = 1;
const fetchVersion = 11;
/** Beyond the long poll: what kafkajs allows, too. */
const networkDelayMs = 100;

export async function fetchBytes(
  broker: Broker,
  topic: string,
  positions: readonly (readonly [partition: number, next: number])[],
  maxWaitMs: number,
  partitionMaxBytes = fetchPartitionMaxBytes,
): Promise<readonly FetchedBytes[]> {
  const { partitions } = await sendRaw(
    broker,
    {
      apiKey: fetchKey,
      apiVersion: fetchVersion,
      apiName: 'Fetch',
      body: encodeFetch(topic, positions, maxWaitMs, partitionMaxBytes),
      timeoutMs: maxWaitMs + networkDelayMs,
    },
    decodeFetch,
  );
  const failed = partitions.find(({ errorCode }) => errorCode !== 0);
  if (failed !== undefined)
    throw new PartitionFetchError(topic, failed.partition, failed.errorCode);
  return partitions;
}

/** Bytes of a request without its topic and partitions, and of each partition. */
const fixedBytes = 64;
const partitionBytes = 28;

function encodeFetch(
  topic: string,
  positions: readonly (readonly [partition: number, next: number])[],
  maxWaitMs: number,
  partitionMaxBytes: number,
): Buffer {
  const name = Buffer.from(topic, 'utf8');
  const out = Buffer.alloc(fixedBytes + name.length + partitionBytes * positions.length);
  let at = 0;
  const int32 = (value: number) => (at = out.writeInt32BE(value, at));
  const int64 = (value: number) => (at = out.writeBigInt64BE(BigInt(value), at));
  int32(-1); // no replica
  int32(maxWaitMs);
  int32(1); // bytes at least
  int32(fetchMaxBytes);
  at = out.writeInt8(0, at); // also what is not committed yet: nobody here writes in transactions
  int32(0); // no fetch session
  int32(-1);
  int32(1); // one topic
  at = out.writeInt16BE(name.length, at);
  at += name.copy(out, at);
  int32(positions.length);
  for (const [partition, next] of positions) {
    int32(partition);
    int32(-1); // leader epoch not known
    int64(next);
    int64(-1); // start of the log: followers only
    int32(partitionMaxBytes);
  }
  int32(0); // nothing forgotten
  at = out.writeInt16BE(0, at); // no rack
  return out.subarray(0, at);
}

interface DecodedFetch {
  readonly clientSideThrottleTime: number;
  readonly partitions: readonly (FetchedBytes & { readonly errorCode: number })[];
}

function decodeFetch(payload: Buffer): DecodedFetch {
  let at = 0;
  const int16 = () => payload.readInt16BE((at += 2) - 2);
  const int32 = () => payload.readInt32BE((at += 4) - 4);
  const int64 = () => Number(payload.readBigInt64BE((at += 8) - 8));
  const clientSideThrottleTime = int32();
  at += 6; // error and id of a session: there is none
  const partitions: (FetchedBytes & { errorCode: number })[] = [];
  for (let topics = int32(); topics > 0; topics -= 1) {
    const nameBytes = int16();
    at += nameBytes; // only one was asked for
    for (let left = int32(); left > 0; left -= 1) {
      const partition = int32();
      const errorCode = int16();
      const highWatermark = int64();
      at += 16; // last stable offset, start of the log
      const aborted = int32();
      at += 16 * Math.max(0, aborted);
      at += 4; // preferred replica
      const length = Math.max(0, int32());
      partitions.push({
        partition,
        errorCode,
        highWatermark,
        bytes: payload.subarray(at, at + length),
      });
      at += length;
    }
  }
  return { clientSideThrottleTime, partitions };
}
