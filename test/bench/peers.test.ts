// The peers are what they are said to be: valid everywhere, and each good at what it is known for.
import { describe, expect, test } from 'vitest';
import { evenRanges } from '../../bench/peers/even-ranges.js';
import { boundedRing, hashRing } from '../../bench/peers/hash-ring.js';
import { minimalMovement } from '../../bench/peers/minimal-movement.js';
import { firstOf, type Peer } from '../../bench/peers/peer.js';
import { rendezvous } from '../../bench/peers/rendezvous.js';
import { balanceOf, boundOf, movedWeight, type Change } from '../../bench/plan/measures.js';
import { assertTiling, type Owners } from '../../bench/plan/owners.js';
import { scenarios, startOf } from '../../bench/plan/scenarios.js';
import { logNormalWeights } from '../../bench/random.js';

const seed = 7;
const nothing = new Int32Array();
const peers: readonly Peer[] = [hashRing, boundedRing, rendezvous, evenRanges, minimalMovement];
const grow: Change = { partitions: 5_000, instancesBefore: 20, instancesAfter: 21, tolerance: 0 };
const weights = logNormalWeights(grow.partitions, seed);

function played(peer: Peer, change: Change): { before: Owners; after: Owners } {
  const first = firstOf(change, change.instancesBefore);
  const before = (peer.stateful ? evenRanges : peer).assign(first, nothing);
  return { before, after: peer.assign(change, before) };
}

describe.each(peers.map((peer) => [peer.name, peer] as const))('%s', (name, peer) => {
  test.each([
    ['grows', grow],
    ['grows with weights', { ...grow, weights, tolerance: 0.1 }],
    ['shrinks', { ...grow, instancesBefore: 21, instancesAfter: 20 }],
    ['has one instance', { ...grow, instancesBefore: 2, instancesAfter: 1 }],
    ['has more instances than partitions', { ...grow, partitions: 10 }],
  ])('answers a tiling when it %s', (_, change) => {
    const { after } = played(peer, change);
    expect(() => assertTiling(name, after, change.partitions, change.instancesAfter)).not.toThrow();
  });

  test('answers the same again', () => {
    expect(played(peer, grow)).toEqual(played(peer, grow));
  });
});

test('naive minimal movement moves the minimum, and by count it is even', () => {
  const { before, after } = played(minimalMovement, grow);
  expect(movedWeight(before, after)).toBe(boundOf(grow, before));
  expect(balanceOf(after, 21).maxOverMean).toBeLessThan(1.005);
});

test('even ranges are one range each, even, and move far more than needed', () => {
  const { before, after } = played(evenRanges, grow);
  expect(balanceOf(after, 21)).toMatchObject({ rangesPerInstance: 1, rangesMax: 1 });
  expect(movedWeight(before, after)).toBeGreaterThan(5 * boundOf(grow, before));
});

test.each([hashRing, rendezvous])('$name moves partitions to the new instance only', (peer) => {
  const { before, after } = played(peer, grow);
  const moved = after.filter((owner, p) => owner !== before[p]);
  expect(moved.length).toBeGreaterThan(0);
  expect([...new Set(moved)]).toEqual([20]);
});

test('bounded loads hold', () => {
  const { after } = played(boundedRing, grow);
  expect(balanceOf(after, 21).maxOverMean).toBeLessThanOrEqual(1.1 + 21 / 5_000);
});

test('rendezvous hashing refuses what would take minutes, with the reason', () => {
  const large = { ...grow, partitions: 1_000_000, instancesAfter: 5_001 };
  expect(rendezvous.refuses?.(large)).toContain('5e+9 hashes');
  expect(rendezvous.refuses?.(grow)).toBeUndefined();
});

test('every scenario starts from a tiling that is even, with the ranges it says', () => {
  for (const scenario of scenarios(true, seed)) {
    const { change, fragments } = scenario;
    const start = startOf(scenario);
    assertTiling(scenario.name, start, change.partitions, change.instancesBefore);
    const { rangesMax, maxOverMean } = balanceOf(start, change.instancesBefore, change.weights);
    expect(rangesMax, scenario.name).toBeLessThanOrEqual(fragments);
    // A single partition may weigh half of what an instance of the sample has.
    const most = change.weights === undefined ? 1.03 : 1.3;
    expect(maxOverMean, scenario.name).toBeLessThan(most);
  }
});
