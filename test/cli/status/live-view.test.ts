// What `evenkeel status --watch` shows of a run, from what the run and the server say of it.
import { describe, expect, it } from 'vitest';
import {
  changesBetween,
  frameOf,
  progressOf,
  type LiveRun,
} from '../../../src/cli/status/live-view.js';
import type { RebalanceStatus } from '../../../workflows/messages.js';

const columns = 80;
const plan = {
  kind: 'grow',
  planId: 'messaging@2.1.1',
  from: 2,
  to: 3,
  base: 17,
  revision: 18,
  movedPartitions: 120,
  movedClients: 600,
  estimateMs: 6_000,
  before: '0→[0-179] 1→[180-359]',
  ranges: '0→[0-119] 1→[180-299] 2→[120-179,300-359]',
} as unknown as NonNullable<RebalanceStatus['plan']>;
const done = { phase: 'reconcile', title: 'reconcile', state: 'done', note: 'epoch 2' } as const;
const running = { phase: 'hand-over', title: 'hand over in waves', state: 'running' } as const;
const status: RebalanceStatus = {
  service: 'messaging',
  phase: 'hand-over',
  plan,
  undoes: null,
  outage: null,
  progress: null,
  gone: [],
  request: { requestId: 'r1', reason: 'before the match', source: 'operator', by: 'ada' },
  queued: [],
  awaitsApproval: false,
  approvalUntilMs: null,
  revision: { from: 17, to: 18 },
  ranges: plan.ranges,
  steps: [
    { ...done, startedAtMs: 1_000, tookMs: 120 },
    { ...running, note: '', startedAtMs: 2_000, tookMs: 0 },
  ],
  ahead: ['verify from the log'],
  notes: [],
  outcomes: [],
};
const handOver = (heartbeat: Record<string, unknown> | null, attempt = 1) => ({
  activity: 'handOver',
  attempt,
  attemptsMax: 10,
  lastFailure: attempt === 1 ? null : 'Kafka does not answer',
  heartbeat,
});
const beat = { held: 320, of: 360, arrived: 390, resumes: 0, quietMs: 0 };
const late = { ...beat, quietMs: 4_000, next: '[120-125] is held by messaging-0' };

function runAt(nowMs: number, change: Partial<LiveRun> = {}): LiveRun {
  const seen = {
    service: 'messaging',
    workflowId: 'rebalance/messaging',
    runId: 'run-1',
    state: 'RUNNING',
    startedAtMs: 1_000,
    status,
    stuck: null,
    pending: [handOver(beat)],
    last: null,
    ...change,
  };
  return { ...seen, progress: progressOf(seen, nowMs) };
}

