// Owns: a rebalance that is under way as people read it in a terminal: one frame that is drawn again
// and again, and, where nothing can be drawn again, one line for each thing that happened. Pure.

import type { HandOverProgress, PlanSummary, StepRecord } from '../../../activities/types.js';
import type { RebalanceStatus } from '../../../workflows/messages.js';
import { barText, leftMs, shareOf, type Share } from '../../../workflows/progress.js';
import { lastRebalanceText, type LastOutcome } from '../last-rebalance.js';
import type { RunSeen } from '../temporal.js';
import { durationText, timeText } from '../when.js';
import { wrapText } from '../wrap.js';
import { waitingText } from './outage.js';
import { stuckMendLines, stuckText } from './stuck.js';

export interface LiveRun extends RunSeen {
  readonly service: string;
  readonly last: LastOutcome | null;
  /** Null while nothing moves. */
  readonly progress: LiveProgress | null;
}

export interface LiveProgress extends Share {
  readonly arrived: number;
  readonly clients: number;
  readonly leftMs: number;
  readonly quietMs: number;
  /** Who still holds what, and who shall; null when it is not known. */
  readonly waitsFor: string | null;
}

const widthMax = 100;
const barColumns = 24;
/** Silence worth a word. */
const quietSaidMs = 3_000;
/** Steps on the screen: an operator's terminal has some 24 lines. */
const stepsMax = 12;

/** How far the hand-over is: by its last heartbeat where there is one, else by what the run says. */
export function progressOf(
  { status, pending, state }: Pick<RunSeen, 'status' | 'pending' | 'state'>,
  nowMs: number,
): LiveProgress | null {
  const plan = status?.plan ?? null;
  const running = runningOf(status);
  if (state !== 'RUNNING' || plan === null || running === undefined) return null;
  const beat = pending.find(({ activity }) => activity === 'handOver')?.heartbeat ?? null;
  const said = readBeat(beat) ?? status?.progress ?? null;
  if (said === null) return null;
  const share = shareOf(plan, said);
  const next = beat?.['next'];
  return {
    ...share,
    arrived: said.arrived,
    clients: plan.movedClients,
    leftMs: leftMs(plan, share, nowMs - running.startedAtMs),
    quietMs: said.quietMs,
    waitsFor: typeof next === 'string' ? next : null,
  };
}

function readBeat(beat: Readonly<Record<string, unknown>> | null): HandOverProgress | null {
  if (beat === null) return null;
  const number = (name: string) => (typeof beat[name] === 'number' ? beat[name] : 0);
  if (typeof beat['held'] !== 'number' || typeof beat['of'] !== 'number') return null;
  return {
    held: Math.max(0, number('held')),
    of: number('of'),
    arrived: number('arrived'),
    resumes: number('resumes'),
    quietMs: number('quietMs'),
  };
}

/**
 * The lines of one frame, none wider than the terminal. `whole`: nothing is cut; a frame that is drawn
 * again and again has to fit the terminal, and cuts the notes of steps that went well, and long ranges.
 */
export function frameOf(
  run: LiveRun,
  nowMs: number,
  columns: number,
  whole = false,
): readonly string[] {
  const { service, status } = run;
  const width = Math.max(20, Math.min(columns, widthMax));
  // Sentences go on below; steps and ranges, which may be very long, keep to their line.
  const wrapped = (lines: readonly string[]) =>
    lines.flatMap((line) => wrapText(line, width).split('\n'));
  const lines = wrapped([titleLine(run, nowMs)]);
  if (run.stuck !== null) {
    lines.push(
      ...wrapped([`! ${stuckText(run.stuck, nowMs)}`, ...stuckMendLines(service, run.stuck)]),
    );
  } else if (status === null) lines.push(noWorkerText);
  if (status !== null) {
    if (status.request !== null) lines.push(...wrapped([askedLine(status.request)]));
    lines.push(...wrapped(nowLines(run, status, nowMs)));
    const steps = stepLines(status, nowMs);
    const failed = (line: string) => line.startsWith(` ${marks.failed}`);
    // Why a step failed is what the reader is here for.
    lines.push('', ...steps.flatMap((line) => (whole || failed(line) ? wrapped([line]) : [line])));
    if (status.plan !== null && status.plan.planId !== '')
      lines.push('', ...(whole ? wrapped : unchanged)(planLines(status.plan)));
    lines.push(...wrapped(restLines(service, status, run.state)));
  }
  return lines.map((line) => clip(line, width));
}

