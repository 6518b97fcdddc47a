// Owns: what a run of a roll hands on to the next one when its history gets long, in one payload under
// 2 KB, and reading it back, whoever wrote it. When that is, is decided between two steps. Pure.

import { bytesOf, cut, shortenInJson } from '../src/core/bytes.js';
import type { OperatorWord } from './messages.js';
import type { RollAbortWord, RollStepRecord } from './roll-messages.js';
import type { Roll, WayBack } from './roll-state.js';

/**
 * A step is some thirty events, so this is about sixty instances. A server ends a run at 51 200 events or
 * 50 MB, and every worker that takes a run over reads all of it.
 */
export const runEventsMax = 2_000;

/** Of 2 KB; the rest is for what encryption adds. */
const handedOnMaxBytes = 1_800;
const whyMaxBytes = 400;
const wordMaxBytes = 100;
const nameMaxBytes = 100;
const noteMaxBytes = 120;
const countMost = 1_000_000_000;

/** Where the roll stands. Everything else is looked up again at the next step. */
export type RollHandedOn = Pick<
  Roll,
  | 'from'
  | 'to'
  | 'rolledTo'
  | 'home'
  | 'movedClients'
  | 'stepsTaken'
  | 'tries'
  | 'isSet'
  | 'back'
  | 'paused'
  | 'aborted'
> & {
  /** The last ones, as far as they fit. */
  readonly steps: readonly RollStepRecord[];
};

export function handOnRoll(roll: Roll): RollHandedOn {
  const { from, to, rolledTo, home, movedClients, stepsTaken, tries, isSet } = roll;
  const { back, paused, aborted } = roll;
  const least: RollHandedOn = {
    ...{ from, to, rolledTo, home, movedClients, stepsTaken, tries, isSet },
    back: back === null ? null : { ...back, why: shortenInJson(back.why, whyMaxBytes) },
    paused: paused === null ? null : shortened(paused),
    aborted: aborted === null ? null : { ...aborted, ...shortened(aborted) },
    steps: [],
  };
  let steps: readonly RollStepRecord[] = [];
  for (const step of [...roll.steps].reverse()) {
    const note = shortenInJson(step.note, noteMaxBytes);
    const more = [{ ...step, note }, ...steps];
    if (bytesOf({ ...least, steps: more }) > handedOnMaxBytes) break;
    steps = more;
  }
  return { ...least, steps };
}

/** Null: nothing was handed on, so it is the first run. What is malformed in it is left out. */
export function readRollHandedOn(said: unknown): RollHandedOn | null {
  if (!isObject(said)) return null;
  const { home, from, to, rolledTo, back, aborted, steps } = said;
  const word = wordIn(aborted);
  return {
    from: text(from, nameMaxBytes),
    to: text(to, nameMaxBytes),
    rolledTo: text(rolledTo, nameMaxBytes),
    home: isCount(home) && home > 0 ? home : null,
    movedClients: count(said['movedClients']),
    stepsTaken: count(said['stepsTaken']),
    tries: count(said['tries']),
    isSet: said['isSet'] === true,
    back: wayBackIn(back),
    paused: wordIn(said['paused']),
    aborted: word === null ? null : { ...word, back: (aborted as RollAbortWord).back === true },
    steps: Array.isArray(steps) ? steps.flatMap((one: unknown) => stepIn(one)) : [],
  };
}

const shortened = ({ by, reason }: OperatorWord): OperatorWord => ({
  by: shortenInJson(by, wordMaxBytes),
  ...(reason === undefined ? {} : { reason: shortenInJson(reason, wordMaxBytes) }),
});

function wordIn(said: unknown): OperatorWord | null {
  if (!isObject(said)) return null;
  const [by, reason] = [text(said['by'], wordMaxBytes), text(said['reason'], wordMaxBytes)];
  return by === null ? null : { by, ...(reason === null ? {} : { reason }) };
}

function wayBackIn(said: unknown): WayBack | null {
  if (!isObject(said)) return null;
  const why = text(said['why'], whyMaxBytes);
  const outcome = said['outcome'] === 'aborted' ? 'aborted' : 'undone';
  return why === null ? null : { why, outcome };
}

function stepIn(said: unknown): readonly RollStepRecord[] {
  if (!isObject(said)) return [];
  const { title, state, note } = said;
  if (typeof title !== 'string' || (state !== 'done' && state !== 'failed')) return [];
  const numbers = {
    startedAtMs: typeof said['startedAtMs'] === 'number' ? said['startedAtMs'] : 0,
    tookMs: count(said['tookMs']),
    movedClients: count(said['movedClients']),
  };
  const words = { title: cut(title, noteMaxBytes), state, note: text(note, noteMaxBytes) ?? '' };
  return [{ ...words, ...numbers } as RollStepRecord];
}

const isObject = (said: unknown): said is Record<string, unknown> =>
  typeof said === 'object' && said !== null && !Array.isArray(said);
const isCount = (said: unknown): said is number =>
  Number.isInteger(said) && Number(said) >= 0 && Number(said) <= countMost;
const count = (said: unknown): number => (isCount(said) ? said : 0);
const text = (said: unknown, maxBytes: number): string | null =>
  typeof said === 'string' && said !== '' ? cut(said, maxBytes) : null;