describe('a frame of a rebalance that runs', () => {
  it('has the bar, the steps with their times, what comes, and how to stop it', () => {
    expect(frameOf(runAt(4_000), 4_000, columns)).toEqual([
      'messaging: grow 2 → 3, revision 17 → 18, for 3.0 s',
      'asked by ada (operator): before the match',
      '████████████████░░░░░░░░ 80/120 partitions, 390/~600 clients, about 1.0 s left',
      '',
      ' ✓ reconcile              120 ms  epoch 2',
      ' ▶ hand over in waves      2.0 s',
      ' · verify from the log',
      '',
      'is     0→[0-179] 1→[180-359]',
      'shall  0→[0-119] 1→[180-299] 2→[120-179,300-359]',
      'stop   evenkeel abort messaging',
    ]);
  });

  it('says who is late, and which try of an activity failed why', () => {
    const frame = frameOf(runAt(4_000, { pending: [handOver(late, 4)] }), 4_000, columns);
    expect(frame).toContain('! nothing arrived for 4.0 s');
    expect(frame).toContain('  [120-125] is held by messaging-0');
    expect(frame).toContain('! handOver, try 4 of 10: Kafka does not answer');
  });

  it('says what is away, since when, and what becomes of it', () => {
    const outage = { what: 'ConfigDB', sinceMs: 3_000, tries: 5 };
    const text = (over: Partial<RebalanceStatus>) =>
      frameOf(runAt(4_000, { status: { ...status, outage, ...over } }), 4_000, columns).join('\n');
    expect(text({})).toContain(
      [
        '! ConfigDB does not answer since 00:00:03 UTC, tried 5 times: it goes on by',
        '  itself when that answers; undone at 1970-01-01 00:10:03Z, if it does not',
      ].join('\n'),
    );
    expect(text({ phase: 'undo' })).toMatch(/the undo is given up at\s+1970-01-01 01:00:03Z/);
    expect(text({ phase: 'scale-down' })).not.toMatch(/undone at|given up/);
  });

  it('says that no worker can carry it on, why, and what to do', () => {
    const stuck = { attempt: 7, sinceMs: 2_000, why: 'Unknown encoding: binary/what' };
    const frame = frameOf(runAt(4_000, { status: null, stuck }), 4_000, columns);
    expect(frame.join('\n')).toMatch(
      /stuck since .*tried 7 times: no worker can[^]*Unknown encoding/,
    );
    expect(frame.join('\n')).not.toContain('is evenkeel worker running');
    expect(frame).toContain('  evenkeel rebalance messaging');
    expect(frame).toContain(
      '  temporal workflow terminate --workflow-id rebalance/messaging --reason stuck',
    );
  });

  it.each([
    ['Unknown encoding: binary/encrypted', true],
    ['encoding binary/encrypted with key "b", which EVENKEEL_PAYLOAD_KEYS does not have', true],
    ['without the payload key nobody can read why', true],
    ['TypeError: boom', false],
  ])('names the keys of the payloads where a run is stuck over them: %s', (why, isAboutKeys) => {
    const stuck = { attempt: 7, sinceMs: 2_000, why };
    const frame = frameOf(runAt(4_000, { status: null, stuck }), 4_000, columns).join(' ');
    expect(/give them that key in\s+EVENKEEL_PAYLOAD_KEYS/.test(frame)).toBe(isAboutKeys);
  });

  it('names the instances that a step waits for', () => {
    const pending = [
      { ...handOver({ waitingFor: ['messaging-2', 'messaging-3'] }), activity: 'scaleUp' },
    ];
    const frame = frameOf(runAt(4_000, { pending }), 4_000, columns);
    expect(frame).toContain('waits for messaging-2, messaging-3');
  });

  it('says until when a person may answer, and how', () => {
    const asks = { ...status, awaitsApproval: true, approvalUntilMs: 64_000, steps: [] };
    const frame = frameOf(runAt(4_000, { status: asks, pending: [] }), 4_000, columns);
    expect(frame).toContain('? a person is asked, until 1970-01-01 00:01:04Z (1 min 0 s left)');
    const plan = status.plan?.planId ?? 'none';
    expect(frame).toContain(`  evenkeel approve messaging --plan ${plan}`);
    expect(frame).toContain(`  evenkeel reject messaging --plan ${plan}`);
  });

  it.each([20, 40, 80, 200])('is not wider than %i columns', (width) => {
    const notes = ['x'.repeat(300)];
    const frame = frameOf(runAt(4_000, { status: { ...status, notes } }), 4_000, width);
    expect(Math.max(...frame.map((line) => line.length))).toBeLessThanOrEqual(Math.min(width, 100));
  });

  it('says what is being undone, not the way back', () => {
    const back = { ...plan, kind: 'in-place', from: 3, to: 2 } as const;
    const undo = { ...status, phase: 'undo', plan: back, undoes: plan } as const;
    const [title] = frameOf(runAt(4_000, { status: undo }), 4_000, columns);
    expect(title).toBe('messaging: undoing grow 2 → 3, for 3.0 s');
  });

  it('says that no worker answers', () => {
    const frame = frameOf(runAt(4_000, { status: null, pending: [] }), 4_000, columns);
    expect(frame).toEqual([
      'messaging: a rebalance is under way, for 3.0 s',
      'no worker answers: is evenkeel worker running?',
    ]);
  });

  it('says what came of it when it is over, and offers nothing to stop', () => {
    const last = {
      requestId: 'r1',
      outcome: 'completed',
      text: 'grow 2 → 3, revision 18',
    } as const;
    const outcomes = [{ ...last, revision: 18, movedClients: 600, gapP99Ms: 40 }];
    const over = { state: 'COMPLETED', last, pending: [], status: { ...status, outcomes } };
    const frame = frameOf(runAt(9_000, over), 9_000, columns);
    expect(frame[0]).toBe('messaging: completed: grow 2 → 3, revision 18');
    expect(frame.join('\n')).not.toMatch(/abort|·/);
  });
});

describe('the progress', () => {
  it('is that of the last slice while no heartbeat has come', () => {
    const progress = { held: 300, of: 360, arrived: 300, resumes: 0, quietMs: 10 };
    const run = runAt(4_000, { pending: [handOver(null)], status: { ...status, progress } });
    expect(run.progress).toMatchObject({ done: 60, of: 120, arrived: 300, clients: 600 });
  });

  it('is nothing before anything moves, and after the end', () => {
    expect(runAt(4_000, { pending: [] }).progress).toBeNull();
    expect(runAt(4_000, { state: 'COMPLETED' }).progress).toBeNull();
  });
});

describe('the lines of a log', () => {
  it('tell first what runs, then only what is new', () => {
    const first = runAt(4_000);
    expect(changesBetween(null, first, 4_000)).toEqual([
      'messaging: grow 2 → 3, revision 17 → 18, for 3.0 s',
      'asked by ada (operator): before the match',
      'reconcile after 120 ms: epoch 2',
      'hand over in waves …',
      '80 of 120 partitions, 390 of about 600 clients, about 1.0 s left',
    ]);
    expect(changesBetween(first, runAt(4_500), 4_500)).toEqual([]);
    const held = { ...beat, held: 350, arrived: 500 };
    const further = runAt(5_000, { pending: [handOver(held, 2)] });
    expect(changesBetween(first, further, 5_000)).toEqual([
      '110 of 120 partitions, 500 of about 600 clients, about 273 ms left',
      'handOver, try 2: Kafka does not answer',
    ]);
  });

  it('tell the end of a step that failed, and of the run', () => {
    const steps = [
      { ...done, startedAtMs: 1_000, tookMs: 120 },
      { ...running, state: 'failed' as const, note: 'stalled', startedAtMs: 2_000, tookMs: 9_000 },
    ];
    const last = { requestId: 'r1', outcome: 'undone', text: 'hand-over failed' } as const;
    const over = runAt(11_000, {
      state: 'FAILED',
      last,
      pending: [],
      status: { ...status, steps },
    });
    expect(changesBetween(runAt(4_000), over, 11_000)).toEqual([
      'hand over in waves failed after 9.0 s: stalled',
      'messaging: undone: hand-over failed',
    ]);
  });
});
