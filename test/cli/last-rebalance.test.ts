import { describe, expect, it } from 'vitest';
import { lastOutcomeOf, lastRebalanceText } from '../../src/cli/last-rebalance.js';
import type { RebalanceDoc } from '../../src/ports.js';
import type { RebalanceStatus } from '../../workflows/messages.js';

const statusWith = (outcome: string) =>
  ({
    phase: 'hand-over',
    outcomes: [{ requestId: 'a', outcome, text: 'why' }],
  }) as unknown as RebalanceStatus;
const doc = (runId: string, outcome: string | null): RebalanceDoc => {
  const body = { request: { requestId: 'a' }, outcome, text: 'by ada' };
  return { id: 's@1', service: 's', runId, body, atMs: 1 };
};

describe('the last rebalance as status shows it', () => {
  const closed = { runId: 'r1', state: 'COMPLETED', status: null, stuck: null };

  it('is what was recorded, not how its run closed', () => {
    const last = lastOutcomeOf(closed, doc('r1', 'aborted'));
    expect(last).toEqual({ requestId: 'a', outcome: 'aborted', text: 'by ada' });
    expect(lastRebalanceText(closed, last)).toBe('aborted: by ada');
  });

  it('is not the record of an earlier run; then it is what the run says itself', () => {
    const said = { ...closed, status: statusWith('refused') };
    expect(lastRebalanceText(said, lastOutcomeOf(said, doc('r0', 'completed')))).toBe(
      'refused: why',
    );
  });

  it('says its word once where its text begins with it', () => {
    const saying = (outcome: 'aborted' | 'recovered', text: string) =>
      lastRebalanceText(closed, { requestId: 'a', outcome, text });
    expect(saying('aborted', 'aborted by ada at prepare; undone')).toBe(
      'aborted by ada at prepare; undone',
    );
    expect(saying('recovered', 'recovered; all hold theirs')).toBe('recovered; all hold theirs');
    expect(saying('recovered', 'recovered')).toBe('recovered');
    expect(saying('aborted', '')).toBe('aborted');
    // Another word that only begins with the same letters.
    expect(saying('aborted', 'aborted-by-hand')).toBe('aborted: aborted-by-hand');
  });

  it('is how the run closed where nothing is recorded', () => {
    const terminated = { ...closed, state: 'TERMINATED' };
    expect(lastRebalanceText(terminated, lastOutcomeOf(terminated, doc('r1', null)))).toBe(
      'terminated, no outcome recorded',
    );
  });

  it('is its phase while it runs', () => {
    const running = {
      ...{ runId: 'r1', state: 'RUNNING', stuck: null },
      status: statusWith('completed'),
    };
    expect(lastRebalanceText(running, null)).toBe('running, hand-over');
    expect(lastRebalanceText({ ...running, status: null }, null)).toBe(
      'running, no worker answers',
    );
  });
});
