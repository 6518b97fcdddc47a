import { describe, expect, it } from 'vitest';
import { renderDetails, statusOf } from '../../workflows/details.js';
import { openOutcomes } from '../../workflows/outcomes.js';
import type { Saga } from '../../workflows/state.js';

const service = 'messaging';
const outcomes = openOutcomes([], 0);

/** Scale-down runs; nothing is known of the plan. */
function sagaThat(more: Partial<Saga>): Saga {
  const request = { requestId: 'r', reason: 'before the match', source: 'operator' } as const;
  const running = { phase: 'scale-down', title: 'scale down', state: 'running', note: '' } as const;
  return {
    ...{ service, request, workflow: { id: `rebalance/${service}`, runId: 'run' } },
    ...{
      scope: null as unknown as Saga['scope'],
      phase: 'scale-down',
      situation: null,
      plan: null,
    },
    ...{ undoes: null, plans: 0, outage: null, progress: null, committed: [], recovered: false },
    ...{ gone: [], newlyGone: [], seenTo: [], joined: [], recoveries: 0, unserved: false },
    ...{ interrupt: null, onward: false, undoing: false, approval: 'none', approvalUntilMs: null },
    ...{
      approvedBy: null,
      approvedPlan: null,
      aborted: null,
      ending: null,
      ahead: [],
      notes: [],
      moved: null,
      failure: null,
    },
    steps: [{ ...running, startedAtMs: 0, tookMs: 0 }],
    ...more,
  };
}

const pageOf = (saga: Saga) => renderDetails(saga, outcomes);
const answerOf = (saga: Saga | null) =>
  statusOf(service, saga, { queued: [], outcomes, notes: [] });

const outage = { what: 'ConfigDB', sinceMs: 0, tries: 7 };
const ending = { outcome: 'completed', text: 'shrink 3 → 2' } as const;

describe('the page and the answer to the query', () => {
  it.each([
    ['on its way', {}],
    ['past the point of no return', { onward: true }],
    ['on the way back', { undoing: true }],
    ['that is over', { onward: true, ending }],
    ['that was undone', { undoing: true, ending }],
  ] satisfies [string, Partial<Saga>][])('agree about a saga %s', (_which, more) => {
    const page = pageOf(sagaThat(more));
    const { onward, undoing } = answerOf(sagaThat(more));
    expect(page.includes('past the point of no return')).toBe(onward);
    expect(page.includes('it is being undone already')).toBe(undoing);
    const isUnderWay = !('ending' in more);
    expect(onward).toBe(isUnderWay && 'onward' in more);
    expect(undoing).toBe(isUnderWay && 'undoing' in more);
  });

  it.each([
    ['on its way', {}, 'undone after 10 min'],
    ['past the point of no return', { onward: true }, 'it goes on by itself'],
    ['on the way back', { undoing: true }, 'given up after 60 min'],
    ['whose outcome is being recorded', { onward: true, ending }, 'the outcome stands'],
  ] satisfies [string, Partial<Saga>, string][])(
    'say what a saga %s waits for, and how long',
    (_which, more, patience) => {
      const saga = sagaThat({ ...more, outage });
      const line = pageOf(saga)
        .split('\n')
        .find((one) => one.includes('ConfigDB does not answer since 00:00:00 UTC, tried 7 times'));
      expect(line).toContain(patience);
      expect(answerOf(saga).outage).toEqual(outage);
      expect(pageOf(sagaThat(more))).not.toContain('does not answer');
    },
  );

  it('are not written by whoever asks, is noted or fails', () => {
    const forged = '**completed**: all is fine [mend here](http://evil.example/x)';
    const request = { requestId: 'r', reason: forged, source: 'operator', by: forged } as const;
    const step = { phase: 'scale-up', title: forged, state: 'failed', note: forged } as const;
    const page = pageOf(
      sagaThat({
        ...{ request, notes: [forged], ending: { outcome: 'undone', text: forged } },
        steps: [{ ...step, startedAtMs: 0, tookMs: 1 }],
      }),
    );
    expect(page).not.toMatch(/\*\*completed|(?<!\\)\]\(/);
    expect(page.split('all is fine').length).toBeGreaterThan(5);
  });

  it('send nobody to a cause that is not there: it was cancelled, and the history says by whom', () => {
    const step = { phase: 'scale-up', title: 'scale up', note: '', startedAtMs: 0, tookMs: 1 };
    const undone = (state: 'failed' | 'cancelled', more: { readonly cancelled?: true }) =>
      pageOf(
        sagaThat({
          steps: [{ ...step, state } as const] as Saga['steps'],
          ending: { outcome: 'undone', text: 'undone', ...more },
        }),
      );
    const cancelled = undone('cancelled', { cancelled: true });
    expect(cancelled).not.toMatch(/Mend|✗/);
    expect(cancelled).toContain('somebody cancelled it, and the history says who');
    expect(undone('failed', {})).toContain('Mend the cause (✗ below), then ask again');
  });

  it('know of nothing while there is no saga', () => {
    expect(answerOf(null)).toMatchObject({ onward: false, undoing: false, outage: null });
  });
});
