// Owns: the record of a saga in ConfigDB: what was asked, each step with its times, what came of it,
// and the gaps that clients measured. Never changes the outcome.

import { activityInfo } from '@temporalio/activity';
import * as hdr from 'hdr-histogram-js';
import type { InstanceReport } from '../src/ports.js';
import type { Connections } from './connections.js';
import { assertOwnEpoch } from './own-epoch.js';
import { poll } from './polling.js';
import type { Gaps, RecordInput, RecordResult, UnbegunInput, UnbegunRequest } from './types.js';

/** Clients report their gap right after the welcome, instances every second: enough for both. */
const arrivalsWithinMs = 3_000;

/** The saga that ends a run is its last, or followed by those about instances that are gone. */
const rebalancesLookedAt = 40;

const NO_WORKFLOW = { workflowId: '', runId: '' };

export async function record(connections: Connections, input: RecordInput): Promise<RecordResult> {
  const { configDb, clock } = connections;
  const { saga, request, outcome, text, plan, revision, committed, steps, stepsLeftOut } = input;
  // What this run says was undone may be what another one, still alive, does.
  if (outcome === 'undone' || outcome === 'aborted') assertOwnEpoch(saga);
  const { workflowId: id, runId } = activityInfo().workflowExecution ?? NO_WORKFLOW;
  const result = input.moved ?? (await collectMoves(connections, saga.service, new Set(committed)));
  const atMs = clock.wallMs();
  const startedAtMs = steps[0]?.startedAtMs ?? atMs;
  const workflow = { id, runId };
  const times = { startedAtMs, durationMs: atMs - startedAtMs };
  const left = stepsLeftOut === undefined ? {} : { stepsLeftOut };
  const ended = { outcome, text, plan, revision, steps, ...left };
  const body = { request, ...ended, workflow, ...times, ...result };
  await configDb.saveRebalance({ id: saga.rebalance, service: saga.service, runId, body, atMs });
  return result;
}

/** Who waited when the run of this saga ended early, in its record. Repeating it changes nothing. */
export async function recordUnbegun(
  { configDb, clock }: Pick<Connections, 'configDb' | 'clock'>,
  { saga, requests, outcome, text }: UnbegunInput,
): Promise<void> {
  const { service, rebalance: id } = saga;
  const recorded = await configDb.rebalances(service, rebalancesLookedAt);
  const doc = recorded.find((one) => one.id === id);
  // A saga that could not even begin its record has none to add to.
  if (doc === undefined) return;
  const { unbegun = [] } = doc.body as { readonly unbegun?: readonly Unbegun[] };
  const known = new Set(unbegun.map(({ requestId }) => requestId));
  const more = requests
    .filter(({ requestId }) => !known.has(requestId))
    .map((one) => ({ ...one, outcome, text, atMs: clock.wallMs() }));
  await configDb.saveRebalance({ ...doc, body: { unbegun: [...unbegun, ...more] } });
}

type Unbegun = UnbegunRequest & Pick<UnbegunInput, 'outcome' | 'text'> & { readonly atMs: number };

/** Adds up what instances report of these revisions, once the moved clients have arrived or the bound is over. */
export async function collectMoves(
  { configDb, clock }: Pick<Connections, 'configDb' | 'clock'>,
  service: string,
  revisions: ReadonlySet<number>,
): Promise<RecordResult> {
  let moves = addUp([], revisions);
  // What was never put in force moved nobody: there is nothing to wait for.
  if (revisions.size === 0) return { movedClients: 0, notReturned: 0, gapMs: moves.gapMs };
  await poll(
    clock,
    arrivalsWithinMs,
    async () => {
      moves = addUp(await configDb.reports(service), revisions);
      return moves.arrived >= moves.left || undefined;
    },
    () => ({ left: moves.left, arrived: moves.arrived }),
  );
  const { left, arrived, gapMs, otherGapMs } = moves;
  const others = otherGapMs.n === 0 ? {} : { otherGapMs };
  return { movedClients: left, notReturned: Math.max(0, left - arrived), gapMs, ...others };
}

interface Moved {
  readonly left: number;
  readonly arrived: number;
  readonly gapMs: Gaps;
  /** Of those that came under these revisions without having been told to move. */
  readonly otherGapMs: Gaps;
}

export function addUp(reports: readonly InstanceReport[], revisions: ReadonlySet<number>): Moved {
  const { left, arrived, gaps, others } = movesIn(reports, revisions);
  return { left, arrived, gapMs: gapsOf(gaps), otherGapMs: gapsOf(others) };
}

/** Clients that came to an instance under this revision, whatever made them come. */
export function cameUnder(reports: readonly InstanceReport[], revision: number): number {
  return reports
    .flatMap(({ moves }) => moves)
    .filter((move) => move.revision === revision)
    .reduce((sum, { arrived }) => sum + arrived, 0);
}

/**
 * What instances report of moves under these revisions, added up: who was told to move, how many of them
 * arrived, and after which gaps; and the gaps of the others. An instance that tells none apart counts all.
 */
export function movesIn(reports: readonly InstanceReport[], revisions: ReadonlySet<number>) {
  let left = 0;
  let arrived = 0;
  const gaps = hdr.build({ numberOfSignificantValueDigits: 2, autoResize: true });
  const others = hdr.build({ numberOfSignificantValueDigits: 2, autoResize: true });
  for (const move of reports.flatMap(({ moves }) => moves)) {
    if (!revisions.has(move.revision)) continue;
    const planned = move.planned ?? move;
    left += move.left;
    arrived += planned.arrived;
    const told = histogramOf(planned.gaps);
    if (told !== null) gaps.add(told);
    if (move.planned === undefined) continue;
    const rest = histogramOf(move.gaps, told);
    if (rest !== null) others.add(rest);
  }
  return { left, arrived, gaps, others };
}

/**
 * What an instance wrote, without a part of it. Null for none, and where it cannot be read: a mistake of a
 * foreign instance costs its own figures, not the record of a rebalance.
 */
function histogramOf(gaps: string, without: hdr.Histogram | null = null): hdr.Histogram | null {
  if (gaps === '') return null;
  try {
    const whole = hdr.decodeFromCompressedBase64(gaps);
    if (without !== null) whole.subtract(without);
    return whole;
  } catch {
    return null;
  }
}

export function gapsOf(gaps: hdr.Histogram): Gaps {
  const n = gaps.totalCount;
  if (n === 0) return { n, p50: 0, p99: 0, max: 0 };
  const max = gaps.maxValue;
  // A percentile is the upper end of its bucket, which may lie above the largest value in it.
  const percentile = (share: number) => Math.min(max, gaps.getValueAtPercentile(share));
  return { n, p50: percentile(50), p99: percentile(99), max };
}
