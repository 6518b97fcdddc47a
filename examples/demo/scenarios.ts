// Owns: one scenario from its trigger to its verdict: let something happen, watch who decides what,
// follow the rebalance, then hold everything that clients and logs saw against what was promised.
// Never knows which scenarios there are.

import type { StepRecord } from '../../activities/types.js';
import type { LocalCluster } from '../../src/local/cluster.js';
import type { LocalService } from '../../src/local/service.js';
import type { DistributionDoc, RebalanceDoc } from '../../src/ports.js';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  actualOwnership,
  checkLogs,
  differences,
  evidenceFaults,
} from '../../src/local/evidence.js';
import { summarizeGaps } from '../../src/load/gaps.js';
import { judge, messagesMin, type Scenario, type ScenarioName } from './report.js';
import { gapText, type Story } from './story.js';
import type { Observation, Swarm } from '../../src/load/swarm.js';
import { followRun, nextAct, type ClosedRun, type SeenDecision } from '../../src/local/watch.js';

const pollMs = 50;
/** The chat goes on undisturbed for so long first: longer than the Schedule's interval. */
const steadyMs = 2_500;
/** A steady chat has sent the messages that are to be checked long before this. */
const enoughWithinMs = 30_000;
/** Closed rebalances are looked for among the latest few. */
const rebalancesLookedAt = 5;

export interface Stage {
  readonly cluster: LocalCluster;
  readonly service: LocalService;
  readonly swarm: Swarm;
  readonly story: Story;
  /** Address of the Temporal Web UI, if there is one. */
  readonly uiUrl: string | undefined;
  /** Aborted when the demo is to end. */
  readonly signal: AbortSignal;
}

export interface ScenarioWish {
  readonly name: ScenarioName;
  /** Makes the control plane act. */
  readonly trigger: () => Promise<void>;
  /** Whether the Schedule has to act; an operator's request starts at once. */
  readonly bySchedule: boolean;
}

/** Runs a scenario; what is wrong with it stands in `wrong`. Throws when it does not come to an end. */
export async function runScenario(stage: Stage, wish: ScenarioWish): Promise<Scenario> {
  const { cluster, service, swarm } = stage;
  const before = await latest(stage);
  const sinceMs = Date.now();
  const window = swarm.open();
  const triggered = sleep(steadyMs, undefined, { signal: stage.signal }).then(wish.trigger);
  const [, run] = await Promise.all([triggered, follow(stage, wish, sinceMs)]);
  await enough(() => window.sent());
  const observed = await window.close();
  const after = await latest(stage);
  const [actual, evidence] = await Promise.all([
    actualOwnership(cluster.bus, service.service, service.partitions),
    checkLogs(cluster.bus, service.service),
  ]);
  const moved = evidence.rebalances.find(({ revision }) => revision === after.revision);
  const scenario = {
    name: wish.name,
    service: service.service,
    revision: { from: before.revision, to: after.revision },
    workflowId: after.workflow.id,
    runId: after.workflow.runId,
    source: after.cause.kind,
    distribution: actual,
    moved: {
      partitions: moved?.moved ?? 0,
      clients: plannedMoves(observed, after.revision),
      lowerBound: await lowerBoundOf(stage, run.runId),
    },
    gapMs: summarizeGaps(observed.moves.map(({ gapMs }) => gapMs)),
    messages: observed.messages,
    overlaps: evidence.overlaps,
    durationMs: run.durationMs,
  };
  const wrong = [
    ...judge(scenario),
    ...runFaults(run, before, after),
    ...differences(after, actual),
    ...evidenceFaults(evidence),
    ...observed.missing.map((user) => `${user} is not connected at the end`),
  ];
  tell(stage, scenario, wrong);
  return { ...scenario, wrong };
}

