// What doctor makes of Temporal's answers.
import { describe, expect, it } from 'vitest';
import { checkTemporal, type TemporalSeen } from '../../../src/cli/doctor/temporal.js';
import type { RunSeen } from '../../../src/cli/temporal.js';

const nowMs = 1_000_000;
const about = { service: 'chat', nowMs, everyMs: 15_000 };
const well: TemporalSeen = {
  attributesMissing: [],
  schedule: { paused: false, note: null, everyMs: 15_000, nextAtMs: null },
  taskQueue: 'evenkeel',
  pollersAtMs: [nowMs - 10_000],
  run: null,
};
const run = (status: object | null) =>
  ({
    workflowId: 'rebalance/chat',
    runId: 'r',
    state: 'RUNNING',
    startedAtMs: nowMs - 60_000,
    status,
  }) as RunSeen;

const complaints = (over: Partial<TemporalSeen>) =>
  Object.fromEntries(
    checkTemporal({ ...well, ...over }, about)
      .filter(({ verdict }) => verdict !== 'ok')
      .map(({ check, verdict, found }) => [check, `${verdict}: ${found}`]),
  );

describe('doctor about Temporal', () => {
  it('has nothing to say when all is well', () => {
    expect(complaints({})).toEqual({});
    expect(complaints({ run: run({ phase: 'hand-over', awaitsApproval: false }) })).toEqual({});
  });

  it.each<[string, Partial<TemporalSeen>, string, RegExp]>([
    [
      'attributes',
      { attributesMissing: ['EvenkeelPhase'] },
      'search-attributes',
      /^fault: .*Phase/,
    ],
    ['no worker', { pollersAtMs: [nowMs - 200_000] }, 'worker', /^fault: no worker polls/],
    ['no Schedule', { schedule: null }, 'schedule', /^fault: chat has no Schedule/],
    [
      'a pause',
      { schedule: { paused: true, note: 'by ada', everyMs: 15_000, nextAtMs: null } },
      'schedule',
      /^warning: it is paused: by ada/,
    ],
    [
      'an old interval',
      { schedule: { paused: false, note: null, everyMs: 60_000, nextAtMs: null } },
      'schedule',
      /every 1 min 0 s, the policy says every 15\.0 s/,
    ],
    ['a run without a worker', { run: run(null) }, 'rebalance', /^fault: .* no worker answers/],
    [
      'an approval',
      { run: run({ phase: 'approval', awaitsApproval: true }) },
      'rebalance',
      /^warning: .*waiting for approval for 1 min 0 s/,
    ],
  ])('finds %s', (_, over, check, found) => {
    const said = complaints(over);
    expect(Object.keys(said)).toEqual([check]);
    expect(said[check]).toMatch(found);
  });
});
