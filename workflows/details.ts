// Owns: what an operator reads of a saga at three in the morning: the Markdown in the UI, the status
// and the sentence about each step. Never changes a saga.

import type { RebalanceRequest, StepRecord } from '../activities/types.js';
import type { RebalanceStatus, RequestOutcome } from './messages.js';
import type { Saga } from './state.js';

/** `grow 2 → 3`, or the request while there is no plan. */
export function headline(saga: Saga): string {
  const { plan } = saga;
  if (plan === null) return `rebalance of ${saga.service}`;
  if (plan.kind === 'bootstrap') return `bootstrap of ${plan.to} instances of ${saga.service}`;
  return `${plan.kind} ${plan.from} → ${plan.to} of ${saga.service}`;
}

/** `operator (ada): before the match`. */
export function asked(request: RebalanceRequest): string {
  const by = request.by === undefined ? '' : ` (${request.by})`;
  return `${request.source}${by}: ${request.reason}`;
}

const marks: Readonly<Record<StepRecord['state'], string>> = {
  running: '▶',
  done: '✓',
  failed: '✗',
  cancelled: '–',
};

/** Markdown for the current details of the run. */
export function renderDetails(saga: Saga, outcomes: readonly RequestOutcome[]): string {
  const { plan } = saga;
  const lines = [`**${headline(saga)}** · ${escape(asked(saga.request))}`, ''];
  if (plan !== null && plan.ranges !== '') {
    lines.push(
      `revision ${plan.base ?? '–'} → ${saga.committed.at(-1) ?? plan.revision} · ${plan.movedPartitions} partitions (at least ${plan.movedLowerBound}) and about ${plan.movedClients} clients move in ${plan.waves} waves`,
      '',
      `\`${plan.ranges}\``,
      '',
    );
  }
  lines.push('| | step | | took |', '|---|---|---|---|');
  for (const step of saga.steps) {
    const took = step.state === 'running' ? '' : seconds(step.tookMs);
    lines.push(`| ${marks[step.state]} | ${step.title} | ${escape(step.note)} | ${took} |`);
  }
  if (saga.ending !== null)
    lines.push('', `**${saga.ending.outcome}**: ${escape(saga.ending.text)}`);
  const earlier = outcomes.filter((outcome) => outcome.requestId !== saga.request.requestId);
  if (earlier.length > 0) {
    lines.push(
      '',
      'Earlier in this run:',
      ...earlier.map((o) => `- ${o.outcome}: ${escape(o.text)}`),
    );
  }
  return lines.join('\n');
}

export function statusOf(
  service: string,
  saga: Saga | null,
  queued: readonly string[],
  outcomes: readonly RequestOutcome[],
): RebalanceStatus {
  return {
    service,
    phase: saga?.phase ?? 'done',
    request: saga?.request ?? null,
    queued,
    awaitsApproval: saga?.approval === 'awaited',
    revision: {
      from: saga?.situation?.base ?? null,
      to: saga?.committed.at(-1) ?? saga?.plan?.revision ?? null,
    },
    ranges: saga?.plan?.ranges ?? '',
    steps: saga?.steps ?? [],
    outcomes,
  };
}

export function seconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** Cells of a Markdown table are one line without bars. */
function escape(text: string): string {
  return text.replace(/\|/g, '/').replace(/\s*\n\s*/g, ' ');
}
