// In which order moves are carried out: waves that each receiver can accept within the gap objective.
// Receivers work side by side, so wave k holds the k-th share of each. Never changes a plan's moves.
import type { Load } from './load.js';
import type { Dealt } from './situation.js';
import type { PlanInput } from './types.js';

/** Without a pace a receiver's share of a wave is so many partitions. */
export const partitionsPerWaveDefault = 64;

/**
 * Splits moves (ascending) into waves. With a pace a receiver's share of a wave weighs at most
 * acceptPerSecond × gapMs ÷ 1000, and is at least one partition; without one it is at most
 * {@link partitionsPerWaveDefault} partitions. Moves of one receiver keep their order.
 */
export function wavesOf(
  load: Load,
  moves: readonly Dealt[],
  pace: PlanInput['pace'],
): readonly (readonly Dealt[])[] {
  const limit =
    pace === undefined
      ? partitionsPerWaveDefault
      : (pace.acceptPerSecond * pace.gapMs) / 1000 / load.unit;
  const fit = pace === undefined ? fitByCount : load.fitLow;
  const weigh = pace === undefined ? countBetween : load.of;
  const waves: Dealt[][] = [];
  const progress = new Map<number, { wave: number; room: number; empty: boolean }>();
  for (const move of moves) {
    const at = progress.get(move.receiver) ?? { wave: 0, room: limit, empty: true };
    progress.set(move.receiver, at);
    let { from } = move;
    while (from <= move.to) {
      const fits = fit(from, move.to, at.room);
      const count = fits === 0 && at.empty ? 1 : fits;
      if (count > 0) {
        const to = from + count - 1;
        (waves[at.wave] ??= []).push({ ...move, from, to });
        at.room -= weigh(from, to);
        at.empty = false;
        from = to + 1;
      }
      if (from <= move.to) {
        at.wave += 1;
        at.room = limit;
        at.empty = true;
      }
    }
  }
  return waves;
}

function fitByCount(from: number, to: number, limit: number): number {
  return Math.min(to - from + 1, limit);
}

function countBetween(from: number, to: number): number {
  return to - from + 1;
}
