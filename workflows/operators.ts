// Owns: what people say to a running saga: `approve`, `reject`, `abort`. The validators refuse, with a
// sentence, what cannot be done now; a refused update leaves no trace. Never undoes anything itself.

import type { RawValue } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import { printable } from './bytes.js';
import { abortUpdate, approveUpdate, rejectUpdate, type OperatorWord } from './messages.js';
import { note } from './notes.js';
import { Unreadable, rawUpdate, readPayload } from './payload-reading.js';
import { isUrgent, type Saga } from './state.js';

const wordMaxChars = 300;
const abortNote = 'abort by ';

export function setOperatorHandlers(current: () => Saga | null): void {
  answer(
    approveUpdate.name,
    (word) => approve(saga(current), word),
    (word) => mustAwait(current(), word),
  );
  answer(
    rejectUpdate.name,
    (word) => reject(saga(current), word),
    (word) => mustAwait(current(), word),
  );
  answer(
    abortUpdate.name,
    (word) => abort(saga(current), word),
    (word) => mustRun(current(), word),
  );
}

function answer(
  name: string,
  act: (word: OperatorWord) => string,
  check: (word: OperatorWord) => void,
): void {
  setHandler(rawUpdate(name), (raw) => act(readWord(raw)), {
    validator: (raw: RawValue | undefined) => check(readWord(raw)),
  });
}

function approve(saga: Saga, word: OperatorWord): string {
  saga.approval = 'given';
  saga.approvedBy = word;
  return `approved by ${word.by}`;
}

function reject(saga: Saga, word: OperatorWord): string {
  const text = `rejected by ${said(word)}`;
  saga.approval = 'none';
  saga.ending = { outcome: 'rejected', text };
  return text;
}

/** Before the point of no return what has begun is undone; after it, it goes on to a whole end. */
function abort(saga: Saga, word: OperatorWord): string {
  const { phase } = saga;
  if (saga.onward || isUrgent(saga)) {
    const why = saga.onward ? 'past the point of no return' : 'nobody serves what was lost';
    const text = `${abortNote}${said(word)} at ${phase}: ${why}, so it goes forward to its end`;
    // The first one is enough on the page; each gets its answer.
    if (!saga.notes.some((one) => one.startsWith(abortNote))) note(saga.notes, text);
    return text;
  }
  saga.aborted ??= word;
  saga.scope.cancel();
  return `aborting at ${phase}: what has begun is undone`;
}

function mustAwait(saga: Saga | null, word: OperatorWord): void {
  if (saga?.approval !== 'awaited') throw new Error('nothing awaits approval');
  mustBeMeant(saga, word);
}

/** A word can be late: said about a plan that has expired, or while no worker could take it. */
function mustBeMeant({ plan, request }: Saga, word: OperatorWord): void {
  const asked = plan?.planId;
  if (word.plan !== undefined && word.plan !== asked) {
    throw new Error(`plan ${word.plan} is not asked about any more; now it is ${asked ?? 'none'}`);
  }
  if (word.request !== undefined && word.request !== request.requestId) {
    throw new Error(`what is carried out now is another request: ${request.requestId}`);
  }
}

function mustRun(saga: Saga | null, word: OperatorWord): void {
  if (saga === null || saga.phase === 'done') throw new Error('no rebalance is under way');
  mustBeMeant(saga, word);
  if (saga.undoing) throw new Error('it is being undone already');
  if (saga.phase === 'record') throw new Error('it is done already');
}

/** Bounded, and nothing but what is known. */
export function readWord(raw: RawValue | undefined): OperatorWord {
  const value = readPayload(raw);
  if (value instanceof Unreadable) {
    throw new Error(`the payload of this update cannot be read: ${value.why}`);
  }
  const { by, ...others } = (value ?? {}) as Record<string, unknown>;
  const name = word(by);
  if (name === '') throw new Error('by must name who asks');
  const [reason, plan, request] = [others['reason'], others['plan'], others['request']].map(word);
  return {
    by: name,
    ...(reason ? { reason } : {}),
    ...(plan ? { plan } : {}),
    ...(request ? { request } : {}),
  };
}

const word = (value: unknown): string =>
  typeof value === 'string' ? printable(value).slice(0, wordMaxChars) : '';

export function said({ by, reason }: OperatorWord): string {
  return reason === undefined ? by : `${by}: ${reason}`;
}

/** The validators have made sure that there is one. */
function saga(current: () => Saga | null): Saga {
  const found = current();
  if (found === null) throw new Error('no rebalance is under way');
  return found;
}
