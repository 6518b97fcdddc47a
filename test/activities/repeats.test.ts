import { describe, expect, it } from 'vitest';
import { answeredBefore } from '../../activities/repeats.js';
import type { RebalanceDoc } from '../../src/ports.js';

/** Newest first, as ConfigDB answers. */
const recorded = (...outcomes: readonly [requestId: string, outcome: string | null][]) => {
  const docs = outcomes.map(([requestId, outcome], index): RebalanceDoc => {
    const epoch = outcomes.length - index;
    const body = { request: { requestId }, outcome, text: `text ${epoch}` };
    return { id: `s@${epoch}`, service: 's', runId: 'r', body, atMs: epoch };
  });
  return { rebalances: async () => docs };
};
const now = { service: 's', rebalance: 's@9' };

describe('a request that comes again after its run has closed', () => {
  it.each(['completed', 'recovered', 'unnecessary', 'refused', 'rejected'])(
    'is answered with the earlier outcome when that was %s',
    async (outcome) => {
      const configDb = recorded(['other', 'undone'], ['mine', outcome]);
      expect(await answeredBefore(configDb, now, { requestId: 'mine' })).toBe(
        `request mine ended before: ${outcome}: text 1`,
      );
    },
  );

  it.each(['undone', 'aborted', 'compensation-failed', null])(
    'may be tried again when it ended as %s',
    async (outcome) => {
      const configDb = recorded(['mine', outcome], ['other', 'completed']);
      expect(await answeredBefore(configDb, now, { requestId: 'mine' })).toBeUndefined();
    },
  );

  it('names the outcome of the first, not of a repetition', async () => {
    const configDb = recorded(['mine', 'unnecessary'], ['mine', 'completed'], ['mine', 'undone']);
    expect(await answeredBefore(configDb, now, { requestId: 'mine' })).toContain(
      'completed: text 2',
    );
  });

  it('is not taken for its own repetition when its plan is made again', async () => {
    const configDb = recorded(['mine', 'completed']);
    const own = { service: 's', rebalance: 's@1' };
    expect(await answeredBefore(configDb, own, { requestId: 'mine' })).toBeUndefined();
  });
});
