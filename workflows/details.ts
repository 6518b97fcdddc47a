// Owns: what an operator reads of a saga at three in the morning: the Markdown page in the UI, the
// status and the sentence about each step. Never changes a saga.

import type { RebalanceRequest, StepRecord } from '../activities/types.js';
import { forwardOutageMaxMs, outageText, undoOutageMaxMs } from '../src/core/saga/outage.js';
import type { RebalanceStatus, RequestOutcome } from './messages.js';
import type { Outcomes } from './outcomes.js';
import { barText, leftMs, shareOf } from './progress.js';
import type { Ending, Saga } from './state.js';
import { cell, clockText, counted, doing, quoted, seconds, unbroken } from './words.js';

/** The plan that was asked for, also while the way back from it is under way. */
const askedPlan = ({ undoes, plan }: Saga) => undoes ?? plan;

/** `grow 2 → 3`, or the request while there is no plan. */
export function headline(saga: Saga): string {
  const plan = askedPlan(saga);
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
const notBegunShownMax = 3;

/** Markdown for the current details of the run: what, how far, what next, how to stop it. */
export function renderDetails(saga: Saga, outcomes: Outcomes): string {
  const page = [
    `**${cell(headline(saga))}** · ${cell(asked(saga.request))}`,
    ...(saga.ending === null ? nowLines(saga) : endLines(saga)),
    ...saga.notes.map((note) => `- ${cell(note)}`),
    ...planLines(saga),
    ...stepLines(saga),
    ...earlierLines(saga, outcomes),
    ...frameEnd,
  ];
  return page.join('\n');
}

/** The UI's frame for Markdown cuts off the last lines of a table: these are there to be cut. */
const frameEnd = ['', '\u00a0', '', '\u00a0'];

/** While there is no saga: before the first request, or after a cancel that came before it. */
export function renderIdle(
  service: string,
  what: string,
  notes: readonly string[],
  outcomes?: Outcomes,
): string {
  return [
    `**rebalance of ${cell(service)}** · ${what}`,
    ...notes.map((note) => `- ${cell(note)}`),
    ...(outcomes === undefined ? [] : otherLines(outcomes.kept, outcomes.notBegun)),
  ].join('\n');
}

function nowLines(saga: Saga): string[] {
  const running = saga.steps.find(({ state }) => state === 'running');
  // The page is written when something happens: people see how old it is.
  const lines = [
    '',
    `**Now** (${clockText(Date.now())}): ${cell(running?.title ?? saga.phase)}${plannedText(saga, running)}`,
    ...progressLines(saga, running),
  ];
  if (saga.approval === 'awaited' && saga.approvalUntilMs !== null) {
    const how = `${quoted(`evenkeel approve ${saga.service}`)} or \`reject\`, or the updates \`approve\` and \`reject\``;
    lines.push('', `**A person is asked**, until ${clockText(saga.approvalUntilMs)}: ${how}`);
  }
  lines.push(...outageLines(saga));
  const [next] = saga.ahead;
  lines.push(
    '',
    `**Next**: ${saga.undoing ? 'the other undos, then the record' : cell(next ?? 'record the outcome')}`,
  );
  lines.push('', `**To stop it**: ${stopText(saga)}`);
  return lines;
}

function outageLines(saga: Saga): string[] {
  if (saga.outage === null) return [];
  return ['', `**${cell(outageText(saga.outage))}**: ${patienceText(saga)}`];
}

/** What becomes of it while something is away. */
function patienceText({ onward, undoing, ending }: Saga): string {
  const byItself = 'it goes on by itself when that answers';
  // What is left is to record it.
  if (ending !== null) return `${byItself}; the outcome stands`;
  if (onward) return byItself;
  if (undoing) return `${byItself}; given up after ${seconds(undoOutageMaxMs)}`;
  return `${byItself}; undone after ${seconds(forwardOutageMaxMs)}`;
}

function stopText(saga: Saga): string {
  if (saga.undoing) return 'it is being undone already';
  if (saga.onward) return 'past the point of no return: it goes forward to its end';
  const how = `${quoted(`evenkeel abort ${saga.service}`)}, the update \`abort\`, or Cancel here`;
  return saga.committed.length === 0
    ? `${how}; no client has moved yet`
    : `${how}; what has moved goes back`;
}

/** What came of it, and what is left to a person. */
function endLines(saga: Saga): string[] {
  if (saga.ending === null) return [];
  const { outcome, text } = saga.ending;
  const todo = leftToDo(saga, saga.ending);
  const recorded = saga.steps.findLast(({ phase }) => phase === 'record')?.note ?? '';
  const lines = [
    '',
    `**${outcome}**: ${cell(text)}${recorded === '' ? '' : ` · ${cell(recorded)}`}`,
    ...outageLines(saga),
  ];
  return todo === null ? lines : [...lines, '', `**What to do**: ${todo}`];
}

function leftToDo({ service, steps }: Saga, { outcome, cancelled }: Ending): string | null {
  const cause = steps.some(({ state }) => state === 'failed') ? 'the cause (✗ below)' : 'the cause';
  if (outcome === 'undone') {
    const tidy = 'nothing has to be tidied up, the former instances serve everything';
    const again = quoted(`evenkeel rebalance ${service}`);
    return cancelled === true
      ? `${tidy}. Nothing failed: somebody cancelled it, and the history says who (WorkflowExecutionCancelRequested, identity). To ask again: ${again}`
      : `${tidy}. Mend ${cause}, then ask again: ${again}`;
  }
  if (outcome !== 'compensation-failed') return null;
  return `the service serves on as it is, and its Schedule is paused. Mend ${cause}, then ${quoted(`evenkeel rebalance ${service}`)} tries again to go back; with \`--leftovers accept\` it keeps what is. When that has ended well: ${quoted(`evenkeel resume ${service}`)}`;
}

/** ` · 120 partitions, about 600 clients, about 4 s`, until something has moved. */
function plannedText({ plan, progress }: Saga, running: StepRecord | undefined): string {
  if (plan === null || plan.planId === '' || progress !== null) return '';
  if (running?.phase !== 'hand-over') return '';
  const { movedPartitions, movedClients, estimateMs } = plan;
  return ` · ${counted(movedPartitions, 'partition')}, about ${counted(movedClients, 'client')}, about ${seconds(estimateMs)}`;
}

/** The bar, and under it what is worth a worry. */
function progressLines({ plan, progress }: Saga, running: StepRecord | undefined): string[] {
  if (plan === null || progress === null || running === undefined) return [];
  const share = shareOf(plan, progress);
  const left = leftMs(plan, share, Date.now() - running.startedAtMs);
  const moved = `${share.done} of ${share.of} partitions, ${progress.arrived} of about ${counted(plan.movedClients, 'client')}`;
  const told = progress.resumes === 0 ? '' : `; donors were told to go on, ${progress.resumes} ×`;
  const lines = [
    '',
    `\`${barText(share, barWidth)}\` ${moved}`,
    '',
    `about ${seconds(left)} left${told}`,
  ];
  if (progress.quietMs >= quietMs) {
    const why = `**nothing arrived for ${seconds(progress.quietMs)}** (who is late: Pending Activities, heartbeat)`;
    lines.push('', why);
  }
  return lines;
}

/** Silence worth a word. */
const quietMs = 3_000;
const barWidth = 24;

function planLines(saga: Saga): string[] {
  const { ending } = saga;
  const plan = askedPlan(saga);
  if (plan === null || plan.planId === '') return [];
  const { base, revision, movedPartitions, movedLowerBound, movedClients, estimateMs } = plan;
  const bound = movedLowerBound < movedPartitions ? ` (at least ${movedLowerBound})` : '';
  return [
    '',
    `revision ${base ?? 'none'} → ${revision} · ${counted(movedPartitions, 'partition')}${bound} and about ${doing(movedClients, 'client', 'move')}, about ${seconds(estimateMs)} · instances ${plan.running} → ${plan.replicas}`,
    '',
    '```',
    `${ending === null ? 'is   ' : 'was  '}  ${plan.before === '' ? 'nobody owned anything' : plan.before}`,
    `shall  ${plan.ranges}`,
    '```',
  ];
}

function stepLines(saga: Saga): string[] {
  const lines = ['', '| step | | took |', '|---|---|---|'];
  for (const step of saga.steps) {
    const took = step.state === 'running' ? '' : unbroken(seconds(step.tookMs));
    lines.push(
      `| ${marks[step.state]}\u00a0${titleCell(step.title)} | ${cell(step.note)} | ${took} |`,
    );
  }
  if (saga.ending === null && !saga.undoing) {
    for (const title of saga.ahead) lines.push(`| ${aheadMark}\u00a0${titleCell(title)} | | |`);
  }
  return [...lines, ''];
}

/** Longer titles may break: the notes beside them need the room. */
const unbrokenMaxChars = 22;

function titleCell(title: string): string {
  return title.length <= unbrokenMaxChars ? unbroken(title) : cell(title);
}

function earlierLines({ request }: Saga, { kept, notBegun }: Outcomes): string[] {
  const others = kept.filter(({ requestId }) => requestId !== request.requestId);
  return otherLines(others, notBegun);
}

/** A flood of requests that are refused must not hide what was done. */
function otherLines(outcomes: readonly RequestOutcome[], notBegun: number): string[] {
  const lineOf = (o: RequestOutcome) => `- ${o.outcome}: ${cell(o.text)}`;
  const begun = outcomes.filter((o) => o.notBegun !== true).slice(-earlierMax);
  const others = outcomes.filter((o) => o.notBegun === true).slice(-notBegunShownMax);
  const more = notBegun - others.length;
  const lines = [
    ...begun.map(lineOf),
    ...others.map(lineOf),
    ...(more > 0 ? [`- ${counted(more, 'more request')} answered without a rebalance`] : []),
  ];
  return lines.length === 0 ? [] : ['', 'Other requests of this run:', ...lines];
}

export function statusOf(
  service: string,
  saga: Saga | null,
  run: {
    readonly queued: readonly string[];
    readonly outcomes: Outcomes;
    readonly notes: readonly string[];
  },
): RebalanceStatus {
  return {
    service,
    phase: saga?.phase ?? 'done',
    plan: saga?.plan ?? null,
    undoes: saga?.undoes ?? null,
    progress: saga?.progress ?? null,
    outage: saga?.outage ?? null,
    onward: saga?.ending === null && saga.onward,
    undoing: saga?.ending === null && saga.undoing,
    gone: saga?.gone ?? [],
    request: saga?.request ?? null,
    queued: run.queued,
    awaitsApproval: saga?.approval === 'awaited',
    approvalUntilMs: saga?.approvalUntilMs ?? null,
    revision: {
      from: saga?.situation?.base ?? null,
      to: saga?.committed.at(-1) ?? saga?.plan?.revision ?? null,
    },
    ranges: saga?.plan?.ranges ?? '',
    steps: saga?.steps ?? [],
    ahead: saga?.ahead ?? [],
    notes: saga?.notes ?? run.notes,
    outcomes: run.outcomes.kept,
    notBegun: run.outcomes.notBegun,
  };
}
