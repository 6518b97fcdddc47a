// Owns: what a running roll knows, and what it shows of it: the status and the page in the UI. Never calls
// an activity.

import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { phaseAttribute } from './attributes.js';
import type { OperatorWord } from './messages.js';
import type { RollHandedOn } from './roll-handing-on.js';
import type {
  RollAbortWord,
  RollInput,
  RollPhase,
  RollResult,
  RollStatus,
  RollStepRecord,
} from './roll-messages.js';
import { cell, clockText, counted, doing, quoted, seconds, unbroken } from './words.js';

export interface Roll {
  readonly service: string;
  readonly input: RollInput;
  phase: RollPhase;
  from: string | null;
  to: string | null;
  /** What it had rolled to when it turned back; null until then. */
  rolledTo: string | null;
  home: number | null;
  rolled: number;
  of: number;
  movedClients: number;
  stepsAhead: number;
  clientsAhead: number;
  /** The last ones. */
  steps: RollStepRecord[];
  stepsTaken: number;
  /** Steps in a row that came to nothing. */
  tries: number;
  /** What it rolls to is what the platform starts instances with: forward, and again on the way back. */
  isSet: boolean;
  back: WayBack | null;
  paused: OperatorWord | null;
  aborted: RollAbortWord | null;
  result: RollResult | null;
}

/** Why it goes back, and what it is when it has. */
export interface WayBack {
  readonly why: string;
  readonly outcome: 'undone' | 'aborted';
}

export function newRoll(service: string, input: RollInput, before: RollHandedOn | null): Roll {
  return {
    ...{ service, input, phase: 'roll', from: null, to: null, rolledTo: null, home: null },
    ...{ rolled: 0, of: 0, movedClients: 0, stepsAhead: 0, clientsAhead: 0 },
    ...{ steps: [], stepsTaken: 0, tries: 0, isSet: false },
    ...{ back: null, paused: null, aborted: null, result: null },
    ...(before === null ? {} : { ...before, steps: [...before.steps] }),
    ...(before?.back == null ? {} : { phase: 'back' }),
  };
}

/** The page has room for so many; all are in the history. */
const shownStepsMax = 24;

export function enter(roll: Roll, phase: RollPhase): void {
  if (roll.phase !== phase) upsertSearchAttributes([{ key: phaseAttribute, value: phase }]);
  roll.phase = phase;
  show(roll);
}

/** Keeps the account of one step while it runs. */
export async function written<T>(
  roll: Roll,
  title: string,
  run: () => Promise<T>,
  told: (result: T) => Pick<RollStepRecord, 'state' | 'note'> & { readonly movedClients?: number },
): Promise<T> {
  const startedAtMs = Date.now();
  const running: RollStepRecord = {
    ...{ title, state: 'running', note: '', startedAtMs, tookMs: 0, movedClients: 0 },
  };
  roll.steps = [...roll.steps, running].slice(-shownStepsMax);
  const put = (more: Partial<RollStepRecord>) => {
    const tookMs = Date.now() - startedAtMs;
    roll.steps = [...roll.steps.slice(0, -1), { ...running, tookMs, ...more }];
    show(roll);
  };
  show(roll);
  try {
    const result = await run();
    put(told(result));
    return result;
  } catch (error) {
    put({ state: 'failed', note: error instanceof Error ? error.message : '' });
    throw error;
  }
}

export function show(roll: Roll): void {
  setCurrentDetails(renderRoll(roll));
}

const marks = { running: '▶', done: '✓', failed: '✗' } as const;

/** Markdown: what, how far, how to stop it. */
export function renderRoll(roll: Roll): string {
  const { service, input, from, to, rolled, of, stepsAhead, clientsAhead, steps } = roll;
  const by = input.by === undefined ? '' : ` (${input.by})`;
  const versions = `${from ?? '…'} → ${input.image === undefined ? '' : `${input.image}, `}${to ?? '…'}`;
  return [
    `**roll of ${cell(service)}** · ${cell(`${versions}${by}: ${input.reason ?? 'no reason given'}`)}`,
    '',
    ...(roll.result === null
      ? [
          `**Now** (${clockText(Date.now())}): ${nowText(roll)}`,
          '',
          `${rolled} of ${of} instances run the version; ${counted(stepsAhead, 'step')} to come, in which about ${doing(clientsAhead, 'client', 'move')}`,
          '',
          `**To stop it**: ${quoted(`evenkeel roll pause ${service}`)}, \`abort\`, or \`abort --back\`: after the step that runs`,
        ]
      : [`**${roll.result.outcome}**: ${cell(roll.result.text)}`]),
    '',
    '| step | | clients | took |',
    '|---|---|---|---|',
    ...steps.map(
      (step) =>
        `| ${marks[step.state]} ${unbroken(step.title)} | ${cell(step.note)} | ${step.movedClients === 0 ? '' : step.movedClients} | ${step.state === 'running' ? '' : unbroken(seconds(step.tookMs))} |`,
    ),
    ...['', '\u00a0', '', '\u00a0'],
  ].join('\n');
}

function nowText({ phase, steps, paused, back }: Roll): string {
  const step = steps.at(-1);
  const title = step?.state === 'running' ? cell(step.title) : 'looks what is next';
  if (phase === 'back') return `goes back (${cell(back?.why ?? '')}): ${title}`;
  if (phase !== 'paused') return title;
  return `paused by ${cell(paused?.by ?? '')}${paused?.reason === undefined ? '' : `: ${cell(paused.reason)}`}`;
}

export function rollStatusOf(roll: Roll): RollStatus {
  const { service, phase, from, to, rolled, of, movedClients, steps, stepsAhead } = roll;
  const { paused, aborted, back, result } = roll;
  return {
    ...{ service, phase, template: { from, to }, rolled, of, movedClients, steps, stepsAhead },
    ...{ paused, aborted, why: back?.why ?? null, result },
  };
}
