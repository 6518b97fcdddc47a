// Owns: how long a hand-over will take, so that people know before they approve and while they wait.
// An estimate of the pace that donors and receivers keep; nothing is decided by it.

import type { Pace } from '../records.js';

/** From `released` to `acquired` and the look for the next wave, as measured on one machine. */
const waveMs = 100;

export interface Transfer {
  readonly donor: string | null;
  readonly receiver: string;
  readonly partitions: number;
  readonly clients: number;
}

/** Milliseconds until the busiest end is done: receivers welcome at a pace, donors give in waves. */
export function estimateMs(transfers: readonly Transfer[], pace: Pace): number {
  const clientsTo = new Map<string, number>();
  const partitionsFrom = new Map<string, number>();
  for (const { donor, receiver, partitions, clients } of transfers) {
    clientsTo.set(receiver, (clientsTo.get(receiver) ?? 0) + clients);
    if (donor !== null) partitionsFrom.set(donor, (partitionsFrom.get(donor) ?? 0) + partitions);
  }
  const welcomes = [...clientsTo.values()].map((clients) =>
    Math.max(clients / pace.acceptPerSecond, 0),
  );
  const waves = [...partitionsFrom.values()].map((count) => count / pace.partitionsPerWave);
  const welcomeMs = Math.max(0, ...welcomes) * 1_000;
  const wavesMs = Math.ceil(Math.max(0, ...waves)) * waveMs;
  return Math.round(Math.max(welcomeMs, wavesMs));
}
