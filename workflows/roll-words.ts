// Owns: what people say to a running roll, `pause`, `resume`, `abort`, and what it is started with. The
// validators refuse, with a sentence, what cannot be done now. Never moves anything.

import type { RawValue } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import { bytesOf, cut, shorten } from '../src/core/bytes.js';
import { readWord, said } from './operators.js';
import { readPayload, rawUpdate } from './payload-reading.js';
import {
  abortRollUpdate,
  pauseRollUpdate,
  resumeRollUpdate,
  rollStatusQuery,
  type RollInput,
} from './roll-messages.js';
import { rollStatusOf, show, type Roll } from './roll-state.js';

export const watchDefaultMs = 10_000;
/** Longer, and each step would wait longer than anybody. */
const watchMaxMs = 60 * 60_000;
const idPrefix = 'roll/';
const nameMaxBytes = 100;
const imageMaxBytes = 300;
const reasonMaxBytes = 300;

/** The service that the id names; null when it names none. Anything malformed in the input is left out. */
export function readRollInput(input: unknown, workflowId: string): RollInput | null {
  const service = workflowId.startsWith(idPrefix) ? workflowId.slice(idPrefix.length) : '';
  if (service === '' || bytesOf(service) > nameMaxBytes) return null;
  const given = (typeof input === 'object' && input !== null ? input : {}) as Partial<
    Record<keyof RollInput, unknown>
  >;
  const text = (value: unknown, maxBytes: number, within = cut) =>
    typeof value === 'string' && value !== '' ? within(value, maxBytes) : undefined;
  const image = text(given.image, imageMaxBytes);
  const template = text(given.template, nameMaxBytes);
  const by = text(given.by, nameMaxBytes);
  const reason = text(given.reason, reasonMaxBytes, shorten);
  const { watchMs } = given;
  const isWatch = typeof watchMs === 'number' && watchMs >= 0 && watchMs <= watchMaxMs;
  return {
    service,
    ...(image === undefined ? {} : { image }),
    ...(template === undefined || image !== undefined ? {} : { template }),
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    watchMs: isWatch ? Math.round(watchMs) : watchDefaultMs,
  };
}

export function setRollHandlers(roll: Roll): void {
  setHandler(rollStatusQuery, () => rollStatusOf(roll));
  answer(roll, pauseRollUpdate.name, mayPause, (word) => {
    roll.paused ??= word;
    return 'paused: nothing begins after the step that runs';
  });
  answer(roll, resumeRollUpdate.name, mayResume, () => {
    roll.paused = null;
    return 'it goes on';
  });
  answer(roll, abortRollUpdate.name, mustRun, (word, raw) => {
    const { back } = (readPayload(raw) ?? {}) as { readonly back?: unknown };
    roll.aborted ??= { ...word, back: back === true };
    roll.paused = null;
    const then = roll.aborted.back === true ? 'goes back to the version before' : 'leaves what is';
    return `aborted by ${said(word)}: after the step that runs it ${then}`;
  });
}

function answer(
  roll: Roll,
  name: string,
  check: (roll: Roll) => void,
  act: (word: ReturnType<typeof readWord>, raw: RawValue | undefined) => string,
): void {
  setHandler(
    rawUpdate(name),
    (raw) => {
      const answered = act(readWord(raw), raw);
      show(roll);
      return answered;
    },
    { validator: (raw: RawValue | undefined) => (readWord(raw), check(roll)) },
  );
}

function mustRun({ result, phase, aborted }: Roll): void {
  if (result !== null) throw new Error('the roll is over');
  if (phase === 'back') throw new Error('it goes back already');
  if (aborted !== null) throw new Error('it is aborted already');
}

function mayPause(roll: Roll): void {
  mustRun(roll);
  if (roll.paused !== null) throw new Error('it is paused already');
}

function mayResume(roll: Roll): void {
  mustRun(roll);
  if (roll.paused === null) throw new Error('it is not paused');
}
