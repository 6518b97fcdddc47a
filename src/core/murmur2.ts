// Which partition a user belongs to: Kafka's default partitioner, so that any producer keyed by the
// user id agrees. Never asks anybody; P is an argument and never changes for a running service.

const utf8 = new TextEncoder();

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;
const rotation = 24;

/** Kafka's variant of Austin Appleby's MurmurHash2 (32 bit), as an unsigned number. */
export function murmur2(bytes: Uint8Array): number {
  const words = bytes.length >> 2;
  let hash = seed ^ bytes.length;
  for (let word = 0; word < words; word += 1) {
    const at = word * 4;
    let k = byte(bytes, at) | (byte(bytes, at + 1) << 8);
    k |= (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    k = Math.imul(k, multiplier);
    k ^= k >>> rotation;
    hash = Math.imul(hash, multiplier) ^ Math.imul(k, multiplier);
  }
  const tail = words * 4;
  const left = bytes.length - tail;
  if (left === 3) hash ^= byte(bytes, tail + 2) << 16;
  if (left >= 2) hash ^= byte(bytes, tail + 1) << 8;
  if (left >= 1) hash = Math.imul(hash ^ byte(bytes, tail), multiplier);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  hash ^= hash >>> 15;
  return hash >>> 0;
}

/** `(murmur2(utf8(user)) & 0x7fffffff) mod partitions`: 0..partitions-1. @throws RangeError without a P, TypeError without a user */
export function partitionOf(user: string, partitions: number): number {
  if (typeof user !== 'string') {
    throw new TypeError(
      `user is ${typeof user}: give its name, a string, as the key of its records`,
    );
  }
  if (!(Number.isInteger(partitions) && partitions >= 1)) {
    throw new RangeError(`partitions is ${partitions}: say how many the service has`);
  }
  return (murmur2(utf8.encode(user)) & 0x7fffffff) % partitions;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
