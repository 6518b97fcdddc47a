// Owns: figures as people read them, and the one sentence that stands above all: what happens now and what
// comes next. Pure.

import type { Now, Past } from '../../src/console/picture.js';

/** `840 ms`, `12 s`, `4 min 5 s`, `3 h 20 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) {
    const isExact = ms >= 10_000 || ms % 1_000 === 0;
    return isExact ? `${seconds} s` : `${(ms / 1_000).toFixed(1)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whole seconds: what counts on while it is looked at. */
export function seconds(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1_000));
  return whole === 0 ? '0 s' : duration(whole * 1_000);
}

/** `09:08:05`, UTC as everywhere: operators of one service sit in several time zones. */
export const timeOfDay = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

export const dayAndTime = (atMs: number): string =>
  new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');

const numbers = new Intl.NumberFormat('en');
export const count = (n: number): string => numbers.format(n);

export const plural = (n: number, one: string): string => `${count(n)} ${one}${n === 1 ? '' : 's'}`;

/** As a sentence of its own. */
export const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?”]$/.test(text) ? '' : '.'}`;

export interface Headline {
  readonly tone: 'calm' | 'moving' | 'asks' | 'trouble';
  readonly title: string;
  readonly next: string;
}

const runUnknown =
  'Temporal does not answer: a rebalance may be under way, and what is asked for here waits or fails.';

/** What happens, and what comes next. */
export function headlineOf(now: Now, clockMs: number): Headline {
  const { run, moves, settled, schedule } = now;
  if (run?.running === true) return ofRun(run, clockMs);
  const moving = moves.reduce((sum, { partitions }) => sum + partitions, 0);
  if (settled === false && moving > 0) {
    return {
      tone: 'trouble',
      title: `${plural(moving, 'partition')} ${moving === 1 ? 'is' : 'are'} not where the plan has ${moving === 1 ? 'it' : 'them'}`,
      next: now.isRunKnown
        ? 'No rebalance is under way. If this lasts: evenkeel doctor.'
        : runUnknown,
    };
  }
  if (!now.isRunKnown) {
    return { tone: 'trouble', title: 'Whether anybody moves is not known', next: runUnknown };
  }
  if (now.revision === null && now.away.length === 0) {
    return { tone: 'calm', title: 'Nobody owns anything yet', next: nextLook(schedule, clockMs) };
  }
  return { tone: 'calm', title: 'Nobody moves', next: nextLook(schedule, clockMs) };
}

function ofRun(run: NonNullable<Now['run']>, clockMs: number): Headline {
  const { headline, progress, approvalUntilMs, plan, steps, ahead, troubles, undoing } = run;
  const short = shortOf(headline);
  const capital = `${short.slice(0, 1).toUpperCase()}${short.slice(1)}`;
  if (approvalUntilMs !== null) {
    const who = plan === null ? '' : `About ${plural(plan.movedClients, 'client')} would move. `;
    return {
      tone: 'asks',
      title: `${capital}: a person is asked`,
      next: `${who}Without an answer it is rejected in ${seconds(approvalUntilMs - clockMs)}.`,
    };
  }
  const [trouble] = troubles;
  const kept = trouble === undefined ? '' : `${sentence(trouble)} `;
  const tone = troubles.length > 0 || undoing ? 'trouble' : 'moving';
  if (progress !== null && progress.of > 0) {
    const { done, of, arrived, clients, leftMs } = progress;
    const title = `${capital}: ${count(arrived)} of about ${plural(clients, 'client')} arrived`;
    const left = done >= of ? 'all partitions have moved' : `about ${duration(leftMs)} left`;
    return {
      tone,
      title,
      next: `${kept}${count(done)} of ${plural(of, 'partition')}, ${left}. ${nextStep(ahead)}`,
    };
  }
  const step = steps.findLast(({ state }) => state === 'running');
  const doing =
    step === undefined ? '' : `${step.title}, for ${seconds(clockMs - step.startedAtMs)}. `;
  return { tone, title: capital, next: `${kept}${doing}${nextStep(ahead)}` };
}

/** `grow 2 → 3 instances`: revisions stand in the details. */
const shortOf = (headline: string): string =>
  headline.replace(/, revision \w+ → \d+$/, ' instances');

/** Said by itself to who cannot see the page: no figure that changes with every look. */
export function spokenOf(now: Now, clockMs: number): string {
  const { run } = now;
  if (run?.running !== true) return headlineOf(now, clockMs).title;
  const { headline, phase, progress, approvalUntilMs } = run;
  if (approvalUntilMs !== null) return `${shortOf(headline)}: a person is asked`;
  const quarters =
    progress === null || progress.of === 0 ? 0 : Math.floor((4 * progress.done) / progress.of);
  const share = quarters === 0 ? '' : `, ${quarters * 25} percent of the partitions have moved`;
  return `${shortOf(headline)}${phase === null ? '' : `, ${phase}`}${share}`;
}

/** What keeps a run, without times that count on. */
export const troublesSpoken = ({ run }: Now): string =>
  (run?.running === true ? run.troubles : [])
    .map((text) => text.replace(/ for [\d.]+ (ms|s|min|h)( \d+ (s|min))?/, ' for a while'))
    .join('. ');

const nextStep = ([first, ...rest]: readonly string[]): string =>
  first === undefined
    ? 'This is the last step.'
    : `Next: ${first}${rest.length === 0 ? '' : `, then ${plural(rest.length, 'more step')}`}.`;

function nextLook(schedule: Now['schedule'], clockMs: number): string {
  if (schedule === null) return 'There is no Schedule that looks at it.';
  if (schedule.paused) return `The Schedule is paused: ${schedule.note ?? 'no note'}.`;
  if (schedule.everyMs === null) return 'A Schedule looks at it.';
  const every = `The Schedule looks every ${duration(schedule.everyMs)}`;
  const left = schedule.nextAtMs === null ? 0 : schedule.nextAtMs - clockMs;
  return left >= 1_000 ? `${every}, again in ${seconds(left)}.` : `${every}.`;
}

/** Several looks that a Schedule made and nobody carried out, on a busy machine, too. */
const silentLooks = 3;
const silentMinMs = 30_000;

/** That a Schedule looks and nobody answers it: the page is calm then, and nothing is watched. Empty otherwise. */
export function silenceOf(
  { schedule, isStoredKnown }: Now,
  past: Past | null,
  clockMs: number,
): string {
  const last = past?.decisions[0];
  if (last === undefined || !isStoredKnown) return '';
  if (schedule === null || schedule.paused || schedule.everyMs === null) return '';
  const isSilent = clockMs - last.toMs > Math.max(silentMinMs, silentLooks * schedule.everyMs);
  return isSilent ? `Nothing was decided since ${timeOfDay(last.toMs)}: is a worker running?` : '';
}
