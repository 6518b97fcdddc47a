// Owns: one question to the API server: its timeout, its repeats by class of error, and the sentence
// when there is no answer. Never repeats what the server refused for good.

import {
  ApiException,
  setHeaderMiddleware,
  type ConfigurationOptions,
  type ObservableMiddleware,
} from '@kubernetes/client-node';
import { BadInputError, UnreachableError } from '../../errors.js';
import {
  operationMs,
  requestTimeoutMs,
  retryFirstMs,
  retryMaxMs,
  unknownRepeatsMax,
} from './limits.js';

/**
 * What to do about an error: `again` after a wait (429, 5xx, no answer), `raced` (409: look again),
 * `absent` (404), `denied` (401, 403), `refused` (any other answer: ours is wrong).
 */
export type ErrorClass =
  | { readonly kind: 'again'; readonly afterMs: number | null; readonly maybeDone: boolean }
  | { readonly kind: 'raced' | 'absent' | 'denied' | 'refused'; readonly message: string };

export function classOf(error: unknown): ErrorClass {
  if (!(error instanceof ApiException)) return { kind: 'again', afterMs: null, maybeDone: true };
  const { code } = error;
  const message = messageOf(error);
  if (code === 429) return { kind: 'again', afterMs: retryAfterMs(error), maybeDone: false };
  if (code >= 500) return { kind: 'again', afterMs: retryAfterMs(error), maybeDone: true };
  if (code === 409) return { kind: 'raced', message };
  if (code === 404 || code === 410) return { kind: 'absent', message };
  if (code === 401 || code === 403) return { kind: 'denied', message };
  return { kind: 'refused', message };
}

export interface Call<T> {
  /** Verb and object, as in "to list pods in chat". */
  readonly what: string;
  readonly ask: (options: ConfigurationOptions<ObservableMiddleware>) => Promise<T>;
  /** Told before each repeat whether the attempt before may have taken effect. */
  readonly onRepeat?: (maybeDone: boolean) => void;
  /** Not repeated here: the caller has to look again before each attempt. */
  readonly isOnce?: boolean;
  /** Nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

export type Asking = <T>(call: Call<T>) => Promise<T>;

/** Asks until there is an answer, within `operationMs`; UnreachableError when there is none. */
export function createAsking(
  server: string,
  sleep = wait,
  nowMs = () => performance.now(),
): Asking {
  return async ({ what, ask, onRepeat, isOnce = false, signal }) => {
    const untilMs = nowMs() + operationMs;
    for (let attempt = 0; ; attempt += 1) {
      signal?.throwIfAborted();
      try {
        return await withinTime(ask, signal);
      } catch (error) {
        signal?.throwIfAborted();
        const found = classOf(error);
        const isUnsure = isUnknown(error) && !isOnce && attempt < unknownRepeatsMax;
        const again = found.kind === 'again' ? found : isUnsure ? nothingDone : null;
        if (again === null) throw error;
        const backOffMs = Math.min(retryMaxMs, retryFirstMs * 2 ** attempt);
        const { afterMs, maybeDone } = again;
        // Never sooner than our own wait: `Retry-After: 0` again and again would be a storm.
        const waitMs = Math.max(afterMs ?? 0, backOffMs * (0.5 + Math.random() / 2));
        if (isOnce || nowMs() + waitMs > untilMs) throw unreachable(server, what, error);
        onRepeat?.(maybeDone);
        await sleep(waitMs, signal);
      }
    }
  };
}

const nothingDone = { afterMs: null, maybeDone: false };

/** 401, also for a moment while a token is exchanged or the server has just been started. */
const isUnknown = (error: unknown): boolean => error instanceof ApiException && error.code === 401;

/** The operating error for what the server refused; whatever else it is, as it is. */
export function refusal(error: unknown, what: string, mend: string): Error {
  const found = classOf(error);
  if (found.kind === 'again') return error instanceof Error ? error : new Error(String(error));
  if (isUnknown(error)) {
    return new BadInputError(
      `Kubernetes does not know who asks ${what}: the token or certificate is not valid there, or no longer. ` +
        'In a pod: kubectl rollout restart the worker, if it stays so; with a kubeconfig: kubectl auth whoami',
      { field: 'permission', cause: error },
    );
  }
  if (found.kind === 'denied') {
    return new BadInputError(`Kubernetes does not allow ${what}: ${found.message}. ${mend}`, {
      field: 'permission',
      cause: error,
    });
  }
  return new BadInputError(`Kubernetes refuses ${what}: ${found.message}`, { cause: error });
}

function unreachable(server: string, what: string, cause: unknown): UnreachableError {
  const why = cause instanceof ApiException ? messageOf(cause) : reasonOf(cause);
  return new UnreachableError(
    'kubernetes',
    `the Kubernetes API server does not answer at ${server} ${what}: ${why}`,
    cause,
  );
}

/**
 * One request, ended after its time, because the library has no timeout, and when nobody waits any more.
 * No `AbortSignal.any`: Node 20 may collect a timeout that only it refers to, and the request has no end.
 */
async function withinTime<T>(ask: Call<T>['ask'], until: AbortSignal | undefined): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, requestTimeoutMs);
  until?.addEventListener('abort', end);
  try {
    return await ask(under(ending.signal));
  } finally {
    clearTimeout(timer);
    until?.removeEventListener('abort', end);
  }
}

function under(signal: AbortSignal): ConfigurationOptions<ObservableMiddleware> {
  const asJson = setHeaderMiddleware('Accept', 'application/json');
  const middleware: ObservableMiddleware = {
    pre: (request) => {
      request.setSignal(signal);
      return asJson.pre(request);
    },
    post: (response) => asJson.post(response),
  };
  return { middleware: [middleware], middlewareMergeStrategy: 'append' };
}

function retryAfterMs(error: ApiException<unknown>): number | null {
  const seconds = Number(error.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, operationMs) : null;
}

/** The server's own words, which name verb, resource and who we are. */
export function messageOf({ code, body }: ApiException<unknown>): string {
  const text = typeof body === 'string' ? messageIn(body) : (body as { message?: string })?.message;
  return text === undefined || text === '' ? `HTTP ${code}` : text.trim();
}

function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.name === 'AbortError' ? `no answer within ${requestTimeoutMs} ms` : cause.message;
}

/** Ends early, also at once, when the signal is given. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