async function follow(stage: Stage, wish: ScenarioWish, sinceMs: number): Promise<ClosedRun> {
  const { cluster, service, story, signal } = stage;
  if (wish.bySchedule) {
    let told = '';
    const act = await nextAct(
      cluster.configDb,
      service.service,
      sinceMs,
      (skip) => {
        // Numbers change with every look; the same reasons are told once.
        const why = skip.reasons.join('; ');
        const kind = why.replace(/[\d.]+/g, '');
        if (kind !== told) story.say(`The Schedule looks and does nothing: ${why}.`);
        told = kind;
      },
      signal,
    );
    story.say(actText(act));
  }
  return followRun(
    cluster.temporal,
    service.service,
    sinceMs,
    (step) => tellStep(story, step),
    signal,
  );
}

function actText({ instances, desired, reasons }: SeenDecision): string {
  const from = instances === 0 ? 'no distribution' : `${instances} instances`;
  return `The Schedule acts: ${from} → ${desired ?? '?'} instances, because ${reasons.join('; ')}.`;
}

function tellStep(story: Story, { title, state, note, tookMs }: StepRecord): void {
  const mark = state === 'done' ? '' : `${state}: `;
  story.detail(`· ${title}: ${mark}${note} (${tookMs} ms)`);
}

function tell(stage: Stage, scenario: Omit<Scenario, 'wrong'>, wrong: readonly string[]): void {
  const { story, service, uiUrl } = stage;
  const { revision, distribution, moved, gapMs, messages, overlaps, workflowId, runId } = scenario;
  const { from, to } = revision;
  story.say(`Revision ${from} → ${to}; by the ownership log there are now:`);
  story.picture(`rev. ${to}`, service.partitions, distribution);
  story.say(
    `${moved.partitions} partitions moved (no plan moves fewer than ${moved.lowerBound}), ` +
      `and ${moved.clients} clients with them. Gaps: ${gapText(gapMs)}.`,
  );
  const { sent, delivered, lost, duplicated, outOfOrder } = messages;
  story.say(
    `Checked ${sent} messages: ${delivered} delivered, ${lost} lost, ${duplicated} duplicated, ` +
      `${outOfOrder} out of order; clients on two instances at once: ${overlaps}.`,
  );
  if (uiUrl !== undefined) story.detail(runUrl(uiUrl, workflowId, runId));
  for (const sentence of wrong) story.say(`WRONG: ${sentence}.`);
}

/** The history of a run in the Temporal Web UI. */
function runUrl(uiUrl: string, workflowId: string, runId: string): string {
  return `${uiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
}

function runFaults(run: ClosedRun, before: DistributionDoc, after: DistributionDoc): string[] {
  const faults: string[] = [];
  const { status, outcome } = run;
  if (status !== 'COMPLETED' || outcome?.outcome !== 'completed') {
    faults.push(`the rebalance ended ${status}, ${outcome?.outcome ?? ''}: ${outcome?.text ?? ''}`);
  }
  if (after.workflow.runId !== run.runId || after.revision <= before.revision) {
    faults.push(`revision ${after.revision} is not of this rebalance`);
  }
  return faults;
}

/** Told to go by a DISCONNECT, and welcomed by another instance at that revision. */
function plannedMoves({ moves }: Observation, revision: number): number {
  return moves.filter((move) => move.planned && move.revision === revision).length;
}

async function lowerBoundOf({ cluster, service }: Stage, runId: string): Promise<number> {
  const docs = await cluster.configDb.rebalances(service.service, rebalancesLookedAt);
  const doc: RebalanceDoc | undefined = docs.find((one) => one.runId === runId);
  const { plan } = (doc?.body ?? {}) as { plan?: { movedLowerBound?: number } | null };
  return plan?.movedLowerBound ?? -1;
}

async function latest({ cluster, service }: Stage): Promise<DistributionDoc> {
  const doc = await cluster.configDb.latestDistribution(service.service);
  if (doc === null) throw new Error(`${service.service} has no distribution`);
  return doc;
}

async function enough(sent: () => number): Promise<void> {
  const untilMs = performance.now() + enoughWithinMs;
  while (sent() < messagesMin && performance.now() < untilMs) await sleep(pollMs);
}
