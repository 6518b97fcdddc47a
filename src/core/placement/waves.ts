// In which order moves are carried out: waves that each instance, giving or receiving, can carry within
// the gap objective. Never changes a plan's moves.
import type { Load } from './load.js';
import type { Dealt } from './situation.js';
import type { PlanInput } from './types.js';

/** Without a pace an instance's share of a wave is so many partitions. */
export const partitionsPerWaveDefault = 128;
/** So many times a pair is asked for its part of a wave; in later waves whoever is next goes first. */
const sharesMax = 2_000_000;

const idle = { open: 0, turn: 0, left: 0, wave: -1, wasLeft: 0, room: 0, isUsed: false } as const;

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
  /** How many of them still have something to give. */
  open: number;
  /** Which of them is the first to be asked in the next wave. */
  turn: number;
  left: number;
  /** The wave it last took part in, what was left when that began, and what it may still carry in it. */
  wave: number;
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
  const receivers = receiversOf(moves, scale);
  const waves: (readonly Dealt[])[] = [];
  let waiting = receivers;
  let shares = 0;
  while (waiting.length > 0) {
    const wave: Dealt[] = [];
    const now = waves.length;
    if (waiting.length > 1) waiting = waiting.toSorted((a, b) => b.left - a.left);
    for (const receiver of shares < sharesMax ? waiting : []) {
      begin(receiver, now, scale);
      for (const pair of receiver.pairs) {
        begin(pair.donor, now, scale);
        const busier = Math.max(receiver.wasLeft, pair.donor.wasLeft);
        give(scale, pair, (scale.limit * pair.left) / busier, wave);
      }
      shares += receiver.pairs.length;
    }
    for (const receiver of waiting) {
      begin(receiver, now, scale);
      fillUp(scale, receiver, now, wave);
    }
    waves.push(joined(wave));
    waiting = waiting.filter(({ open }) => open > 0);
  }
  return waves;
}

/** Whatever still fits, from each donor in turn; who has nothing left to give is forgotten. */
function fillUp(scale: Scale, receiver: Side, now: number, wave: Dealt[]): void {
  const { pairs } = receiver;
  for (let asked = pairs.length; asked > 0; asked -= 1) {
    if (receiver.turn >= pairs.length) receiver.turn = 0;
    const pair = pairs[receiver.turn] as Pair;
    begin(pair.donor, now, scale);
    give(scale, pair, Infinity, wave, true);
    if (pair.moves.length > 0) receiver.turn += 1;
    else {
      pairs[receiver.turn] = pairs.at(-1) as Pair;
      pairs.pop();
    }
    if (receiver.isUsed && receiver.room <= 0) return;
  }
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

function receiversOf(moves: readonly Dealt[], { weigh }: Scale): readonly Side[] {
  const donors = new Map<number, Side>();
  const receivers = new Map<number, Side>();
  const pairs = new Map<Side, Map<Side, Pair>>();
  const sideIn = (all: Map<number, Side>, instance: number): Side => {
    const side = all.get(instance) ?? { ...idle, pairs: [] };
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
      receiver.open += 1;
      donor.pairs.push(pair);
    }
    const weight = weigh(move.from, move.to);
    pair.moves.push(move);
    for (const one of [pair, donor, receiver]) one.left += weight;
  }
  // Given from the end, which costs nothing: so the lowest partitions stand there.
  for (const { pairs: own } of receivers.values()) for (const pair of own) pair.moves.reverse();
  return [...receivers].sort(([a], [b]) => a - b).map(([, side]) => side);
}

/** Once in each wave that a side takes part in. */
function begin(side: Side, wave: number, { limit }: Scale): void {
  if (side.wave === wave) return;
  side.wave = wave;
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
    if (moves.length === 0) receiver.open -= 1;
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
