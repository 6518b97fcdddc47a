import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/core/bytes.js';
import type { RequestOutcome } from '../../workflows/messages.js';
import { fitting, openOutcomes, shortened } from '../../workflows/outcomes.js';

const outcome = (requestId: string, more: Partial<RequestOutcome> = {}): RequestOutcome => ({
  requestId,
  outcome: 'completed',
  text: `grow 2 → 3 of ${requestId}`,
  revision: 2,
  movedClients: 1,
  gapP99Ms: 3,
  ...more,
});
const refused = (requestId: string) => outcome(requestId, { outcome: 'refused', revision: null });
const idsOf = (outcomes: readonly RequestOutcome[]) => outcomes.map(({ requestId }) => requestId);

describe('the outcomes of a run', () => {
  it('of requests that were carried out outlast any flood of those that were not', () => {
    const outcomes = openOutcomes([], 0);
    outcomes.add(outcome('grow'));
    for (let i = 0; i < 9_999; i += 1) outcomes.addNotBegun(refused(`garbage ${i}`));
    outcomes.add(outcome('shrink'));
    expect(outcomes.kept).toHaveLength(18);
    expect(idsOf(outcomes.kept).slice(0, 2)).toEqual(['grow', 'garbage 9983']);
    expect(idsOf(outcomes.kept).slice(-2)).toEqual(['garbage 9998', 'shrink']);
    expect(outcomes.notBegun).toBe(9_999);
    expect(idsOf(fitting(outcomes.kept, 900))).toEqual(
      expect.arrayContaining(['grow', 'garbage 9998', 'shrink']),
    );
  });

  it('are bounded, the last ones stay', () => {
    const outcomes = openOutcomes([], 0);
    for (let i = 0; i < 1_000; i += 1) outcomes.add(outcome(`r${i}`));
    expect(idsOf(outcomes.kept).at(0)).toBe('r968');
    expect(idsOf(outcomes.kept).at(-1)).toBe('r999');
  });

  it('go on from those of the run before', () => {
    const outcomes = openOutcomes([outcome('grow'), { ...refused('x'), notBegun: true }], 7);
    outcomes.addNotBegun(refused('y'));
    expect(idsOf(outcomes.kept)).toEqual(['grow', 'x', 'y']);
    expect(outcomes.notBegun).toBe(8);
  });
});

describe('what of them fits into a payload', () => {
  it.each([200, 900, 1_800])('takes no more than %i bytes, whatever they say', (maxBytes) => {
    for (const text of ['', 'é'.repeat(5_000), '"\u0000'.repeat(5_000), '𝄞'.repeat(300)]) {
      const many = Array.from({ length: 40 }, (_, i) => outcome(`r${i}`, { text }));
      for (const some of [many, many.slice(0, 1)]) {
        const fit = fitting(some.map(shortened), maxBytes);
        expect(bytesOf(fit)).toBeLessThanOrEqual(maxBytes);
        expect(fit.at(-1)?.requestId).toBe(some.at(-1)?.requestId);
      }
    }
  });

  it('is everything where there is little', () => {
    const few = [outcome('grow'), outcome('shrink')];
    expect(fitting(few, 900)).toEqual(few);
  });
});
