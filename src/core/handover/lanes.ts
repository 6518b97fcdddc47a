// Which partitions a donor gives next. One lane per receiver; a lane carries one wave at a time, and
// the next one starts when the receiver has acquired the last. Wave size keeps the *receiver*, over
// all its donors, within what it can welcome at once. Owns the waves in flight; moves nothing itself.

import { instanceName } from '../records.js';
import type { Pace } from '../records.js';
import { ownerIn } from './goal.js';
import type { Goal } from './goal.js';
import type { OwnershipLog } from './ownership-log.js';

/** `leaving`: the process ends; its lane has no receiver. */
export type Lane = number | 'leaving';

export interface Wave {
  readonly lane: Lane;
  /** Ascending. */
  readonly partitions: readonly number[];
  /** What the receiver takes a second from this donor. */
  readonly acceptPerSecond: number;
}

export interface Candidates {
  /** Held partitions to give, ascending, by lane. */
  readonly byLane: ReadonlyMap<Lane, readonly number[]>;
  /** How many instances give to that receiver at present, this one included. */
  readonly donorsOf: (lane: Lane) => number;
  readonly clientsOf: (partition: number) => number;
  readonly pace: Pace;
}

export class Lanes {
  private readonly inFlight = new Map<Lane, Set<number>>();
  private readonly laneOf = new Map<number, Lane>();
  /** A lane's next wave starts no earlier than this: the receiver is busy welcoming the last. */
  private readonly notBeforeMs = new Map<Lane, number>();
  /** When the first lane that has to pause may go on; null when none pauses. */
  private wakeAtMs: number | null = null;
  /** Whether a lane may have become free, or candidates may have appeared, since the last look. */
  private stirred = true;

  /** Look for waves at the next occasion. */
  stir(): void {
    this.stirred = true;
  }

  /** The partition is on its way no more: its receiver has it, or it was taken back. */
  finished(partition: number): void {
    const lane = this.laneOf.get(partition);
    if (lane === undefined) return;
    this.laneOf.delete(partition);
    const wave = this.inFlight.get(lane);
    wave?.delete(partition);
    if (wave?.size === 0) {
      this.inFlight.delete(lane);
      this.stirred = true;
    }
  }

  /** The waves that may start now; they count as in flight from here on. */
  start(nowMs: number, candidates: () => Candidates): readonly Wave[] {
    if (this.wakeAtMs !== null && nowMs >= this.wakeAtMs) this.stirred = true;
    if (!this.stirred) return [];
    this.stirred = false;
    this.wakeAtMs = null;
    const view = candidates();
    const waves: Wave[] = [];
    for (const [lane, partitions] of view.byLane) {
      if (this.inFlight.has(lane)) continue;
      const notBeforeMs = this.notBeforeMs.get(lane) ?? nowMs;
      if (nowMs < notBeforeMs) {
        this.wakeAtMs = Math.min(this.wakeAtMs ?? notBeforeMs, notBeforeMs);
        continue;
      }
      const donors = view.donorsOf(lane);
      const wave = nextWave(partitions, donors, view.pace, view.clientsOf);
      if (wave.length === 0) continue;
      this.notBeforeMs.set(lane, nowMs + pauseMs(wave, donors, view));
      this.inFlight.set(lane, new Set(wave));
      for (const partition of wave) this.laneOf.set(partition, lane);
      const acceptPerSecond = view.pace.acceptPerSecond / Math.max(1, donors);
      waves.push({ lane, partitions: wave, acceptPerSecond });
    }
    return waves;
  }
}

/** How long the receiver needs for this wave and those that its other donors send meanwhile. */
function pauseMs(wave: readonly number[], donors: number, view: Candidates): number {
  const clients = wave.reduce((sum, partition) => sum + view.clientsOf(partition), 0);
  return (clients * Math.max(1, donors) * 1_000) / view.pace.acceptPerSecond;
}

/** The next wave of a lane: at least one partition while there is any. */
export function nextWave(
  partitions: readonly number[],
  donors: number,
  pace: Pace,
  clientsOf: (partition: number) => number,
): readonly number[] {
  const clientsMax = Math.max(1, Math.floor(pace.clientsPerWave / Math.max(1, donors)));
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

export interface GivingView {
  /** Name of this instance. */
  readonly self: string;
  readonly service: string;
  readonly log: OwnershipLog;
  readonly target: Goal | null;
  readonly leaving: boolean;
  /** Held here, and free to be given away now. */
  readonly mayGive: (partition: number) => boolean;
  readonly clientsOf: (partition: number) => number;
}

const slowestPace: Pace = { clientsPerWave: 1, acceptPerSecond: 10, partitionsPerWave: 1 };

/** What this instance may give, by receiver, and how many others give to the same one. */
export function candidatesOf(view: GivingView): Candidates {
  const { log, target, leaving } = view;
  const byLane = new Map<Lane, number[]>();
  const donors = new Map<Lane, Set<string>>();
  for (let p = 0; p < log.partitions; p += 1) {
    const owner = target === null ? null : ownerIn(target.ranges, p);
    const lane: Lane | null = leaving ? 'leaving' : owner;
    const receiver = owner === null || leaving ? null : instanceName(view.service, owner);
    const holder = log.holderOf(p);
    if (lane === null || holder === null || holder.instance === receiver) continue;
    donors.set(lane, (donors.get(lane) ?? new Set()).add(holder.incarnation));
    if (holder.instance !== view.self || !view.mayGive(p)) continue;
    const list = byLane.get(lane);
    if (list === undefined) byLane.set(lane, [p]);
    else list.push(p);
  }
  return {
    byLane,
    donorsOf: (lane) => (lane === 'leaving' ? 1 : (donors.get(lane)?.size ?? 1)),
    clientsOf: view.clientsOf,
    pace: target?.pace ?? slowestPace,
  };
}
