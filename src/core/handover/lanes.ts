// Which partitions a donor gives next. One lane per receiver; a lane carries one wave at a time, and
// the next one starts when the receiver has acquired the last. Wave size and pauses keep the *receiver*,
// over all its donors, and this donor, over all its lanes, within what they can do (pacing.ts). Owns the
// waves in flight; moves nothing itself.

import { instanceName } from '../records.js';
import type { Pace } from '../records.js';
import { ownerIn } from './goal.js';
import type { Goal } from './goal.js';
import type { OwnershipLog } from './ownership-log.js';
import { closingMs, nextWave, turnOf, type Donors, type Turn } from './pacing.js';

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
  /** 0 while there is no goal. */
  readonly revision: number;
  /** Held partitions to give, ascending, by lane. */
  readonly byLane: ReadonlyMap<Lane, readonly number[]>;
  /** How many instances give to that receiver at present, this one included. */
  readonly donorsOf: (lane: Lane) => Donors;
  readonly clientsOf: (partition: number) => number;
  readonly pace: Pace;
}

export class Lanes {
  private readonly inFlight = new Map<Lane, Set<number>>();
  private readonly laneOf = new Map<number, Lane>();
  /** A lane's next wave starts no earlier than this: the receiver is busy welcoming the last. */
  private readonly notBeforeMs = new Map<Lane, number>();
  /** This donor's turn among the donors of a lane. */
  private readonly turns = new Map<Lane, Turn>();
  private revision = 0;
  /** Until then this donor is busy closing what it has started. */
  private closingUntilMs = 0;
  /** When the first lane that has to pause may go on; null when none pauses. */
  private wakeAtMs: number | null = null;
  /** Whether a lane may have become free, or candidates may have appeared, since the last look. */
  private stirred = true;

  /** Look for waves at the next occasion. */
  stir(): void {
    this.stirred = true;
  }

  /**
   * Another revision has other donors; and after a hold everybody's slot has passed, and all would
   * start at once. Receivers stay as busy as they are.
   */
  takeTurnsAnew(): void {
    this.turns.clear();
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

  /** When the first lane that has to pause may go on; null when none pauses. */
  nextAtMs(): number | null {
    return this.wakeAtMs;
  }

  /** The waves that may start now; they count as in flight from here on. */
  start(nowMs: number, candidates: () => Candidates): readonly Wave[] {
    if (this.wakeAtMs !== null && nowMs >= this.wakeAtMs) this.stirred = true;
    if (!this.stirred) return [];
    this.stirred = false;
    this.wakeAtMs = null;
    const view = candidates();
    if (view.revision !== this.revision) this.turns.clear();
    this.revision = view.revision;
    const waves: Wave[] = [];
    for (const [lane, partitions] of view.byLane) {
      if (this.inFlight.has(lane)) continue;
      const wave = this.waveOf(lane, partitions, view, nowMs);
      if (wave.length === 0) continue;
      this.inFlight.set(lane, new Set(wave));
      for (const partition of wave) this.laneOf.set(partition, lane);
      const atATime = this.turns.get(lane)?.atATime ?? view.donorsOf(lane).count;
      const acceptPerSecond = view.pace.acceptPerSecond / Math.max(1, atATime);
      waves.push({ lane, partitions: wave, acceptPerSecond });
    }
    return waves;
  }

  /** The lane's next wave if it may start now; else none, and a time to look again. */
  private waveOf(
    lane: Lane,
    partitions: readonly number[],
    { pace, donorsOf, clientsOf }: Candidates,
    nowMs: number,
  ): readonly number[] {
    const sumOf = (list: readonly number[]): number =>
      list.reduce((sum, partition) => sum + clientsOf(partition), 0);
    const donors = donorsOf(lane);
    let turn = this.turns.get(lane);
    if (turn === undefined) {
      turn = turnOf(sumOf(partitions) / Math.max(1, partitions.length), donors, pace);
      this.turns.set(lane, turn);
      const freeAtMs = Math.max(nowMs, this.notBeforeMs.get(lane) ?? nowMs);
      this.notBeforeMs.set(lane, freeAtMs + turn.firstMs);
    }
    const wave = nextWave(partitions, turn.atATime ?? donors.count, pace, clientsOf);
    const clients = sumOf(wave);
    const notBeforeMs = this.notBeforeMs.get(lane) ?? nowMs;
    const startMs = Math.max(notBeforeMs, this.closingUntilMs);
    if (nowMs < startMs) {
      this.wakeAtMs = Math.min(this.wakeAtMs ?? startMs, startMs);
      return [];
    }
    this.closingUntilMs = nowMs + closingMs(clients, pace);
    const share = (clients * donors.count * 1_000) / pace.acceptPerSecond;
    // In turns from the time that was meant, or the donors would drift into each other.
    const nextMs = turn.atATime === null ? nowMs + share : notBeforeMs + turn.everyMs;
    this.notBeforeMs.set(lane, Math.max(nextMs, nowMs));
    return wave;
  }
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
  let own = '';
  for (let p = 0; p < log.partitions; p += 1) {
    const owner = target === null ? null : ownerIn(target.ranges, p);
    const lane: Lane | null = leaving ? 'leaving' : owner;
    const receiver = owner === null || leaving ? null : instanceName(view.service, owner);
    const holder = log.holderOf(p);
    if (lane === null || holder === null || holder.instance === receiver) continue;
    donors.set(lane, (donors.get(lane) ?? new Set()).add(holder.incarnation));
    if (holder.instance !== view.self) continue;
    own = holder.incarnation;
    if (!view.mayGive(p)) continue;
    const list = byLane.get(lane);
    if (list === undefined) byLane.set(lane, [p]);
    else list.push(p);
  }
  return {
    byLane,
    revision: target?.revision ?? 0,
    donorsOf: (lane) => placeAmong(lane === 'leaving' ? undefined : donors.get(lane), own),
    clientsOf: view.clientsOf,
    pace: target?.pace ?? slowestPace,
  };
}

/** Every donor counts alike, from the same log: so each knows its own place among them. */
function placeAmong(donors: ReadonlySet<string> | undefined, own: string): Donors {
  if (donors === undefined) return { count: 1, before: 0 };
  let before = 0;
  for (const donor of donors) if (donor < own) before += 1;
  return { count: donors.size, before };
}