const unchanged = (lines: readonly string[]): readonly string[] => lines;

export const noWorkerText = 'no worker answers: is evenkeel worker running?';

function titleLine(run: LiveRun, nowMs: number): string {
  const { service, state, startedAtMs, last } = run;
  if (state !== 'RUNNING') return `${service}: ${lastRebalanceText(run, last)}`;
  return `${service}: ${headlineOf(run.status)}, for ${durationText(Math.max(0, nowMs - startedAtMs))}`;
}

export function headlineOf(status: RebalanceStatus | null): string {
  const plan = status?.undoes ?? status?.plan ?? null;
  if (plan === null || plan.planId === '') return 'a rebalance is under way';
  // A worker of an earlier version does not say what it undoes.
  if (status?.phase === 'undo') return `undoing ${plan.kind} ${plan.from} → ${plan.to}`;
  if (plan.kind === 'bootstrap') return `bootstrap of ${plan.to} instances`;
  return `${plan.kind} ${plan.from} → ${plan.to}, revision ${plan.base ?? 'none'} → ${plan.revision}`;
}

export function askedLine({ source, by, reason }: NonNullable<RebalanceStatus['request']>): string {
  return `asked by ${by === undefined ? source : `${by} (${source})`}: ${reason}`;
}

function nowLines(run: LiveRun, status: RebalanceStatus, nowMs: number): string[] {
  const { progress, pending } = run;
  const lines: string[] = status.outage == null ? [] : [`! ${waitingText(status, status.outage)}`];
  if (progress !== null) {
    const { done, of, arrived, clients, quietMs, waitsFor } = progress;
    const left = `about ${durationText(progress.leftMs)} left`;
    lines.push(
      `${barText(progress, barColumns)} ${done}/${of} partitions, ${arrived}/~${clients} clients, ${left}`,
    );
    if (quietMs >= quietSaidMs) lines.push(`! nothing arrived for ${durationText(quietMs)}`);
    if (quietMs >= quietSaidMs && waitsFor !== null) lines.push(`  ${waitsFor}`);
  }
  for (const one of pending) {
    const waited = namesIn(one.heartbeat);
    if (waited !== '') lines.push(`waits for ${waited}`);
    if (one.attempt > 1) {
      const of = one.attemptsMax === 0 ? '' : ` of ${one.attemptsMax}`;
      lines.push(`! ${one.activity}, try ${one.attempt}${of}: ${one.lastFailure ?? 'no answer'}`);
    }
  }
  if (status.awaitsApproval && status.approvalUntilMs !== null) {
    const left = durationText(Math.max(0, status.approvalUntilMs - nowMs));
    lines.push(`? a person is asked, until ${timeText(status.approvalUntilMs)} (${left} left)`);
    const plan = status.plan === null ? '' : ` --plan ${status.plan.planId}`;
    for (const word of ['approve', 'reject']) {
      lines.push(`  evenkeel ${word} ${run.service}${plan}`);
    }
  }
  return lines;
}

/** Instances that an activity waits for, as its heartbeat names them. */
export function namesIn(beat: Readonly<Record<string, unknown>> | null): string {
  const names = beat?.['waitingFor'] ?? beat?.['stragglers'];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string').join(', ') : '';
}

const marks: Readonly<Record<StepRecord['state'], string>> = {
  running: '▶',
  done: '✓',
  failed: '✗',
  cancelled: '–',
};

function stepLines(status: RebalanceStatus, nowMs: number): string[] {
  const { steps, ahead, outcomes, request } = status;
  const over = outcomes.some(({ requestId }) => requestId === request?.requestId);
  const titles = [...steps.map(({ title }) => title), ...(over ? [] : ahead)];
  const width = Math.min(34, Math.max(0, ...titles.map((title) => title.length)));
  const shown = steps.slice(-stepsMax);
  const lines = shown.map(({ state, title, tookMs, startedAtMs, note }) => {
    const took = durationText(state === 'running' ? Math.max(0, nowMs - startedAtMs) : tookMs);
    return ` ${marks[state]} ${title.padEnd(width)} ${took.padStart(9)}  ${note}`.trimEnd();
  });
  const hidden = steps.length - shown.length;
  if (hidden > 0) lines.unshift(`   … ${hidden} steps before`);
  if (!over && status.phase !== 'undo') lines.push(...ahead.map((title) => ` · ${title}`));
  return lines;
}

