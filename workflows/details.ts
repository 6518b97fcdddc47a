// Owns: what an operator reads of a saga at three in the morning: the Markdown page in the UI, the
// status and the sentence about each step. Never changes a saga.

import type { PlanSummary, RebalanceRequest, StepRecord } from '../activities/types.js';
import type { RebalanceStatus, RequestOutcome } from './messages.js';
import type { Saga } from './state.js';

/** `grow 2 → 3`, or the request while there is no plan. */
export function headline(saga: Saga): string {
  const { plan } = saga;
  if (plan === null || plan.planId === '') return `rebalance of ${saga.service}`;
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
const aheadMark = '·';

/** Earlier outcomes on the page; the rest is in `evenkeel history`. */
const earlierMax = 5;

/** Markdown for the current details of the run: what, how far, what next, how to stop it. */
export function renderDetails(saga: Saga, outcomes: readonly RequestOutcome[]): string {
  const page = [
    `**${headline(saga)}** · ${escape(asked(saga.request))}`,
    ...nowLines(saga),
    ...planLines(saga.plan),
    ...stepLines(saga),
    ...saga.notes.map((note) => `- ${escape(note)}`),
    ...earlierLines(saga, outcomes),
  ];
  return page.join('\n');
}

/** Before the first request. */
export function renderIdle(service: string): string {
  return `**rebalance of ${service}** · waiting for a request`;
}

function nowLines(saga: Saga): string[] {
  if (saga.ending !== null) {
    const { outcome, text } = saga.ending;
    return ['', `**${outcome}**: ${escape(text)}`];
  }
  const running = saga.steps.find(({ state }) => state === 'running');
  const lines = ['', `**Now**: ${running?.title ?? saga.phase}${progressText(saga, running)}`];
  if (saga.approval === 'awaited' && saga.approvalUntilMs !== null) {
    const until = new Date(saga.approvalUntilMs).toISOString().slice(11, 16);
    const how = `\`evenkeel approve ${saga.service}\` or \`reject\`, or the updates \`approve\` and \`reject\``;
    lines.push('', `**A person is asked**, until ${until} UTC: ${how}`);
  }
  const [next] = saga.ahead;
  lines.push(
    '',
    `**Next**: ${saga.undoing ? 'the other undos, then the record' : (next ?? 'record the outcome')}`,
  );
  lines.push('', `**To stop it**: ${stopText(saga)}`);
  return lines;
}

function stopText(saga: Saga): string {
  if (saga.undoing) return 'it is being undone already';
  if (saga.onward) return 'past the point of no return: it goes forward to its end';
  const how = `\`evenkeel abort ${saga.service}\`, the update \`abort\`, or Cancel here`;
  return saga.committed.length === 0
    ? `${how}; no client has moved yet`
    : `${how}; what has moved goes back`;
}

/** ` · 80 of 120 partitions, 64 of about 80 clients, about 4 s left`. */
function progressText(saga: Saga, running: StepRecord | undefined): string {
  const { plan, progress } = saga;
  if (plan === null || running?.phase === undefined) return '';
  if (progress === null) {
    const moves = running.phase === 'hand-over' && plan.planId !== '';
    return moves
      ? ` · ${plan.movedPartitions} partitions, about ${plan.movedClients} clients, about ${seconds(plan.estimateMs)}`
      : '';
  }
  const left = progress.of - progress.held;
  const moved = Math.max(0, plan.movedPartitions - left);
  const quiet =
    progress.quietMs < quietMs ? '' : `, nothing arrived for ${seconds(progress.quietMs)}`;
  return ` · ${bar(moved, plan.movedPartitions)} ${moved} of ${plan.movedPartitions} partitions, ${progress.arrived} of about ${plan.movedClients} clients, ${leftText(plan, moved, running)}${quiet}`;
}

/** Silence worth a word. */
const quietMs = 3_000;
const barWidth = 20;

function bar(done: number, of: number): string {
  const full = of === 0 ? barWidth : Math.round((done / of) * barWidth);
  return `\`${'█'.repeat(full)}${'░'.repeat(barWidth - full)}\``;
}

/** By the rate so far; by the policy's pace while nothing has arrived. */
function leftText(plan: PlanSummary, moved: number, running: StepRecord): string {
  const soFarMs = Date.now() - running.startedAtMs;
  const leftMs = moved === 0 ? plan.estimateMs : (soFarMs * (plan.movedPartitions - moved)) / moved;
  return `about ${seconds(Math.round(leftMs))} left`;
}

function planLines(plan: PlanSummary | null): string[] {
  if (plan === null || plan.planId === '') return [];
  const { base, revision, movedPartitions, movedLowerBound, movedClients, estimateMs } = plan;
  return [
    '',
    `revision ${base ?? 'none'} → ${revision} · ${movedPartitions} partitions (at least ${movedLowerBound}) and about ${movedClients} clients move, about ${seconds(estimateMs)} · instances ${plan.running} → ${plan.replicas}`,
    '',
    '```',
    `is     ${plan.before === '' ? 'nobody owns anything' : plan.before}`,
    `shall  ${plan.ranges}`,
    '```',
  ];
}

function stepLines(saga: Saga): string[] {
  const lines = ['', '| | step | | took |', '|---|---|---|---|'];
  for (const step of saga.steps) {
    const took = step.state === 'running' ? '' : seconds(step.tookMs);
    lines.push(`| ${marks[step.state]} | ${step.title} | ${escape(step.note)} | ${took} |`);
  }
  if (saga.ending === null && !saga.undoing) {
    for (const title of saga.ahead) lines.push(`| ${aheadMark} | ${title} | | |`);
  }
  return [...lines, ''];
}

function earlierLines(saga: Saga, outcomes: readonly RequestOutcome[]): string[] {
  const earlier = outcomes.filter(({ requestId }) => requestId !== saga.request.requestId);
  if (earlier.length === 0) return [];
  const shown = earlier.slice(-earlierMax).map((o) => `- ${o.outcome}: ${escape(o.text)}`);
  return ['', 'Other requests of this run:', ...shown];
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
    plan: saga?.plan ?? null,
    progress: saga?.progress ?? null,
    gone: saga?.gone ?? [],
    request: saga?.request ?? null,
    queued,
    awaitsApproval: saga?.approval === 'awaited',
    approvalUntilMs: saga?.approvalUntilMs ?? null,
    revision: {
      from: saga?.situation?.base ?? null,
      to: saga?.committed.at(-1) ?? saga?.plan?.revision ?? null,
    },
    ranges: saga?.plan?.ranges ?? '',
    steps: saga?.steps ?? [],
    ahead: saga?.ahead ?? [],
    notes: saga?.notes ?? [],
    outcomes,
  };
}

export function seconds(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** Cells of a Markdown table are one line without bars. */
function escape(text: string): string {
  return text.replace(/\|/g, '/').replace(/\s*\n\s*/g, ' ');
}
