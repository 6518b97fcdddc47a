// Questions asked of one distribution, and of two.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalText,
  checkTiling,
  distributionFromRanges,
  movesBetween,
  ownerOf,
  rangesByInstance,
  toProtocolJson,
  type Distribution,
  type OwnedRange,
} from '../../src/core/distribution.js';

const grown = distributionFromRanges({ service: 'messaging', revision: 2, partitions: 360 }, [
  [
    2,
    [
      [300, 359],
      [120, 179],
    ],
  ],
  [0, [[0, 119]]],
  [1, [[180, 299]]],
]);

/** A random tiling: the owner of each partition. */
const owners = (partitions: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat({ max: 3 }), { minLength: partitions, maxLength: partitions });

function distributionOf(owner: readonly number[]): Distribution {
  const byOrdinal = new Map<number, [number, number][]>();
  owner.forEach((ordinal, p) => {
    byOrdinal.set(ordinal, [...(byOrdinal.get(ordinal) ?? []), [p, p]]);
  });
  return distributionFromRanges({ service: 's', revision: 1, partitions: owner.length }, byOrdinal);
}

describe('a distribution', () => {
  it('is sorted by partition, whatever order its parts come in', () => {
    expect(grown.ranges).toEqual([
      [0, 119, 0],
      [120, 179, 2],
      [180, 299, 1],
      [300, 359, 2],
    ]);
    expect(checkTiling(grown)).toBeUndefined();
  });

  it('knows the owner of each partition', () => {
    fc.assert(
      fc.property(owners(40), (owner) => {
        const distribution = distributionOf(owner);
        owner.forEach((ordinal, p) => expect(ownerOf(distribution, p)).toBe(ordinal));
      }),
    );
    expect(ownerOf(grown, 360)).toBeUndefined();
    expect(ownerOf(grown, -1)).toBeUndefined();
    expect(
      ownerOf(
        {
          ranges: [
            [0, 1, 0],
            [4, 5, 1],
          ],
        },
        3,
      ),
    ).toBeUndefined();
  });

  it('lists the ranges of each instance, lowest ordinal first', () => {
    expect([...rangesByInstance(grown)]).toEqual([
      [0, [[0, 119]]],
      [1, [[180, 299]]],
      [
        2,
        [
          [120, 179],
          [300, 359],
        ],
      ],
    ]);
  });

  it('shows instances by name as the directory does', () => {
    expect(JSON.stringify(toProtocolJson(grown))).toBe(
      '{"messaging-0":[[0,119]],"messaging-1":[[180,299]],"messaging-2":[[120,179],[300,359]]}',
    );
  });
});

describe('checkTiling', () => {
  const cases: readonly (readonly [string, readonly OwnedRange[], string])[] = [
    ['a hole at the start', [[1, 9, 0]], 'nobody owns [0]'],
    [
      'a hole in the middle',
      [
        [0, 3, 0],
        [6, 9, 1],
      ],
      'nobody owns [4-5]',
    ],
    ['a hole at the end', [[0, 7, 0]], 'nobody owns [8-9]'],
    ['nothing at all', [], 'nobody owns [0-9]'],
    [
      'an overlap',
      [
        [0, 5, 0],
        [4, 9, 1],
      ],
      '[4-5] of ordinal 1 is owned twice or out of order',
    ],
    ['too many partitions', [[0, 10, 0]], 'range end 10 is outside 0..9'],
    [
      'a range backwards',
      [
        [0, 5, 0],
        [6, 5, 1],
        [6, 9, 1],
      ],
      'range 6-5 of ordinal 1 ends before it begins',
    ],
    ['a fraction', [[0, 9.5, 0]], '[0,9.5,0] is not a range of partitions and an ordinal'],
    ['a negative ordinal', [[0, 9, -1]], '[0,9,-1] is not a range of partitions and an ordinal'],
  ];
  it.each(cases)('names the first problem: %s', (_, ranges, problem) => {
    expect(checkTiling({ partitions: 10, ranges })).toBe(problem);
  });
});

describe('canonicalText', () => {
  it('is equal for equal ownership, however it was cut into ranges', () => {
    const cut: Distribution = {
      ...grown,
      ranges: [[0, 60, 0], [61, 119, 0], ...grown.ranges.slice(1)],
    };
    expect(canonicalText(cut)).toBe(canonicalText(grown));
  });

  it('differs in revision, owner, service and P', () => {
    const others = [
      { ...grown, revision: 3 },
      { ...grown, service: 'other' },
      { ...grown, partitions: 361 },
      { ...grown, ranges: [[0, 119, 1], ...grown.ranges.slice(1)] as const },
    ];
    expect(new Set([grown, ...others].map(canonicalText)).size).toBe(5);
  });
});

describe('movesBetween', () => {
  it('names donor and receiver of every range that changes hands', () => {
    const two = distributionFromRanges({ service: 'messaging', revision: 1, partitions: 360 }, [
      [0, [[0, 179]]],
      [1, [[180, 359]]],
    ]);
    expect(movesBetween(two, grown)).toEqual([
      { from: 120, to: 179, donor: 0, receiver: 2 },
      { from: 300, to: 359, donor: 1, receiver: 2 },
    ]);
    expect(movesBetween(grown, grown)).toEqual([]);
  });

  it('finds exactly the partitions whose owner differs, joined where both parties agree', () => {
    const two = fc.integer({ min: 1, max: 30 }).chain((n) => fc.tuple(owners(n), owners(n)));
    fc.assert(
      fc.property(two, ([before, after]) => {
        const moves = movesBetween(distributionOf(before), distributionOf(after));
        const found = new Map<number, string>();
        for (const { from, to, donor, receiver } of moves) {
          for (let p = from; p <= to; p += 1) found.set(p, `${donor}>${receiver}`);
        }
        const expected = new Map(
          before.flatMap((donor, p): [number, string][] =>
            donor === after[p] ? [] : [[p, `${donor}>${after[p]}`]],
          ),
        );
        expect(found).toEqual(expected);
        moves.slice(1).forEach((move, i) => {
          const last = moves[i] as typeof move;
          const apart = last.to + 1 < move.from;
          expect(apart || last.donor !== move.donor || last.receiver !== move.receiver).toBe(true);
        });
      }),
    );
  });

  it('counts partitions that nobody owned before as no move', () => {
    expect(
      movesBetween(
        { ranges: [[0, 3, 0]] },
        {
          ranges: [
            [0, 2, 0],
            [3, 9, 1],
          ],
        },
      ),
    ).toEqual([{ from: 3, to: 3, donor: 0, receiver: 1 }]);
  });
});