function planLines({ before, ranges }: PlanSummary): string[] {
  return [`is     ${before === '' ? 'nobody owns anything' : before}`, `shall  ${ranges}`];
}

function restLines(service: string, status: RebalanceStatus, state: string): string[] {
  const { gone, queued, notes, phase } = status;
  const lines = notes.map((note) => `note   ${note}`);
  if (gone.length > 0) {
    lines.push(`gone   ${gone.map(({ instance, why }) => `${instance} (${why})`).join(', ')}`);
  }
  if (queued.length > 0) lines.push(`queue  ${queued.length} more requests`);
  if (state === 'RUNNING' && phase !== 'undo') lines.push(`stop   evenkeel abort ${service}`);
  return lines;
}

/** What happened between two looks, a line each, for a log: steps, progress, questions, the end. */
export function changesBetween(
  before: LiveRun | null,
  run: LiveRun,
  nowMs: number,
): readonly string[] {
  const earlier = before?.runId === run.runId ? before : null;
  const lines: string[] = [];
  const { service, status, state, progress } = run;
  if (earlier === null) lines.push(titleLine(run, nowMs));
  if (run.stuck !== null) {
    // The count grows for ever: the fact is said once.
    if ((earlier?.stuck ?? null) === null)
      lines.push(stuckText(run.stuck, nowMs), ...stuckMendLines(service, run.stuck));
  } else if (status === null && (earlier === null || earlier.status !== null)) {
    if (state === 'RUNNING') lines.push(noWorkerText);
  }
  const known = earlier?.status ?? null;
  if (status?.outage?.what !== known?.outage?.what) {
    if (status?.outage != null) lines.push(waitingText(status, status.outage));
    else if (known?.outage != null) lines.push(`${known.outage.what} answers again`);
  }
  const same = known?.request?.requestId === status?.request?.requestId;
  if (status?.request != null && !same) lines.push(askedLine(status.request));
  status?.steps.forEach((step, index) => {
    const was = same ? known?.steps[index] : undefined;
    if (was?.state !== step.state || was.title !== step.title) lines.push(stepText(step));
  });
  if (progress !== null && isNews(earlier?.progress ?? null, progress)) {
    const { done, of, arrived, clients } = progress;
    lines.push(
      `${done} of ${of} partitions, ${arrived} of about ${clients} clients, about ${durationText(progress.leftMs)} left`,
    );
  }
  for (const one of run.pending) {
    const was = earlier?.pending.find(({ activity }) => activity === one.activity);
    if (one.attempt > 1 && was?.attempt !== one.attempt) {
      lines.push(`${one.activity}, try ${one.attempt}: ${one.lastFailure ?? 'no answer'}`);
    }
  }
  if (status?.awaitsApproval === true && known?.awaitsApproval !== true) {
    lines.push(`a person is asked until ${timeText(status.approvalUntilMs ?? nowMs)}`);
  }
  for (const note of status?.notes.slice(same ? (known?.notes.length ?? 0) : 0) ?? []) {
    lines.push(note);
  }
  if (state !== 'RUNNING' && earlier?.state === 'RUNNING') lines.push(titleLine(run, nowMs));
  return lines;
}

function stepText({ state, title, tookMs, note }: StepRecord): string {
  if (state === 'running') return `${title} …`;
  const how = state === 'done' ? '' : ` ${state}`;
  return `${title}${how} after ${durationText(tookMs)}${note === '' ? '' : `: ${note}`}`;
}

function isNews(before: LiveProgress | null, now: LiveProgress): boolean {
  return before === null || before.done !== now.done || before.arrived !== now.arrived;
}

function runningOf(status: RebalanceStatus | null): StepRecord | undefined {
  return status?.steps.find(({ state }) => state === 'running');
}

function clip(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
