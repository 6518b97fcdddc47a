// Owns: one question to the API server: its timeout, its repeats by class of error, and the sentence
// when there is no answer. Never repeats what the server refused for good.

import {
  ApiException,
  setHeaderMiddleware,
  type ConfigurationOptions,
  type ObservableMiddleware,
} from '@kubernetes/client-node';
import { BadInputError, UnreachableError } from '../../errors.js';
import { operationMs, requestTimeoutMs, retryFirstMs, retryMaxMs } from './limits.js';

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
}

export type Asking = <T>(call: Call<T>) => Promise<T>;

/** Asks until there is an answer, within `operationMs`; UnreachableError when there is none. */
export function createAsking(
  server: string,
  sleep = wait,
  nowMs = () => performance.now(),
): Asking {
  return async ({ what, ask, onRepeat, isOnce = false }) => {
    const untilMs = nowMs() + operationMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await ask(withTimeout());
      } catch (error) {
        const found = classOf(error);
        if (found.kind !== 'again') throw error;
        const backOffMs = Math.min(retryMaxMs, retryFirstMs * 2 ** attempt);
        const waitMs = found.afterMs ?? backOffMs * (0.5 + Math.random() / 2);
        if (isOnce || nowMs() + waitMs > untilMs) throw unreachable(server, what, error);
        onRepeat?.(found.maybeDone);
        await sleep(waitMs);
      }
    }
  };
}

/** The operating error for what the server refused; `undefined` for what the caller handles itself. */
export function refusal(error: unknown, what: string, mend: string): Error {
  const found = classOf(error);
  if (found.kind === 'again') return error instanceof Error ? error : new Error(String(error));
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

/** A timeout is set on each request, because the library has none. */
function withTimeout(): ConfigurationOptions<ObservableMiddleware> {
  const asJson = setHeaderMiddleware('Accept', 'application/json');
  const middleware: ObservableMiddleware = {
    pre: (request) => {
      request.setSignal(AbortSignal.timeout(requestTimeoutMs));
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

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
