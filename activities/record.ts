// Owns: the record of a saga in ConfigDB: what was asked, each step with its times, what came of it,
// and the gaps that clients measured. Never changes the outcome.

import { activityInfo } from '@temporalio/activity';
import * as hdr from 'hdr-histogram-js';
import type { InstanceReport } from '../src/ports.js';
import type { Connections } from './connections.js';
import { poll } from './polling.js';
import type { Gaps, RecordInput, RecordResult } from './types.js';

/** Clients report their gap right after the welcome, instances every second: enough for both. */
const arrivalsWithinMs = 3_000;

const NO_WORKFLOW = { workflowId: '', runId: '' };

export async function record(connections: Connections, input: RecordInput): Promise<RecordResult> {
  const { configDb, clock } = connections;
  const { saga, request, outcome, text, plan, revision, steps } = input;
  const { workflowId: id, runId } = activityInfo().workflowExecution ?? NO_WORKFLOW;
  const revisions = new Set([plan?.revision, revision].filter((one) => one != null));
  const result = await collectMoves(connections, saga.service, revisions);
  const atMs = clock.wallMs();
  const startedAtMs = steps[0]?.startedAtMs ?? atMs;
  const workflow = { id, runId };
  const times = { startedAtMs, durationMs: atMs - startedAtMs };
  const body = { request, outcome, text, plan, revision, steps, workflow, ...times, ...result };
  await configDb.saveRebalance({ id: saga.rebalance, service: saga.service, runId, body, atMs });
  return result;
}

/** Adds up what instances report of these revisions, once the moved clients have arrived or the bound is over. */
async function collectMoves(
  { configDb, clock }: Connections,
  service: string,
  revisions: ReadonlySet<number>,
): Promise<RecordResult> {
  let moves = addUp(await configDb.reports(service), revisions);
  await poll(
    clock,
    arrivalsWithinMs,
    async () => {
      moves = addUp(await configDb.reports(service), revisions);
      return moves.arrived >= moves.left || undefined;
    },
    () => ({ left: moves.left, arrived: moves.arrived }),
  );
  const { left, arrived, gapMs } = moves;
  return { movedClients: left, notReturned: Math.max(0, left - arrived), gapMs };
}

interface Moved {
  readonly left: number;
  readonly arrived: number;
  readonly gapMs: Gaps;
}

export function addUp(reports: readonly InstanceReport[], revisions: ReadonlySet<number>): Moved {
  let left = 0;
  let arrived = 0;
  const gaps = hdr.build({ numberOfSignificantValueDigits: 2, autoResize: true });
  for (const { moves } of reports) {
    for (const move of moves) {
      if (!revisions.has(move.revision)) continue;
      left += move.left;
      arrived += move.arrived;
      if (move.gaps !== '') gaps.add(hdr.decodeFromCompressedBase64(move.gaps));
    }
  }
  const n = gaps.totalCount;
  if (n === 0) return { left, arrived, gapMs: { n, p50: 0, p99: 0, max: 0 } };
  const gapMs = {
    n,
    p50: gaps.getValueAtPercentile(50),
    p99: gaps.getValueAtPercentile(99),
    max: gaps.maxValue,
  };
  return { left, arrived, gapMs };
}
