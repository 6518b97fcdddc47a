// Owns: how an attempt to be connected that failed is told: what was tried, why it failed, when it is
// tried again. Looks at the steps of the state machine from outside; never changes what it does.

import type { ClientEvent, ClientState } from '../core/handover/client.js';

/** What failed, in fields. */
interface Failure {
  /** `session`: none was had; `dial`: no socket; `welcome`: no welcome; `connection`: it was lost. */
  readonly step: 'session' | 'dial' | 'welcome' | 'connection';
  /** Failures in a row, this one included: a welcome ends the row. */
  readonly attempts: number;
  /** It is tried again after this; null: never, and `onStop` follows. */
  readonly retryInMs: number | null;
  /** Of a socket that was closed from the other side or never opened; 1006: without a word. */
  readonly closeCode: number | null;
  /** Of the server's `error` frame, as `bad-token` or `unavailable`. */
  readonly errorCode: string | null;
}

/**
 * Told to `onTrouble` when the client could not be connected, or lost its connection. The message is a
 * sentence for a log. Tokens and keys that the client knows are nowhere in it, and it has no `cause`: what
 * an application's own `getSession` threw may hold anything.
 */
export class ConnectFailedError extends Error {
  readonly step: Failure['step'];
  readonly attempts: number;
  readonly retryInMs: number | null;
  readonly closeCode: number | null;
  readonly errorCode: string | null;

  constructor(message: string, failure: Failure) {
    super(message);
    this.name = 'ConnectFailedError';
    this.step = failure.step;
    this.attempts = failure.attempts;
    this.retryInMs = failure.retryInMs;
    this.closeCode = failure.closeCode;
    this.errorCode = failure.errorCode;
  }
}

/** Longest text of somebody else's in a message. */
const wordsMaxChars = 300;
/** An error says that it has a cause, and that one; then it is enough. */
const causesMax = 3;

const stepOf = {
  asking: 'session',
  dialling: 'dial',
  parked: 'welcome',
  welcomed: 'connection',
} as const;

/**
 * What failed by a step of the state machine, or null when nothing did: being moved, told to leave or
 * replaced is no failure. `words`: what the socket or the error said; `secrets` are taken out of it.
 */
export function failureOf(
  before: ClientState,
  event: ClientEvent,
  after: ClientState,
  around: {
    readonly nowMs: number;
    readonly words: string;
    readonly secrets: readonly (string | null | undefined)[];
  },
): ConnectFailedError | null {
  const { phase } = before;
  if (phase === 'idle' || phase === 'waiting' || phase === 'stopped') return null;
  const error = event.kind === 'frame' && event.frame['type'] === 'error' ? event.frame : null;
  const isFinal = after.phase === 'stopped' && (event.kind === 'denied' || error !== null);
  if (!isFinal && after.failures <= before.failures) return null;
  const failure: Failure = {
    step: stepOf[phase],
    attempts: before.failures + 1,
    retryInMs: isFinal ? null : Math.max(0, Math.round((after.deadlineMs ?? 0) - around.nowMs)),
    closeCode: event.kind === 'lost' ? event.code : null,
    errorCode: typeof error?.['code'] === 'string' ? error['code'] : null,
  };
  const said = hide(whyOf(before, event, around.words), around.secrets);
  const when = isFinal ? 'not tried again' : `again in ${failure.retryInMs ?? 0} ms`;
  const what = `${whatOf(before)}: ${said}`;
  return new ConnectFailedError(`${what} (attempt ${failure.attempts}, ${when})`, failure);
}

function whatOf({ phase, url, instance }: ClientState): string {
  const place = placeOf(url);
  if (phase === 'asking') return 'no session';
  if (phase === 'dialling') return `no connection to ${place}`;
  if (phase === 'parked') return `no welcome from ${place}`;
  return `connection to ${instance ?? 'an instance'} at ${place} lost`;
}

function whyOf(
  { phase, redirects, aliveEveryMs, config }: ClientState,
  event: ClientEvent,
  words: string,
): string {
  switch (event.kind) {
    case 'lost':
      return `closed with ${event.code}${words === '' ? '' : `: ${words}`}`;
    case 'frame': {
      const { type, code, message, reason } = event.frame;
      if (type === 'error') return `the server says ${String(code)}: ${String(message)}`;
      if (type === 'redirect') return `redirected ${redirects + 1} times in a row`;
      return `disconnected for a reason that this version does not know: ${String(reason)}`;
    }
    case 'wake': {
      if (phase === 'asking') return `no answer within ${config.askWithinMs} ms`;
      if (phase === 'dialling') return `not open within ${config.dialWithinMs} ms`;
      if (phase === 'parked') return `nothing within ${config.welcomeWithinMs} ms`;
      return `nothing heard for ${2.5 * aliveEveryMs} ms`;
    }
    default:
      return words;
  }
}

/** Where it is, without what a path or a query may hold. */
function placeOf(url: string | null): string {
  try {
    const { protocol, host } = new URL(url ?? '');
    return `${protocol}//${host}`;
  } catch {
    return 'an address that is none';
  }
}

/** What was thrown, with its causes: `fetch failed` alone helps nobody. */
export function wordsOf(thrown: unknown): string {
  const words: string[] = [];
  let error = thrown;
  while (error instanceof Error && words.length < causesMax) {
    // Several addresses that all refused have no message, but a code.
    const { code = error.name } = error as { readonly code?: string };
    const text = String(error.message === '' ? code : error.message);
    // A mistake in the application's code is known by its name.
    words.push(
      error.name === 'Error' || words.length > 0 || isOwn(error) ? text : `${error.name}: ${text}`,
    );
    error = error.cause;
  }
  if (words.length > 0) return words.join(': ');
  try {
    return String(thrown);
  } catch {
    return 'an object without a text';
  }
}

const isOwn = ({ name }: Error) =>
  name === 'SessionDeniedError' || name === 'SessionUnavailableError';

/** A short word, as a key of a test, only where it stands alone: it may be a part of any other word. */
const shortWord = /^[\w-]{1,7}$/;

/** One line, no longer than a log wants it, without these. */
export function hide(text: string, secrets: readonly (string | null | undefined)[]): string {
  let shown = text;
  for (const secret of secrets) {
    if (!secret) continue;
    shown = shortWord.test(secret)
      ? shown.replace(/[\w-]+/g, (word) => (word === secret ? '…' : word))
      : shown.replaceAll(secret, '…');
  }
  shown = shown.replace(/\p{Cc}+/gu, ' ');
  return shown.length > wordsMaxChars ? `${shown.slice(0, wordsMaxChars)}…` : shown;
}
