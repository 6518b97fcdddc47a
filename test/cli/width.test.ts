// What commands print fits 80 columns, whatever the names and numbers in it, and nothing of it is cut:
// only a single word that is longer itself may stand out.
import { describe, expect, it } from 'vitest';
import { doctorText } from '../../src/cli/doctor.js';
import { decisionsText } from '../../src/cli/explain/decisions.js';
import { revisionText, type RevisionSeen } from '../../src/cli/explain/revision.js';
import { historyText } from '../../src/cli/history.js';
import { errorText } from '../../src/cli/output.js';
import { rebalanceSeen } from '../../src/cli/rebalance-record.js';
import { dryRunText, type DryRun } from '../../src/cli/rebalance/dry-run-text.js';
import { frameOf, type LiveRun } from '../../src/cli/status/live-view.js';
import { stepText } from '../../src/cli/roll/dry-run.js';
import { statusText } from '../../src/cli/roll/words.js';
import { wrapText } from '../../src/cli/wrap.js';
import { BadInputError } from '../../src/errors.js';
import type { RebalanceStatus } from '../../workflows/messages.js';
import type { RollStatus } from '../../workflows/roll-messages.js';

const width = 80;
const service = 'a-service-with-the-longest-name-there-is';
const sentence = `${'why and because of what '.repeat(8)}END`;
const ranges = Array.from({ length: 60 }, (_, at) => `${at * 100}-${at * 100 + 50}`).join(',');
const request = { requestId: 'r'.repeat(60), reason: sentence, source: 'operator', by: service };
const step = (state: string, title: string) => ({
  ...{ phase: 'hand-over', title, state, note: sentence },
  ...{ startedAtMs: 1_000, tookMs: 12_345 },
});
const record = rebalanceSeen({
  id: `${service}@4711`,
  service,
  runId: 'r',
  atMs: 1_795_000_000_000,
  body: {
    ...{ outcome: 'compensation-failed', text: sentence, request, movedClients: 123_456 },
    gapMs: { n: 123_456, p50: 12_345, p99: 123_456, max: 1_234_567 },
    durationMs: 86_400_000,
    steps: [step('done', 'scale up, wait Ready'), step('failed', 'hand over in waves')],
    unbegun: [{ ...request, outcome: 'refused', text: sentence }],
  },
});
const status = {
  service,
  phase: 'hand-over',
  plan: {
    ...{ kind: 'grow', planId: 'p', from: 199, to: 200, base: 4711, revision: 4712 },
    ...{ movedPartitions: 20_000, movedClients: 1_000_000, estimateMs: 6_000 },
    ...{ before: `0→[${ranges}]`, ranges: `0→[${ranges}]` },
  },
  undoes: null,
  outage: { what: 'ConfigDB', sinceMs: 1_000, attempt: 123 },
  progress: null,
  gone: [{ instance: `${service}-199`, why: 'lost' }],
  request,
  queued: [],
  awaitsApproval: true,
  approvalUntilMs: 10_000,
  revision: { from: 1, to: 2 },
  ranges: '',
  steps: [step('done', 'scale up, wait Ready'), step('failed', 'hand over in waves')],
  ahead: ['verify from the log'],
  notes: [sentence],
  outcomes: [],
} as unknown as RebalanceStatus;
const run = {
  ...{ service, workflowId: `rebalance/${service}`, runId: 'r', state: 'RUNNING' },
  ...{ startedAtMs: 0, last: null, stuck: null, progress: null, status },
  pending: [
    { activity: 'handOver', attempt: 7, attemptsMax: 10, lastFailure: sentence, heartbeat: null },
  ],
} as unknown as LiveRun;
const revision = {
  service,
  distribution: {
    ...{ service, revision: 4711, base: 4710, partitions: 20_000, hash: 'f'.repeat(64), epoch: 99 },
    ...{ ranges: [[0, 19_999, 0]], cause: { kind: 'threshold', text: sentence }, atMs: 1 },
  },
  before: null,
  plan: null,
  rebalance: record,
  workflow: { id: `rebalance/${service}`, runId: 'r' },
} as unknown as RevisionSeen;
const dry = {
  ...{ service, kind: 'grow', revision: { from: 4711, to: 4712 }, hash: 'h', partitions: 12 },
  ...{ current: { [`${service}-0`]: [[0, 11]] }, instances: { [`${service}-1`]: [[0, 11]] } },
  ...{ owners: { from: 1, to: 1 }, running: { from: 1, to: 2 }, clients: 123_456 },
  moved: { partitions: 12, weight: 12, lowerBound: 12 },
  transfers: [],
  estimateMs: 3_600_000,
  approval: { needed: false, neededByAutoscaler: true },
  notes: [sentence],
} as unknown as DryRun;
const roll: RollStatus = {
  ...{ service, phase: 'back', template: { from: 'f'.repeat(30), to: `${service}-5b4cd8` } },
  ...{ rolled: 123, of: 200, movedClients: 1_234_567, stepsAhead: 321 },
  steps: [
    { ...step('done', '199 → 200, restart 199'), state: 'done', movedClients: 123_456 },
    { ...step('failed', `surge instance ${service}-200`), state: 'failed', movedClients: 0 },
  ],
  ...{ paused: null, aborted: null, why: sentence },
  result: {
    ...{ service, outcome: 'undone', text: sentence, movedClients: 1_234_567 },
    template: { from: null, to: null },
  },
};
const finding = (verdict: 'fault' | 'ok') => ({
  ...{ check: 'topic-settings', verdict, found: sentence },
  mend: verdict === 'ok' ? null : `${sentence}\n  temporal workflow terminate --workflow-id x`,
});
const decision = (atMs: number) => ({
  ...{ atMs, kind: 'skip' as const, reasons: [sentence, sentence], desired: 200, inputHash: 'h' },
});
const wrong = new BadInputError(sentence, { field: '--to', found: ranges, allowed: sentence });

