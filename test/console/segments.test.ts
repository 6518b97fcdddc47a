// The partition space as the page draws it.
import { describe, expect, it } from 'vitest';
import { consoleSegmentsMax } from '../../src/console/limits.js';
import { movesOf, segmentsOf } from '../../src/console/segments.js';

const owned = { 'chat-0': [[0, 3]], 'chat-1': [[4, 7]], nobody: [[8, 9]] } as const;
const planned = {
  'chat-0': [[0, 2]],
  'chat-1': [[4, 8]],
  'chat-2': [
    [3, 3],
    [9, 9],
  ],
} as const;

describe('pieces', () => {
  it('have one owner and one target each, and cover everything once', () => {
    expect(segmentsOf(10, owned, planned)).toEqual([
      [0, 2, 'chat-0', 'chat-0'],
      [3, 3, 'chat-0', 'chat-2'],
      [4, 7, 'chat-1', 'chat-1'],
      [8, 8, null, 'chat-1'],
      [9, 9, null, 'chat-2'],
    ]);
  });

  it('are no more than a screen can show, and still cover everything', () => {
    const partitions = 20_000;
    const even = Array.from({ length: partitions / 2 }, (_, i) => [2 * i, 2 * i] as const);
    const odd = even.map(([p]) => [p + 1, p + 1] as const);
    const cut = { 'chat-0': even, 'chat-1': odd };
    const pieces = segmentsOf(partitions, cut, cut);
    expect(pieces.length).toBeLessThanOrEqual(consoleSegmentsMax);
    expect(pieces[0]?.[0]).toBe(0);
    expect(pieces.at(-1)?.[1]).toBe(partitions - 1);
    pieces.slice(1).forEach(([from], i) => expect(from).toBe((pieces[i]?.[1] ?? 0) + 1));
  });
});

describe('moves', () => {
  it('say who gives what to whom, with the connections on it, most first', () => {
    const clients = new Map([
      [3, 5],
      [4, 100],
      [9, 7],
    ]);
    expect(movesOf(10, owned, planned, clients)).toEqual([
      { from: null, to: 'chat-2', partitions: 1, clients: 7, ranges: '9' },
      { from: 'chat-0', to: 'chat-2', partitions: 1, clients: 5, ranges: '3' },
      { from: null, to: 'chat-1', partitions: 1, clients: 0, ranges: '8' },
    ]);
  });

  it('are none where everybody holds what they shall', () => {
    expect(movesOf(10, owned, owned, new Map())).toEqual([]);
  });
});
