// In which order moves are carried out: waves that each instance, giving or receiving, can carry within
// the gap objective. Never changes a plan's moves.
import type { Load } from './load.js';
import type { Dealt } from './situation.js';
import type { PlanInput } from './types.js';

/** Without a pace an instance's share of a wave is so many partitions. */
export const partitionsPerWaveDefault = 128;

/** What goes from one donor to one receiver. */
interface Pair {
  readonly donor: Side;
  readonly receiver: Side;
  /** Ascending by their first partition; given from there. */
  readonly moves: Dealt[];
  left: number;
}

/** One instance as donor, or one as receiver. */
interface Side {
  readonly pairs: Pair[];
  left: number;
  /** When the present wave began, and what it may still carry in it. */
  wasLeft: number;
  room: number;
  isUsed: boolean;
}

/**
 * Splits moves (ascending) into waves. With a pace what an instance gives or receives in a wave weighs
 * at most acceptPerSecond × gapMs ÷ 1000, or is one partition; without one it is at most
 * {@link partitionsPerWaveDefault} partitions. Each wave takes from every donor of a receiver its part,
 * so that no donor is left for the end: a schedule of an open shop (Gonzalez and Sahni 1976), which
 * needs about as many waves as the busiest instance, but for whole partitions. Receivers with most
 * to get are served first. O(waves × (pairs + receivers log receivers)).
 */
export function wavesOf(
  load: Load,
  moves: readonly Dealt[],
  pace: PlanInput['pace'],
): readonly (readonly Dealt[])[] {
  const scale = scaleOf(load, pace);
  const { receivers, sides } = sidesOf(moves, scale);
  const waves: (readonly Dealt[])[] = [];
  let waiting = receivers;
  while (waiting.length > 0) {
    for (const side of sides) begin(side, scale.limit);
    const wave: Dealt[] = [];
    waiting = waiting.toSorted((a, b) => b.left - a.left);
    for (const receiver of waiting) {
      for (const pair of receiver.pairs) {
        const busier = Math.max(receiver.wasLeft, pair.donor.wasLeft);
        give(scale, pair, (scale.limit * pair.left) / busier, wave);
      }
    }
    for (const receiver of waiting) {
      for (const pair of receiver.pairs) give(scale, pair, Infinity, wave, true);
    }
    waves.push(joined(wave));
    waiting = waiting.filter(({ pairs }) => pairs.some((pair) => pair.moves.length > 0));
  }
  return waves;
}

interface Scale {
  /** Most that one instance gives or receives in a wave. */
  readonly limit: number;
  readonly weigh: (from: number, to: number) => number;
  readonly fit: (from: number, to: number, limit: number) => number;
}

function scaleOf(load: Load, pace: PlanInput['pace']): Scale {
  if (pace !== undefined) {
    const limit = (pace.acceptPerSecond * pace.gapMs) / 1000 / load.unit;
    return { limit, weigh: load.of, fit: load.fitLow };
  }
  const weigh = (from: number, to: number): number => to - from + 1;
  const fit = (from: number, to: number, limit: number): number =>
    Math.min(weigh(from, to), Math.floor(limit));
  return { limit: partitionsPerWaveDefault, weigh, fit };
}

function sidesOf(
  moves: readonly Dealt[],
  { weigh }: Scale,
): { readonly receivers: readonly Side[]; readonly sides: readonly Side[] } {
  const donors = new Map<number, Side>();
  const receivers = new Map<number, Side>();
  const pairs = new Map<Side, Map<Side, Pair>>();
  const sideIn = (all: Map<number, Side>, instance: number): Side => {
    const side = all.get(instance) ?? { pairs: [], left: 0, wasLeft: 0, room: 0, isUsed: false };
    all.set(instance, side);
    return side;
  };
  for (const move of moves) {
    const donor = sideIn(donors, move.donor);
    const receiver = sideIn(receivers, move.receiver);
    const ofReceiver = pairs.get(receiver) ?? new Map<Side, Pair>();
    pairs.set(receiver, ofReceiver);
    let pair = ofReceiver.get(donor);
    if (pair === undefined) {
      pair = { donor, receiver, moves: [], left: 0 };
      ofReceiver.set(donor, pair);
      receiver.pairs.push(pair);
      donor.pairs.push(pair);
    }
    const weight = weigh(move.from, move.to);
    pair.moves.push(move);
    for (const one of [pair, donor, receiver]) one.left += weight;
  }
  // Given from the end, which costs nothing: so the lowest partitions stand there.
  for (const { pairs: own } of receivers.values()) for (const pair of own) pair.moves.reverse();
  return {
    receivers: [...receivers].sort(([a], [b]) => a - b).map(([, side]) => side),
    sides: [...donors.values(), ...receivers.values()],
  };
}

function begin(side: Side, limit: number): void {
  side.wasLeft = side.left;
  side.room = limit;
  side.isUsed = false;
}

/** Whole partitions of a pair that weigh at most `share`, and that both sides have room for. */
function give(scale: Scale, pair: Pair, share: number, wave: Dealt[], mayBeHeavy = false): void {
  const { donor, receiver, moves } = pair;
  let most = Math.min(share * (1 + 1e-9), donor.room, receiver.room);
  for (let move = moves.at(-1); move !== undefined; move = moves.at(-1)) {
    const { from, to } = move;
    const fits = Math.max(0, scale.fit(from, to, most));
    const isAlone = mayBeHeavy && !donor.isUsed && !receiver.isUsed;
    const count = fits === 0 && isAlone ? 1 : fits;
    if (count === 0) return;
    const last = from + count - 1;
    const weight = scale.weigh(from, last);
    moves.pop();
    if (last < to) moves.push({ ...move, from: last + 1 });
    wave.push({ ...move, to: last });
    most -= weight;
    pair.left -= weight;
    for (const side of [donor, receiver]) {
      side.left -= weight;
      side.room -= weight;
      side.isUsed = true;
    }
    if (last < to) return;
  }
}

/** Ascending, what goes on where the one before ended joined to it. */
function joined(wave: Dealt[]): readonly Dealt[] {
  const all: Dealt[] = [];
  for (const move of wave.sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    const goesOn =
      last?.to === move.from - 1 && last.donor === move.donor && last.receiver === move.receiver;
    if (goesOn) all[all.length - 1] = { ...last, to: move.to };
    else all.push(move);
  }
  return all;
}
