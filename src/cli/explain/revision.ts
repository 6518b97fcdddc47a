// Owns: the story of one revision as text: who asked, what was decided from what, what the plan
// proved, how each step went, what clients measured. Pure.

import { formatBar } from '../../core/placement/format.js';
import type { Plan, PlanInput } from '../../core/placement/types.js';
import { toProtocolJson } from '../../core/distribution.js';
import type { DistributionDoc, PlanDoc } from '../../ports.js';
import { outcomeText } from '../outcome-text.js';
import type { RebalanceSeen } from '../rebalance-record.js';
import { durationText, timeText } from '../when.js';
import { isMended } from './record-of.js';

export interface RevisionSeen {
  readonly service: string;
  readonly distribution: DistributionDoc;
  /** That it was computed from; null for the first. */
  readonly before: DistributionDoc | null;
  /** Null when ConfigDB has it no longer. */
  readonly plan: PlanDoc | null;
  /** Null when ConfigDB has it no longer, or its saga never recorded anything. */
  readonly rebalance: RebalanceSeen | null;
  readonly workflow: { readonly id: string; readonly runId: string };
}

/** With its label, and the revision behind it, 80 columns. */
const barWidth = 52;
/** Longer titles push the rest of their line aside. */
const titleMax = 34;

export function revisionText(seen: RevisionSeen): string {
  const { service, distribution, before } = seen;
  const { revision, base, cause, partitions, hash, epoch, atMs } = distribution;
  return [
    `${service} revision ${revision}, written ${timeText(atMs)} by ${seen.workflow.id} (epoch ${epoch})`,
    `  cause      ${cause.kind}: ${cause.text}`,
    ...(before === null ? [] : [`  before     ${barOf(before)}  revision ${base}`]),
    `  after      ${barOf(distribution)}`,
    ...(isMended(distribution) ? mendedLines : planLines(seen.plan, partitions)),
    ...rebalanceLines(seen.rebalance, isMended(distribution)),
    `  hash       ${hash}`,
    `  run        ${seen.workflow.runId}`,
  ].join('\n');
}

function barOf({ service, partitions, ranges }: DistributionDoc): string {
  const instances = toProtocolJson({ service, ranges });
  return formatBar({ partitions, instances }, barWidth);
}

const mendedLines = [
  '  plan       none: ConfigDB had forgotten what was in force, and what was held was written down',
];

function planLines(plan: PlanDoc | null, partitions: number): string[] {
  if (plan === null) return ['  plan       no longer in ConfigDB'];
  const { input, certificate } = plan.body as {
    readonly input?: PlanInput;
    readonly certificate?: Omit<Plan, 'waves'>;
  };
  if (input === undefined || certificate === undefined) {
    return ['  plan       back to what was in force before'];
  }
  const { moved, balance, ranges } = certificate;
  const share = ((100 * moved.partitions) / partitions).toFixed(1);
  const weighed = input.weights === undefined ? 'every partition counts 1' : 'by connected clients';
  return [
    `  decided by ${weighed}, tolerance ${input.tolerance ?? 0}, ${input.instances.length} instances`,
    `  moved      ${moved.partitions} of ${partitions} partitions (${share} %), weight ${moved.weight}, proven least ${moved.lowerBound}`,
    `  balance    heaviest ${balance.maxOverMean.toFixed(3)} × mean, lightest ${balance.minOverMean.toFixed(3)} × mean`,
    `  ranges     ${ranges.total}, at most ${ranges.maxPerInstance} on one instance`,
  ];
}

function rebalanceLines(rebalance: RebalanceSeen | null, isFound: boolean): string[] {
  if (rebalance === null) return ['  rebalance  no record of it in ConfigDB'];
  const { outcome, text, request, steps, stepsLeftOut, durationMs } = rebalance;
  const { gapMs, otherGapMs, movedClients, notReturned } = rebalance;
  const ended = outcomeText(outcome ?? 'none recorded', text);
  const lines = [
    `  rebalance  ${rebalance.id}${isFound ? ', which began with this and then went on' : ''}`,
    `  outcome    ${ended}`,
  ];
  if (request !== null) {
    const by = request.by === undefined ? '' : ` (${request.by})`;
    lines.push(
      `  asked      ${request.source}${by}: ${request.reason}, request ${request.requestId}`,
    );
  }
  if (durationMs !== null) lines.push(`  took       ${durationText(durationMs)}`);
  // The step that wrote this was under way when it did.
  const shown = steps.filter((one) => one.state !== 'running');
  const width = Math.min(titleMax, Math.max(0, ...shown.map(({ title }) => title.length)));
  if (stepsLeftOut > 0) {
    const earlier = stepsLeftOut === 1 ? 'an earlier step is' : `${stepsLeftOut} earlier steps are`;
    lines.push(`    … ${earlier} only in the history of the run`);
  }
  for (const { title, state, tookMs, note } of shown) {
    lines.push(
      `    ${state === 'done' ? '✓' : '✗'} ${title.padEnd(width)} ${durationText(tookMs).padStart(8)}  ${note}`,
    );
  }
  lines.push(`  clients    ${movedClients} moved, ${notReturned} not heard of again`);
  if (gapMs !== null && gapMs.n > 0) {
    const { n, p50, p99, max } = gapMs;
    lines.push(`  gap        P50 ${p50} ms, P99 ${p99} ms, longest ${max} ms, of ${n} clients`);
  }
  if (otherGapMs !== null && otherGapMs.n > 0) {
    const { n, p99, max } = otherGapMs;
    lines.push(
      `  others     ${n} came back without having been told to move, P99 ${p99} ms, longest ${max} ms`,
    );
  }
  return lines;
}
