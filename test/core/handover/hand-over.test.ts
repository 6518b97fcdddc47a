import { describe, expect, it } from 'vitest';
import type { OwnedRange } from '../../../src/core/records.js';
import { seeded } from '../../support/seeded.js';
import { World } from './world.js';
import type { Node } from './world.js';

const two: readonly OwnedRange[] = [
  [0, 5, 0],
  [6, 11, 1],
];
const three: readonly OwnedRange[] = [
  [0, 3, 0],
  [4, 5, 2],
  [6, 9, 1],
  [10, 11, 2],
];
const ownersOf = (ranges: readonly OwnedRange[]): number[] =>
  ranges.flatMap(([from, to, ordinal]) => Array.from({ length: to - from + 1 }, () => ordinal));

function served(seed = 1): { world: World; a: Node; b: Node } {
  const world = new World(12, seeded(seed));
  const a = world.start(0);
  const b = world.start(1);
  world.control.push(world.distribution(1, two));
  world.settle();
  expect(world.owners()).toEqual(ownersOf(two));
  return { world, a, b };
}

describe('hand-over', () => {
  it('acquires a first distribution from an empty log', () => {
    served();
  });

  it('grows: donors give, the new instance acquires, everybody else stays', () => {
    const { world } = served();
    world.start(2);
    world.control.push({ ...world.distribution(2, three), type: 'prepare' });
    world.settle();
    expect(world.nodes[2]?.warmed).toEqual([
      { kind: 'answer-warmed', rebalance: 'r2', partitions: 4 },
    ]);
    expect(world.owners(), 'prepare moves nothing').toEqual(ownersOf(two));
    const before = world.ownership.length;
    world.control.push(world.distribution(2, three));
    world.settle();
    expect(world.owners()).toEqual(ownersOf(three));
    const touched = new Set(
      world.ownership.slice(before).map((r) => ('partition' in r ? r.partition : -1)),
    );
    expect([...touched].sort((x, y) => x - y)).toEqual([4, 5, 10, 11]);
  });

  it('takes back what nobody acquires, holds its waves, and goes on when told to resume', () => {
    const { world, a } = served();
    world.control.push(
      world.distribution(2, [
        [0, 5, 2],
        [6, 11, 1],
      ]),
    );
    world.settle();
    expect(world.owners()).toEqual(ownersOf(two));
    expect(a.handOver.takenBackPartitions()).toEqual([0, 1, 2, 3]);
    world.start(2);
    world.control.push({ type: 'resume', epoch: 1, revision: 2, rebalance: 'r2' });
    world.settle();
    expect(world.owners()).toEqual([2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]);
  });

  it('ignores a lower revision and a lower epoch', () => {
    const { world } = served();
    world.control.push(world.distribution(3, three, 5));
    world.start(2);
    world.settle();
    world.control.push(world.distribution(2, two, 5), world.distribution(4, two, 4));
    world.settle();
    expect(world.owners()).toEqual(ownersOf(three));
  });

  it('raises an alarm when one revision has two contents, and keeps the first', () => {
    const { world, a } = served();
    world.control.push({ ...world.distribution(1, three) });
    world.settle();
    expect(world.owners()).toEqual(ownersOf(two));
    expect(a.handOver.goals.target?.ranges).toEqual(two);
  });

  it('a restarted instance fences its earlier incarnation and takes its partitions again', () => {
    const { world, a } = served();
    world.crash(a);
    const again = world.start(0);
    world.settle();
    expect(world.owners()).toEqual(ownersOf(two));
    expect(again.handOver.counts().held).toBe(6);
  });

  it('a leaving instance gives everything away and takes nothing more', () => {
    const { world, a } = served();
    a.act(a.handOver.onLeave(world.nowMs));
    world.settle();
    expect(a.handOver.isEmpty()).toBe(true);
    expect(world.owners().slice(0, 6)).toEqual([null, null, null, null, null, null]);
  });

  it.each(Array.from({ length: 150 }, (_, i) => i + 1))(
    'seed %i: random revisions, clients, crashes and restarts end with everything owned as planned',
    (seed) => {
      const { world } = served(seed);
      const { random } = world;
      world.start(2);
      let clients = 0;
      let ranges = two;
      for (let revision = 2; revision < 8; revision += 1) {
        ranges = random.below(2) === 0 ? three : two;
        const message = world.distribution(revision, ranges);
        if (random.below(2) === 0) world.control.push({ ...message, type: 'prepare' });
        for (let i = random.below(40); i > 0; i -= 1) world.step();
        world.control.push(message);
        for (let i = random.below(8); i > 0; i -= 1) {
          clients += 1;
          const node = random.pick(world.live());
          const partition = random.below(12);
          const user = `u${partition}-${random.below(2)}`;
          node.admit(`c${clients}`, {
            partition,
            user,
            client: 'd',
            session: `s${clients}`,
            sessionAtMs: clients,
          });
          world.step();
        }
        for (let i = random.below(120); i > 0; i -= 1) world.step();
        if (random.below(3) === 0) {
          const victim = random.pick(world.live());
          world.crash(victim);
          world.advance(random.below(3_000));
          world.start(victim.ordinal);
        }
        if (random.below(4) === 0) world.advance(2_100);
      }
      world.settle();
      world.control.push({ type: 'resume', epoch: 1, revision: 7, rebalance: 'r7' });
      world.settle();
      expect(world.owners(), `seed ${seed}`).toEqual(ownersOf(ranges));
    },
  );
});
