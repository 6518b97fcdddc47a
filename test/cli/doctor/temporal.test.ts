// What doctor makes of Temporal's answers.
import { describe, expect, it } from 'vitest';
import { checkTemporal, type TemporalSeen } from '../../../src/cli/doctor/temporal.js';
import type { RunSeen, ScheduleSeen } from '../../../src/cli/temporal.js';

const nowMs = 1_000_000;
const about = { service: 'chat', nowMs, everyMs: 15_000 };
function schedule(over: Partial<ScheduleSeen>): ScheduleSeen {
  const ticks = { missed: 2, skipped: 1, lastAtMs: nowMs - 9_000 };
  return {
    paused: false,
    note: null,
    everyMs: 15_000,
    nextAtMs: null,
    drift: [],
    ...ticks,
    ...over,
  };
}
const well: TemporalSeen = {
  attributesMissing: [],
  attributesMistyped: [],
  schedule: schedule({}),
  taskQueue: 'evenkeel',
  pollersAtMs: [nowMs - 10_000],
  deployment: null,
  run: null,
};
const run = (status: object | null) =>
  ({
    workflowId: 'rebalance/chat',
    runId: 'r',
    state: 'RUNNING',
    startedAtMs: nowMs - 60_000,
    status,
    stuck: null,
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
    [
      'an attribute of another type',
      { attributesMistyped: [{ name: 'EvenkeelPhase', found: 'INT', wanted: 'KEYWORD' }] },
      'search-attributes',
      /^fault: registered with another type: EvenkeelPhase is INT, not KEYWORD/,
    ],
    [
      'a Schedule that was changed by hand',
      { schedule: schedule({ drift: ['task queue wrong, not evenkeel'] }) },
      'schedule',
      /^fault: somebody changed it: task queue wrong, not evenkeel/,
    ],
    ['no worker', { pollersAtMs: [nowMs - 200_000] }, 'worker', /^fault: no worker polls/],
    ['no Schedule', { schedule: null }, 'schedule', /^fault: chat has no Schedule/],
    [
      'a pause',
      { schedule: schedule({ paused: true, note: 'by ada', lastAtMs: 0 }) },
      'schedule',
      /^warning: it is paused: by ada/,
    ],
    [
      'an old interval',
      { schedule: schedule({ everyMs: 60_000 }) },
      'schedule',
      /every 1 min 0 s, the policy says every 15\.0 s/,
    ],
    [
      'evaluations that do not begin',
      { schedule: schedule({ lastAtMs: nowMs - 121_000 }) },
      'schedule',
      /^fault: .* began 2 min 1 s ago; since it exists 2 missed, 1 skipped/,
    ],
    [
      'a deployment without a current version',
      { deployment: { name: 'evenkeel', polling: ['B'], current: null } },
      'worker-version',
      /^fault: no version of deployment evenkeel is current/,
    ],
    [
      'a current version without a worker',
      { deployment: { name: 'evenkeel', polling: ['B'], current: 'A' } },
      'worker-version',
      /^fault: version A .* is current, and no worker of it polls/,
    ],
    [
      'a run that no worker can carry on',
      {
        run: { ...run(null), stuck: { attempt: 9, sinceMs: nowMs - 60_000, why: 'boom' } },
      },
      'rebalance',
      /^fault: .* is stuck since .*tried 9 times: no worker can carry it on: boom/,
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
