// What one round may move: under a budget only part of what was dealt goes now, the rest stays with
// its donor for later rounds. Never changes who receives what.
import type { Load } from './load.js';
import type { Dealt, Situation } from './situation.js';

export interface Round {
  readonly now: readonly Dealt[];
  /** What stays with its donor until a later round. */
  readonly later: readonly Dealt[];
  readonly roundsLeft: number;
}

/** Later rounds are played one by one up to here; beyond, they are counted by weight. */
const roundsPlayedMax = 64;
/** Halvings of a level: the precision of a double. */
const halvings = 52;

/**
 * The best first round: no other choice of what was dealt, of at most `budget`, leaves a lower fullest
 * donor, but for whole partitions. Everybody who stands above one common level gives down to it, as
 * with water in vessels, and no more than it was to give anyway. What nobody owned, or goes back to its
 * owner, always goes now: nobody is disconnected by it. A round moves at least one partition, however heavy it is.
 * O((M + N) × rounds) for M moves.
 */
export function limitRound(
  s: Situation,
  dealt: readonly Dealt[],
  budget: number | undefined,
): Round {
  if (budget === undefined) return { now: dealt, later: [], roundsLeft: 0 };
  // In the unit that is balanced; a common weight of 0 disconnects nobody and needs no limit.
  const limit = s.load.unit === 0 ? Infinity : budget / s.load.unit;
  const isFree = ({ donor, receiver }: Dealt): boolean => donor < 0 || donor === receiver;
  const donors = donorsOf(
    s,
    dealt.filter((piece) => !isFree(piece)),
  );
  const byFrom = (a: Dealt, b: Dealt): number => a.from - b.from;
  const now = [...dealt.filter(isFree), ...playRound(s.load, donors, limit)].sort(byFrom);
  const later = donors.flatMap(({ queue }) => queue).sort(byFrom);
  return { now, later, roundsLeft: roundsFor(s.load, donors, limit) };
}

interface Donor {
  readonly capacity: number;
  /** What it has, and what of that it is still to give. */
  weight: number;
  toGive: number;
  /** Ascending; given from its end. */
  readonly queue: Dealt[];
}

function donorsOf(s: Situation, dealt: readonly Dealt[]): readonly Donor[] {
  const donors = new Map<number, Donor>();
  for (const piece of dealt) {
    const { donor, from, to } = piece;
    let of = donors.get(donor);
    if (of === undefined) {
      const weight = s.weights[donor] as number;
      of = { capacity: s.capacity[donor] ?? 1, weight, toGive: 0, queue: [] };
      donors.set(donor, of);
    }
    of.queue.push(piece);
    of.toGive += s.load.of(from, to);
  }
  return [...donors].sort(([a], [b]) => a - b).map(([, donor]) => donor);
}

/** Takes one round out of the queues. */
function playRound(load: Load, donors: readonly Donor[], limit: number): Dealt[] {
  const level = commonLevel(donors, limit);
  const now: Dealt[] = [];
  let room = limit;
  for (const donor of donors) {
    const share = Math.min(room, donor.toGive, donor.weight - level * donor.capacity);
    room -= giveUpTo(load, donor, share, now);
  }
  // Whole partitions left some of the budget: the fullest first.
  const levelOf = (donor: Donor): number => donor.weight / donor.capacity;
  for (const donor of donors.toSorted((a, b) => levelOf(b) - levelOf(a))) {
    room -= giveUpTo(load, donor, room, now);
  }
  if (weighed(load, now) === 0) {
    // What weighs nothing rides along: it is not the one partition that a round moves at least.
    const fullest = donors
      .filter(({ queue }) => queue.length > 0)
      .reduce<Donor | undefined>(
        (most, one) => (most !== undefined && levelOf(most) >= levelOf(one) ? most : one),
        undefined,
      );
    if (fullest !== undefined) giveOne(load, fullest, now);
  }
  return now;
}

/** The level down to which all give what they have above it, as far as they are to give it. */
function commonLevel(donors: readonly Donor[], limit: number): number {
  const given = (level: number): number =>
    donors.reduce(
      (sum, { weight, capacity, toGive }) =>
        sum + Math.max(0, Math.min(toGive, weight - level * capacity)),
      0,
    );
  let low = 0;
  let high = donors.reduce((most, { weight, capacity }) => Math.max(most, weight / capacity), 0);
  if (given(0) <= limit) return 0;
  for (let step = 0; step < halvings; step += 1) {
    const middle = (low + high) / 2;
    if (given(middle) > limit) low = middle;
    else high = middle;
  }
  return high;
}

/** Partitions from the end of the queue that weigh at most `share` together; answers their weight. */
function giveUpTo(load: Load, donor: Donor, share: number, now: Dealt[]): number {
  let room = share + share * 1e-9;
  const before = room;
  for (let piece = donor.queue.at(-1); piece !== undefined; piece = donor.queue.at(-1)) {
    const count = load.fitHigh(piece.from, piece.to, room);
    if (count <= 0) break;
    room -= cutHigh(load, donor, piece, count, now);
    if (count < piece.to - piece.from + 1) break;
  }
  return before - room;
}

function giveOne(load: Load, donor: Donor, now: Dealt[]): void {
  const piece = donor.queue.at(-1);
  if (piece !== undefined) cutHigh(load, donor, piece, 1, now);
}

function cutHigh(load: Load, donor: Donor, piece: Dealt, count: number, now: Dealt[]): number {
  const cut = piece.to - count + 1;
  const weight = load.of(cut, piece.to);
  donor.queue.pop();
  if (cut > piece.from) donor.queue.push({ ...piece, to: cut - 1 });
  now.push({ ...piece, from: cut });
  donor.weight -= weight;
  donor.toGive -= weight;
  return weight;
}

/** Rounds that what is left needs, at this load. */
function roundsFor(load: Load, donors: readonly Donor[], limit: number): number {
  // Equal weights fill every round, so they are counted, not played.
  if (load.uniform) return Math.ceil(queued(load, donors) / Math.max(1, Math.floor(limit)));
  const copies = donors.map((donor) => ({ ...donor, queue: [...donor.queue] }));
  let rounds = 0;
  while (rounds < roundsPlayedMax && copies.some(({ queue }) => queue.length > 0)) {
    rounds += 1;
    playRound(load, copies, limit);
  }
  return (
    rounds +
    packedRounds(
      load,
      copies.flatMap(({ queue }) => queue),
      limit,
    )
  );
}

/** Rounds that pieces need one after the other, each round as full as it gets, with one partition at least. */
function packedRounds(load: Load, queue: readonly Dealt[], limit: number): number {
  let rounds = 0;
  let room = 0;
  for (const { from, to } of queue) {
    for (let at = from; at <= to;) {
      const fits = load.fitLow(at, to, room);
      if (fits === 0) {
        rounds += 1;
        room = limit;
      }
      const count = fits > 0 ? fits : Math.max(1, load.fitLow(at, to, room));
      room = Math.max(0, room - load.of(at, at + count - 1));
      at += count;
    }
  }
  return rounds;
}

function queued(load: Load, donors: readonly Donor[]): number {
  return weighed(
    load,
    donors.flatMap(({ queue }) => queue),
  );
}

function weighed(load: Load, pieces: readonly Dealt[]): number {
  return pieces.reduce((sum, { from, to }) => sum + load.of(from, to), 0);
}
