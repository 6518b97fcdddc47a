import { describe, expect, it } from 'vitest';
import {
  actualOwnership,
  heldAsPlanned,
  nextRevision,
  rangesText,
  segments,
} from '../../activities/situation.js';
import type { OwnedRange } from '../../src/core/distribution.js';
import type { OwnershipView } from '../../src/logs/ownership-view.js';
import type { DistributionDoc, InstanceReport } from '../../src/ports.js';

type Held = readonly (readonly [from: number, to: number, instance: string | null])[];

const viewOf = (held: Held, highest = 0) =>
  ({ ranges: () => held, highestRevision: () => highest }) as unknown as OwnershipView;
const latestOf = (ranges: readonly OwnedRange[], revision = 1) =>
  ({ ranges, revision }) as unknown as DistributionDoc;

const planned: readonly OwnedRange[] = [
  [0, 119, 0],
  [120, 179, 2],
  [180, 299, 1],
  [300, 359, 2],
];

describe('ownership laid over a plan', () => {
  it('cuts where either changes and covers everything once', () => {
    const held: Held = [
      [0, 149, 's-0'],
      [150, 160, null],
      [161, 359, 's-1'],
    ];
    const pieces = [...segments(viewOf(held), planned)].map(({ from, to, holder, ordinal }) => [
      from,
      to,
      holder,
      ordinal,
    ]);
    expect(pieces).toEqual([
      [0, 119, 's-0', 0],
      [120, 149, 's-0', 2],
      [150, 160, null, 2],
      [161, 179, 's-1', 2],
      [180, 299, 's-1', 1],
      [300, 359, 's-1', 2],
    ]);
  });

  it('names nobody where the plan has a hole', () => {
    const pieces = [
      ...segments(viewOf([[0, 9, 's-0']]), [
        [2, 3, 0],
        [6, 6, 1],
      ]),
    ];
    expect(pieces.map(({ from, to, ordinal }) => [from, to, ordinal])).toEqual([
      [0, 1, null],
      [2, 3, 0],
      [4, 5, null],
      [6, 6, 1],
      [7, 9, null],
    ]);
  });

  it('counts what is held as planned and names the first range that is not', () => {
    const held: Held = [
      [0, 179, 's-0'],
      [180, 359, 's-1'],
    ];
    expect(heldAsPlanned(viewOf(held), 's', planned)).toEqual({
      held: 240,
      firstWrong: '[120-179] is held by s-0, planned for s-2',
    });
    const done: Held = planned.map(([from, to, ordinal]) => [from, to, `s-${ordinal}`]);
    expect(heldAsPlanned(viewOf(done), 's', planned)).toEqual({ held: 360, firstWrong: null });
  });
});

describe('actual ownership', () => {
  it('gives what nobody holds to whom the latest distribution names', () => {
    const held: Held = [
      [0, 149, 's-0'],
      [150, 160, null],
      [161, 359, 's-1'],
    ];
    expect(actualOwnership(viewOf(held), 's', latestOf(planned))).toEqual({
      's-0': [[0, 149]],
      's-1': [[161, 359]],
      's-2': [[150, 160]],
    });
  });

  it('leaves out what nobody holds when there is no distribution', () => {
    expect(actualOwnership(viewOf([[0, 359, null]]), 's', null)).toEqual({});
  });
});

describe('the next revision', () => {
  const reports = [{ revision: 9 }, { revision: 3 }] as unknown as InstanceReport[];

  it('is above ConfigDB, the log, every report and what was told, so that no number means two things', () => {
    expect(nextRevision(latestOf(planned, 4), viewOf([], 7), reports, null)).toBe(10);
    expect(nextRevision(latestOf(planned, 12), viewOf([], 7), reports, null)).toBe(13);
    expect(nextRevision(null, viewOf([], 14), [], null)).toBe(15);
    expect(nextRevision(null, viewOf([]), [], { revision: 20 })).toBe(21);
    expect(nextRevision(null, viewOf([]), [], null)).toBe(1);
  });
});

describe('ranges as people read them', () => {
  it('are one line per plan, cut where it gets long', () => {
    expect(rangesText(planned)).toBe('0→[0-119] 1→[180-299] 2→[120-179,300-359]');
    const many = Array.from({ length: 500 }, (_, i): OwnedRange => [i, i, i % 7]);
    expect(rangesText(many).length).toBeLessThanOrEqual(901);
  });
});
