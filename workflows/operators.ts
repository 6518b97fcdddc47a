// Owns: what people say to a running saga: `approve`, `reject`, `abort`. The validators refuse, with a
// sentence, what cannot be done now; a refused update leaves no trace. Never undoes anything itself.

import type { RawValue } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import { printable, shorten } from '../src/core/bytes.js';
import { abortUpdate, approveUpdate, rejectUpdate, type OperatorWord } from './messages.js';
import { note } from './notes.js';
import { Unreadable, rawUpdate, readPayload } from './payload-reading.js';
import { isUrgent, type Saga } from './state.js';

const wordMaxBytes = 300;
const abortNote = 'abort by ';

export function setOperatorHandlers(current: () => Saga | null): void {
  answer(
    approveUpdate.name,
    (word) => approve(saga(current), word),
    (word) => (mustAwait(current()), mustBeMeant(saga(current), word)),
  );
  answer(
    rejectUpdate.name,
    (word) => reject(saga(current), word),
    (word) => (mustAwait(current()), mustBeMeant(saga(current), word)),
  );
  answer(
    abortUpdate.name,
    (word) => abort(saga(current), word),
    (word) => (mustRun(current()), mustBeMeant(saga(current), word)),
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

/** What of a saga says whether people may answer it. */
export type Answering = Pick<
  Saga,
  'phase' | 'approval' | 'approvedBy' | 'aborted' | 'ending' | 'undoing'
>;

/** Of several people who answer at once the first one counts; the others are told of that one. */
export function mustAwait(saga: Answering | null): void {
  if (saga?.approval === 'awaited' && saga.aborted === null) return;
  const answer = saga === null ? null : answeredBefore(saga);
  throw new Error(`nothing awaits approval${answer === null ? '' : `: ${answer}`}`);
}

function answeredBefore({ aborted, ending, approvedBy }: Answering): string | null {
  if (aborted !== null) return `it was aborted by ${said(aborted)}`;
  if (ending?.outcome === 'rejected') return `it was ${ending.text}`;
  return approvedBy === null ? null : `it was approved by ${said(approvedBy)}`;
}

/** Who aborts is told why that cannot be done, or need not be. */
export function mustRun(saga: Answering | null): void {
  if (saga === null || saga.phase === 'done') throw new Error('no rebalance is under way');
  if (saga.aborted !== null) {
    throw new Error(`it is being undone already: it was aborted by ${said(saga.aborted)}`);
  }
  if (saga.undoing) throw new Error('it is being undone already');
  if (saga.phase === 'record') throw new Error('it is done already');
  if (saga.ending !== null) throw new Error(`it is ending already: ${saga.ending.text}`);
}

/** A word can be late: said about a plan that has expired, or while no worker could take it. */
export function mustBeMeant(
  { plan, request }: Pick<Saga, 'plan' | 'request'>,
  word: OperatorWord,
): void {
  const asked = plan?.planId;
  if (word.plan !== undefined && word.plan !== asked) {
    throw new Error(`plan ${word.plan} is not asked about any more; now it is ${asked ?? 'none'}`);
  }
  if (word.request !== undefined && word.request !== request.requestId) {
    throw new Error(`what is carried out now is another request: ${request.requestId}`);
  }
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
  typeof value === 'string' ? shorten(printable(value), wordMaxBytes) : '';

export function said({ by, reason }: OperatorWord): string {
  return reason === undefined ? by : `${by}: ${reason}`;
}

/** The validators have made sure that there is one. */
function saga(current: () => Saga | null): Saga {
  const found = current();
  if (found === null) throw new Error('no rebalance is under way');
  return found;
}
