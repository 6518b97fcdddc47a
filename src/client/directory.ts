// Asks a session directory for a session over HTTP. Owns what its answers mean for a client; never
// retries, the state machine does.

import type { ClientSession } from '../core/handover/client.js';
import { clientAskWithinMs } from '../limits.js';

/** Thrown when asking again cannot help: wrong key, wrong user, wrong url. */
export class SessionDeniedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SessionDeniedError';
  }
}

/** Thrown when the directory has nobody to send the client to just now, or does not answer. */
export class SessionUnavailableError extends Error {
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SessionUnavailableError';
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whoever is told to wait longer asks all the same: the wish may be a mistake. */
const retryAfterMaxMs = 3_600_000;

/** How long the directory, or a `getSession` of somebody's own, wants to be left alone; null: it does not say. */
export function waitOf({ retryAfterMs: wish }: SessionUnavailableError): number | null {
  if (typeof wish !== 'number' || Number.isNaN(wish)) return null;
  return Math.min(Math.max(0, wish), retryAfterMaxMs);
}

/**
 * Asks the directory at an address, which a page may give relative to itself. Everything that goes wrong
 * later may mend itself and is asked again; an address that is none never does. @throws TypeError
 */
export function directoryAt(directoryUrl: string | undefined, directoryKey: string | undefined) {
  if (directoryUrl === undefined) {
    throw new TypeError('connect needs either directoryUrl or getSession');
  }
  const { location } = globalThis as { location?: { readonly href?: string } };
  let protocol = '';
  let login = '';
  try {
    const url = new URL(directoryUrl, location?.href);
    protocol = url.protocol;
    login = url.username + url.password;
  } catch {
    // said below
  }
  // Neither is ever sent: `fetch` refuses them, and what it says of it holds them.
  if (login !== '') throw new TypeError('directoryUrl has a login in it: give directoryKey');
  if (directoryKey !== undefined && !isHeader(directoryKey)) {
    throw new TypeError('directoryKey holds what no HTTP header can: give it as one line of text');
  }
  if (protocol !== 'http:' && protocol !== 'https:') {
    const found = JSON.stringify(directoryUrl);
    throw new TypeError(`directoryUrl is ${found}: give http://host:port or https://host`);
  }
  const address = String(directoryUrl); // A URL is one, too.
  return (user: string, client: string, unreachable?: string): Promise<ClientSession> =>
    askDirectory({ directoryUrl: address, directoryKey, user, client, unreachable });
}

function isHeader(value: string): boolean {
  try {
    new Headers({ authorization: value });
    return true;
  } catch {
    return false;
  }
}

/**
 * What a `getSession` of somebody's own resolved with, as far as it is looked at; says what is missing,
 * never what is there. @throws TypeError
 */
export function checkSession(session: ClientSession): ClientSession {
  const fields: Partial<Record<keyof ClientSession, unknown>> = session ?? {};
  for (const field of ['url', 'token'] as const) {
    if (typeof fields[field] === 'string') continue;
    throw new TypeError(`getSession gave no ${field}: resolve with { url, token, instance }`);
  }
  return session;
}

/** One `POST /v1/sessions`. Throws SessionDeniedError or SessionUnavailableError. */
export async function askDirectory(question: {
  readonly directoryUrl: string;
  readonly directoryKey: string | undefined;
  readonly user: string;
  readonly client: string;
  /** Where its last answer led to nobody. */
  readonly unreachable?: string | undefined;
}): Promise<ClientSession> {
  const { directoryUrl, directoryKey, user, client, unreachable } = question;
  let response: Response;
  try {
    response = await fetch(`${directoryUrl.replace(/\/+$/, '')}/v1/sessions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(directoryKey === undefined ? {} : { authorization: `Bearer ${directoryKey}` }),
      },
      body: JSON.stringify({ user, client, unreachable }),
      signal: AbortSignal.timeout(clientAskWithinMs),
    });
  } catch (cause) {
    throw new SessionUnavailableError('the session directory does not answer', null, cause);
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.status === 201) {
    const session = asSession(body);
    if (session !== null) return session;
    throw new SessionUnavailableError('the session directory answered nonsense', null);
  }
  const message = `the session directory answered ${response.status}${messageOf(body)}`;
  const denied = response.status >= 400 && response.status < 500 && response.status !== 429;
  if (denied) throw new SessionDeniedError(message);
  throw new SessionUnavailableError(message, retryAfterMs(response.headers.get('retry-after')));
}

/** `Retry-After` in seconds or as a date. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

function asSession(body: unknown): ClientSession | null {
  if (typeof body !== 'object' || body === null) return null;
  const { url, token, instance } = body as Record<string, unknown>;
  if (typeof url !== 'string' || typeof token !== 'string') return null;
  return { url, token, instance: typeof instance === 'string' ? instance : '' };
}

function messageOf(body: unknown): string {
  const error = (body as { error?: { message?: unknown } } | null)?.error;
  return typeof error?.message === 'string' ? `: ${error.message}` : '';
}
