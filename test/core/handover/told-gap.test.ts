import { describe, expect, it } from 'vitest';
import { toldGap } from '../../../src/core/handover/told-gap.js';

describe('a gap that a client reports', () => {
  it.each([
    [
      'of a move counts under the revision that it was told',
      7,
      null,
      9,
      { revision: 7, cause: 'moved' },
    ],
    [
      'of a move is no other because it was redirected on the way',
      7,
      8,
      9,
      { revision: 7, cause: 'moved' },
    ],
    [
      'after a lost connection is no move, though it came by a later revision',
      null,
      null,
      9,
      { revision: 9, cause: 'other' },
    ],
    [
      'after a lost connection is no move, though it was redirected then',
      null,
      8,
      9,
      { revision: 8, cause: 'other' },
    ],
    [
      'of a client that does not say is a move when its hello echoed a revision',
      undefined,
      8,
      9,
      { revision: 8, cause: 'moved' },
    ],
    [
      'of a client that does not say is no move when its hello echoed none',
      undefined,
      null,
      9,
      { revision: 9, cause: 'other' },
    ],
    [
      'never counts under a revision that is not in force there',
      99,
      98,
      9,
      { revision: 9, cause: 'moved' },
    ],
  ] as const)('%s', (_, told, echoed, welcomed, seen) => {
    expect(toldGap({ told, echoed, welcomed })).toEqual(seen);
  });
});
