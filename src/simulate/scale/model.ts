// The stated model of the world at scale: how many there are of everything, how long the network, the
// logs, the clients and the processors take. Every figure that such a run prints rests on these; what
// it measures are the real machines' decisions among them.

import type { Pace } from '../../core/records.js';
import type { Random } from '../random.js';

export interface ScaleOptions {
  readonly seed: number;
  readonly instances: number;
  /** Instances added, and then removed again. */
  readonly by: number;
  readonly partitions: number;
  readonly clientsPerInstance: number;
  readonly pace: Pace;
}

export const scaleDefaults: Omit<ScaleOptions, 'seed'> = {
  instances: 160,
  by: 8,
  partitions: 20_000,
  clientsPerInstance: 64_000,
  // Half of what an instance could accept (below), in waves of half a second of that.
  pace: { clientsPerWave: 500, acceptPerSecond: 1_000, partitionsPerWave: 64 },
};

/** Processor time of a receiver for one client: TCP, TLS, upgrade, token, hello. One core: 2 000/s. */
export const acceptMs = 0.5;
/** Processor time of a donor for one client: notice, closing handshake, evidence. */
export const closeMs = 0.05;
/** An append, until it is acknowledged. */
export const appendMs = (random: Random): number => random.between(3, 8);
/** From the append until an instance has read the record. */
export const deliveryMs = (random: Random): number => random.between(2, 10);
/** Reading a partition from a duplicate window back to its tail. */
export const warmMs = (random: Random): number => random.between(200, 1_500);

/** One way between a client and any instance: median 15 ms, one in a hundred above 75 ms. */
export function latencyMs(random: Random): number {
  return Math.min(250, 15 * Math.exp(0.7 * normal(random)));
}
/** TCP, TLS 1.3 and WebSocket take a round trip each, then the hello one way. */
export const dialOneWays = 7;
/** A donor terminates whoever has not answered the closing handshake by then. */
export { closeHandshakeMs } from '../../limits.js';

/** Clients of a partition: users are spread by a hash, so the number is binomial, here its normal limit. */
export function clientsOf(random: Random, mean: number): number {
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
