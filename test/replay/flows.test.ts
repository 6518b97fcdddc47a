import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.js';
import type { FlowKind } from '../../src/core/saga/aim.js';
import { awayType } from '../../src/core/saga/outage.js';
import type {
  CommitResult,
  Outcome,
  RebalanceRequest,
  RecordInput,
  RequestSource,
} from '../../activities/types.js';
import { openMemoryService } from '../../faults/memory-service.js';
import { historyFiles, readHistory, runOf, type RecordedRun } from './recorded-histories.js';

// A replay proves nothing of a way that no recorded run has taken. Each way that a saga can take is told
// here by what its history holds, whatever the file is called, and one of them must have taken it.

const runs = historyFiles().map((file) => runOf(readHistory(file)));

const names = ({ calls }: RecordedRun) => calls.map(({ name }) => name);
const has = (run: RecordedRun, ...activities: readonly string[]) =>
  activities.every((name) => names(run).includes(name));
const fired = ({ eventTypes }: RecordedRun) => eventTypes.includes('TIMER_FIRED');
const ended = ({ outcomes }: RecordedRun, outcome: Outcome) =>
  outcomes.some((one) => one.outcome === outcome && one.notBegun !== true);
const said = ({ updates }: RecordedRun, word: 'approve' | 'reject' | 'abort') =>
  updates.filter((update) => update === word).length;
const requests = ({ signals }: RecordedRun) =>
  signals.filter(
    (signal): signal is RebalanceRequest => typeof signal === 'object' && signal !== null,
  );
/** Whether two tries of one activity after each other told that what it needs is away. */
const isAwayTwice = ({ calls }: RecordedRun) =>
  calls.some(({ name }, at) =>
    [calls[at], calls[at + 1]].every((one) => one?.name === name && one.failureType === awayType),
  );
const lostRaces = ({ calls }: RecordedRun) =>
  calls.filter(
    ({ name, result }) => name === 'commit' && (result as CommitResult | null)?.kind === 'conflict',
  ).length;
type Recorded = Pick<RecordInput, 'outcome' | 'plan'>;
/** What each saga of the run wrote into its record. */
const recorded = ({ calls }: RecordedRun) =>
  calls.filter(({ name }) => name === 'record').map((call) => call.arguments[0] as Recorded);

const flows: Readonly<Record<string, (run: RecordedRun) => boolean>> = {
  'an outage that is waited for, over several tries': (run) =>
    isAwayTwice(run) && ended(run, 'completed'),
  'a question that nobody answers': (run) =>
    fired(run) && run.updates.length === 0 && ended(run, 'rejected'),
  'an approval': (run) => said(run, 'approve') === 1 && ended(run, 'completed'),
  'an approval of what has changed, so that it is asked again': (run) =>
    said(run, 'approve') === 2 && ended(run, 'completed'),
  'an approval of what is refused by then': (run) =>
    said(run, 'approve') > 0 && ended(run, 'refused'),
  'a rejection': (run) => said(run, 'reject') > 0 && ended(run, 'rejected'),
  'a race at commit that is lost, then won': (run) =>
    lostRaces(run) > 0 && has(run, 'notify') && ended(run, 'recovered'),
  'races at commit that are all lost': (run) =>
    lostRaces(run) === 3 && run.failureType === 'RebalanceUndone',
  'what a failed undo left, tried again': (run) =>
    requests(run).some(({ leftovers }) => leftovers === 'retry') && has(run, 'commit'),
  'what a failed undo left, accepted': (run) =>
    requests(run).some(({ leftovers }) => leftovers === 'accept') && has(run, 'commit'),
  'an abort before the commit': (run) =>
    said(run, 'abort') > 0 && ended(run, 'aborted') && !has(run, 'commit'),
  'an abort after the commit': (run) =>
    said(run, 'abort') > 0 && ended(run, 'aborted') && has(run, 'commit', 'planBack'),
  'an abort past the point of no return': (run) =>
    said(run, 'abort') > 0 && ended(run, 'completed') && has(run, 'scaleDown'),
  'a cancellation before anything was begun': (run) =>
    run.closed === 'CANCELED' && !has(run, 'plan'),
  'a cancellation that is undone': (run) =>
    run.closed === 'CANCELED' && has(run, 'plan', 'commit', 'planBack'),
  'a failed step that is undone': (run) =>
    run.failureType === 'RebalanceUndone' && has(run, 'planBack'),
  'an undo that fails': (run) => run.closed === 'FAILED' && has(run, 'pauseSchedule'),
  'a loss that interrupts a step': (run) =>
    run.eventTypes.includes('ACTIVITY_TASK_CANCEL_REQUESTED') && has(run, 'fence', 'planRecovery'),
  'requests that wait, one saga after the other': (run) =>
    names(run).filter((name) => name === 'record').length > 2 && run.closed === 'COMPLETED',
  'a request that another one makes pointless': (run) =>
    run.outcomes.some(({ outcome, notBegun }) => outcome === 'unnecessary' && notBegun === true),
  'the same id twice': (run) => {
    const ids = requests(run).map(({ requestId }) => requestId);
    return new Set(ids).size < ids.length;
  },
  'a request that nobody can read': (run) =>
    run.outcomes.some(({ outcome, notBegun }) => outcome === 'refused' && notBegun === true),
  'those who wait when a run fails are told': (run) => has(run, 'recordUnbegun'),
  'a run that goes on as a new one': (run) => run.closed === 'CONTINUED_AS_NEW',
};

/** Completeness is the compiler's: a further member of the type is missed here. */
const kinds = {
  ...{ bootstrap: true, grow: true, shrink: true, 'in-place': true, drain: true, replace: true },
  ...{ recover: true, adopt: true, rollback: true, roll: true },
} satisfies Record<FlowKind, true>;
const outcomes = {
  ...{ completed: true, unnecessary: true, refused: true, rejected: true, undone: true },
  ...{ aborted: true, recovered: true, 'compensation-failed': true },
} satisfies Record<Outcome, true>;
const sources = {
  ...{ operator: true, threshold: true, forecast: true, balance: true, roll: true },
  ...{ 'instance-lost': true, leave: true },
} satisfies Record<RequestSource, true>;

describe('some recorded history holds', () => {
  it.each(Object.entries(flows))('%s', (flow, took) => {
    const where = 'record one: docs/changing-a-workflow.md, "How it is caught"';
    expect(runs.some(took), `no history in test/replay/histories holds ${flow}: ${where}`).toBe(
      true,
    );
  });

  it.each(Object.keys(kinds))('a plan of the kind %s that was carried out', (kind) => {
    const wasDone = ({ outcome, plan }: Recorded) =>
      plan?.kind === kind && (outcome === 'completed' || outcome === 'recovered');
    expect(runs.flatMap(recorded).some(wasDone)).toBe(true);
  });

  it.each(Object.keys(outcomes))('a saga that was recorded as %s', (outcome) => {
    expect(runs.flatMap(recorded).some((one) => one.outcome === outcome)).toBe(true);
  });

  it.each(Object.keys(sources))('a request of the source %s', (source) => {
    expect(runs.some((run) => requests(run).some((one) => one.source === source))).toBe(true);
  });

  it('every activity that there is', async () => {
    const { ports } = await openMemoryService({ service: 'nobody', replicas: 0 });
    const called = new Set(runs.flatMap(names));
    const missing = Object.keys(createActivities(ports)).filter((name) => !called.has(name));
    expect(missing).toEqual([]);
  });
});
