// Owns: the changes that planners are compared on: sizes, starts, weights. Built from a name and a
// seed alone, so that another process can build the same one. Runs nothing.
import { logNormalWeights, randomOf, shuffle } from '../random.js';
import { evenRanges } from '../peers/even-ranges.js';
import { firstOf } from '../peers/peer.js';
import type { Change } from './measures.js';
import type { Owners } from './owners.js';

export interface Scenario {
  readonly name: string;
  readonly change: Change;
  /** Ranges that each instance starts with. */
  readonly fragments: number;
  readonly seed: number;
}

interface Size {
  readonly partitions: number;
  readonly from: number;
  readonly to: number;
}

/** As many ranges as an instance may have after a long life. */
const fragmentsOfLongLife = 16;
/** What a policy has when it balances by weight and says nothing. */
const toleranceOfWeights = 0.1;

const example: Size = { partitions: 360, from: 2, to: 3 };
const usual: Size = { partitions: 20_000, from: 200, to: 201 };
const large: Size = { partitions: 1_000_000, from: 5_000, to: 5_001 };
const sample: Size = { partitions: 4_000, from: 40, to: 41 };

/** Everything at its size, or the same kinds of change at sizes that take no time. */
export function scenarios(quick: boolean, seed: number): Scenario[] {
  const both = (name: string, size: Size, fragments = 1): Scenario[] => [
    scenario(`${name}, equal`, size, fragments, false, seed),
    scenario(`${name}, weighted`, size, fragments, true, seed),
  ];
  const back = ({ partitions, from, to }: Size): Size => ({ partitions, from: to, to: from });
  const sizes = quick ? [sample] : [usual, large];
  return [
    scenario('grow, equal', example, 1, false, seed),
    ...sizes.flatMap((size) => [
      ...both('grow', size),
      ...both('grow fragmented', size, fragmentsOfLongLife),
      ...both('shrink', back(size)),
    ]),
  ];
}

/** One more instance than before; a point of the growth curve. */
export function growthScenario(
  name: string,
  { partitions, from }: { readonly partitions: number; readonly from: number },
  fragments: number,
  weighted: boolean,
  seed: number,
): Scenario {
  const whole = Math.round(from);
  return scenario(name, { partitions, from: whole, to: whole + 1 }, fragments, weighted, seed);
}

function scenario(
  name: string,
  { partitions, from, to }: Size,
  fragments: number,
  weighted: boolean,
  seed: number,
): Scenario {
  return {
    name,
    fragments,
    seed,
    change: {
      partitions,
      instancesBefore: from,
      instancesAfter: to,
      weights: weighted ? logNormalWeights(partitions, seed) : undefined,
      tolerance: weighted ? toleranceOfWeights : 0,
    },
  };
}

/** Balanced: one range each; or so many ranges each, scattered. */
export function startOf(scenario: Scenario): Owners {
  const { change, fragments } = scenario;
  if (fragments > 1) return change.weights === undefined ? byCount(scenario) : byWeight(scenario);
  return evenRanges.assign(firstOf(change, change.instancesBefore), new Int32Array());
}

/** Every instance has its exact share. */
function byCount({ change, fragments, seed }: Scenario): Owners {
  const { partitions, instancesBefore } = change;
  const pieces: [owner: number, size: number][] = [];
  for (let owner = 0; owner < instancesBefore; owner += 1) {
    const share = cut(partitions, instancesBefore, owner);
    for (let k = 0; k < fragments; k += 1) pieces.push([owner, cut(share, fragments, k)]);
  }
  const owners = new Int32Array(partitions);
  let at = 0;
  for (const [owner, size] of shuffle(pieces, randomOf(seed))) {
    owners.fill(owner, at, at + size);
    at += size;
  }
  return owners;
}

/** Pieces of equal weight, as far as single partitions allow, equally many for each. */
function byWeight({ change, fragments, seed }: Scenario): Owners {
  const { instancesBefore } = change;
  const count = instancesBefore * fragments;
  const owner = Array.from({ length: count }, (_, piece) => piece % instancesBefore);
  shuffle(owner, randomOf(seed));
  const pieces = evenRanges.assign(firstOf(change, count), new Int32Array());
  return pieces.map((piece) => owner[piece] as number);
}

/** Size of the i-th of n parts that differ by at most one. */
function cut(total: number, parts: number, i: number): number {
  return Math.floor((total * (i + 1)) / parts) - Math.floor((total * i) / parts);
}
