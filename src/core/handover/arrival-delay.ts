// When the clients of one wave shall arrive at their receiver: the `delayMs` of their DISCONNECT. A
// delay is part of a client's gap, so there is none while the receiver can take the whole wave at
// once. Beyond that the rest is spread evenly over the time that the receiver needs for them anyway,
// each at a random moment of its own slot, and never over more than a bound: what still comes too fast
// waits in the receiver's line. So with waves of the default size only a partition with more clients
// than two waves, which cannot be cut, ever has delays. Pure: the jitter is a hash of the connection's id.

import { partitionOf } from '../murmur2.js';

export interface ArrivalLimits {
  /** Clients that a receiver welcomes about as fast as they come. */
  readonly arrivalsAtOnceMax: number;
  readonly delayMaxMs: number;
}

/**
 * Delay of the client at `position` (from 0) of `clients` that go to one receiver, which takes
 * `acceptPerSecond` of them. `jitter` in [0, 1).
 */
export function arrivalDelayMs(
  position: number,
  clients: number,
  acceptPerSecond: number,
  jitter: number,
  { arrivalsAtOnceMax, delayMaxMs }: ArrivalLimits,
): number {
  const late = clients - arrivalsAtOnceMax;
  const slot = position - arrivalsAtOnceMax;
  if (late <= 0 || slot < 0) return 0;
  const windowMs = Math.min(delayMaxMs, (late * 1_000) / acceptPerSecond);
  return Math.floor(((slot + jitter) / late) * windowMs);
}

const jitterSteps = 4_096;

/** The delays of a wave, asked for one client after the other. Without limits or a pace: none. */
export function arrivalDelays(
  clients: number,
  acceptPerSecond: number | undefined,
  limits: Partial<ArrivalLimits>,
): (connection: string) => number {
  const { arrivalsAtOnceMax, delayMaxMs } = limits;
  if (arrivalsAtOnceMax === undefined || delayMaxMs === undefined) return () => 0;
  if (acceptPerSecond === undefined || clients <= arrivalsAtOnceMax) return () => 0;
  let position = 0;
  return (connection) => {
    const jitter = partitionOf(connection, jitterSteps) / jitterSteps;
    const bounds = { arrivalsAtOnceMax, delayMaxMs };
    return arrivalDelayMs(position++, clients, acceptPerSecond, jitter, bounds);
  };
}