const squeezed = (text: string): string => text.replace(/\s/g, '');

describe('80 columns', () => {
  it.each<[string, string]>([
    ['status', frameOf(run, 20_000, width, true).join('\n')],
    ['history', historyText(service, [record])],
    ['explain of a revision', revisionText(revision)],
    ['explain of decisions', decisionsText(service, '1h', [decision(1), decision(60_000)])],
    ['explain without decisions', decisionsText(service, '1h', [])],
    ['doctor', doctorText(service, [finding('ok'), finding('fault')])],
    ['rebalance --dry-run', dryRunText(dry)],
    ['roll status', statusText(roll)],
    [
      'a step of roll --dry-run',
      stepText(service, {
        ...{ kind: 'home', instance: 200, to: 199, replicas: 200, clients: 1_234_567 },
      }),
    ],
    ['an error', errorText(wrong, false, width, 'evenkeel rebalance --help')],
  ])('are enough for %s, and nothing is cut', (_, text) => {
    const wrapped = wrapText(text, width);
    for (const line of wrapped.split('\n')) {
      const words = line.trim().split(' ');
      const isOneWord = words.length <= 2 && words.some((word) => word.length > 40);
      if (!isOneWord) expect(line.length, line).toBeLessThanOrEqual(width);
    }
    expect(squeezed(wrapped)).toBe(squeezed(text));
    if (text.includes('why')) expect(squeezed(text)).toContain(squeezed(sentence));
  });

  it('hold in a frame that is drawn again and again, which keeps why a step failed', () => {
    const frame = frameOf(run, 20_000, width);
    for (const line of frame) expect(line.length, line).toBeLessThanOrEqual(width);
    const from = frame.findIndex((line) => line.includes('✗'));
    expect(frame.slice(from).join(' ').replace(/\s+/g, ' ')).toContain(sentence);
  });
});
