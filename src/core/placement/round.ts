// What one round may move: under a budget only part of what was dealt goes now, the rest stays with
// its donor for later rounds. Never changes who receives what.
import type { Load } from './load.js';
import { weightOf, type Dealt, type Situation } from './situation.js';

export interface Round {
  readonly now: readonly Dealt[];
  /** What stays with its donor until a later round. */
  readonly later: readonly Dealt[];
  readonly roundsLeft: number;
}

/**
 * Unowned pieces always go now: nobody is disconnected by them. Then pieces of the fullest donor
 * first, of each piece the high end first, so that the donor's next round goes on where this one
 * ended. A round moves at least one partition, however heavy it is.
 */
export function limitRound(
  s: Situation,
  dealt: readonly Dealt[],
  budget: number | undefined,
): Round {
  if (budget === undefined) return { now: dealt, later: [], roundsLeft: 0 };
  // In the unit that is balanced; a common weight of 0 disconnects nobody and needs no limit.
  const limit = s.load.unit === 0 ? Infinity : budget / s.load.unit;
  const level = s.held.map((ranges, i) => weightOf(s.load, ranges) / (s.capacity[i] ?? 1));
  const queue = dealt
    .filter(({ donor }) => donor >= 0)
    .sort((a, b) => (level[b.donor] as number) - (level[a.donor] as number) || a.from - b.from);
  const first = fill(s.load, queue, limit);
  const byFrom = (a: Dealt, b: Dealt): number => a.from - b.from;
  return {
    now: [...dealt.filter(({ donor }) => donor < 0), ...first.now].sort(byFrom),
    later: [...first.later].sort(byFrom),
    roundsLeft: roundsFor(s.load, first.later, limit),
  };
}

function fill(
  load: Load,
  queue: readonly Dealt[],
  limit: number,
): { readonly now: readonly Dealt[]; readonly later: readonly Dealt[] } {
  const now: Dealt[] = [];
  let room = limit;
  for (const [i, piece] of queue.entries()) {
    const size = piece.to - piece.from + 1;
    const fit = load.fitHigh(piece.from, piece.to, room);
    const count = fit === 0 && now.length === 0 ? 1 : fit;
    const cut = piece.to - count + 1;
    if (count > 0) now.push({ ...piece, from: cut });
    room -= load.of(cut, piece.to);
    if (count < size) return { now, later: [{ ...piece, to: cut - 1 }, ...queue.slice(i + 1)] };
  }
  return { now, later: [] };
}

/** Rounds that the queue needs. Equal weights fill every round, so they are counted, not played. */
function roundsFor(load: Load, queue: readonly Dealt[], limit: number): number {
  if (load.uniform) {
    const left = queue.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return Math.ceil(left / Math.max(1, Math.floor(limit)));
  }
  let rounds = 0;
  let at = 0;
  let to = queue[0]?.to ?? 0;
  while (at < queue.length) {
    rounds += 1;
    let room = limit;
    let moved = false;
    while (at < queue.length) {
      const { from } = queue[at] as Dealt;
      const fit = load.fitHigh(from, to, room);
      const count = fit === 0 && !moved ? 1 : fit;
      if (count > 0) moved = true;
      room -= load.of(to - count + 1, to);
      to -= count;
      if (to >= from) break;
      at += 1;
      to = queue[at]?.to ?? 0;
    }
  }
  return rounds;
}
