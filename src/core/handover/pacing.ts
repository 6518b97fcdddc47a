// How fast a donor gives: the arithmetic of waves, pauses and turns. Numbers in, numbers out.
//
// Few donors with small partitions each send their share of a wave at once, and pause as long as the
// receiver needs for all of them. Where even one partition from each were too much at once, for donors
// are many or partitions heavy, they take turns: as many at a time as make a wave, each in its slot,
// from a first turn by the donor's place on. All of them count alike, so nobody has to be asked.

import type { Pace } from '../records.js';

/** The donors of one receiver, and how many of them come before this one. */
export interface Donors {
  readonly count: number;
  readonly before: number;
}

export interface Turn {
  /** Until the first wave. */
  readonly firstMs: number;
  /** How many donors give at the same time; null: all of them, and the pauses follow the waves. */
  readonly atATime: number | null;
  /** In turns: from one wave to the next. */
  readonly everyMs: number;
}

/** A wave may be so much larger than asked for, rather than take another slot for the rest. */
const overfull = 1.25;

/** The next wave of a lane, of which so many are `atOnce`: at least one partition while there is any. */
export function nextWave(
  partitions: readonly number[],
  atOnce: number,
  pace: Pace,
  clientsOf: (partition: number) => number,
): readonly number[] {
  const clientsMax = Math.max(1, Math.floor(pace.clientsPerWave / Math.max(1, atOnce)));
  const wave: number[] = [];
  let clients = 0;
  for (const partition of partitions) {
    const more = clientsOf(partition);
    const full =
      wave.length >= pace.partitionsPerWave || (wave.length > 0 && clients + more > clientsMax);
    if (full) break;
    wave.push(partition);
    clients += more;
  }
  return wave;
}

/** `clients`: of a partition here, on average; others' are taken to be about as large. */
export function turnOf(clients: number, donors: Donors, pace: Pace): Turn {
  const atOnceMax = pace.clientsPerWave * overfull;
  if (clients * donors.count <= atOnceMax) return { firstMs: 0, atATime: null, everyMs: 0 };
  const atATime = Math.max(1, Math.floor(atOnceMax / clients));
  // Whole waves, so that donors whose partitions differ a little still have the same slots.
  const wavesPerSlot = Math.max(1, Math.ceil(clients / atOnceMax));
  const slotMs = (wavesPerSlot * pace.clientsPerWave * 1_000) / pace.acceptPerSecond;
  return {
    firstMs: Math.floor(donors.before / atATime) * slotMs,
    atATime,
    everyMs: Math.ceil(donors.count / atATime) * slotMs,
  };
}

/**
 * How long a donor is busy letting a wave go; meanwhile it starts none, in whatever lane. As long as a
 * receiver needs for it: closing a client costs half of welcoming it, and the clients who stay are
 * served besides.
 */
export function closingMs(clients: number, pace: Pace): number {
  return (clients * 1_000) / pace.acceptPerSecond;
}
