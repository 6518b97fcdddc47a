// One request to Prometheus: a form by POST, bounded in time and size, with who we are in its header.
// Says what went wrong in a sentence that names what to change; never shows a secret.

import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { BadInputError, UnreachableError } from '../../errors.js';
import type { PrometheusAccess } from '../../connections/prometheus.js';
import { readTls } from '../../connections/tls.js';
import { answerMaxBytes, retryAfterMs, triesMax } from './limits.js';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** POSTs `form` to `path` below the access's URL, within `timeoutMs` for all tries. Throws UnreachableError. */
export async function post(
  access: PrometheusAccess,
  path: string,
  form: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<HttpAnswer> {
  return checked(access, await postWithRetry(access, path, form, timeoutMs));
}

async function postWithRetry(
  access: PrometheusAccess,
  path: string,
  form: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<HttpAnswer> {
  const body = new URLSearchParams(form).toString();
  const untilMs = performance.now() + timeoutMs;
  for (let tries = 1; ; tries += 1) {
    const leftMs = Math.max(1, Math.round(untilMs - performance.now()));
    const isLast = tries >= triesMax || leftMs <= retryAfterMs;
    try {
      const answer = await once(access, path, body, leftMs);
      if (!isBusy(answer) || isLast) return answer;
    } catch (error) {
      if (isLast || performance.now() + retryAfterMs >= untilMs) throw unreachable(access, error);
    }
    await sleep(retryAfterMs);
  }
}

/** It, or a proxy before it, may answer in a moment. */
export const isBusy = ({ status }: HttpAnswer): boolean => status >= 500 || status === 429;

function once(
  access: PrometheusAccess,
  path: string,
  body: string,
  timeoutMs: number,
): Promise<HttpAnswer> {
  const url = new URL(`${access.url}${path}`);
  const isTls = url.protocol === 'https:';
  const options = {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json',
      ...authorization(access),
    },
    signal: AbortSignal.timeout(timeoutMs),
    ...(isTls && access.tls !== undefined ? tlsOptions(access.tls) : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (isTls ? https : http).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= answerMaxBytes) return void chunks.push(chunk);
        response.destroy(new TooLongError());
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

class TooLongError extends Error {}

function tlsOptions(tls: NonNullable<PrometheusAccess['tls']>): https.RequestOptions {
  return {
    ...readTls(tls),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

function authorization({ login }: Pick<PrometheusAccess, 'login'>): { authorization?: string } {
  if (login === undefined) return {};
  if (login.kind === 'token') return { authorization: `Bearer ${login.token.read()}` };
  const pair = Buffer.from(`${login.username}:${login.password.read()}`, 'utf8');
  return { authorization: `Basic ${pair.toString('base64')}` };
}

/** What the server says about who we are or where we are is an error of the settings, not of a query. */
function checked(access: PrometheusAccess, answer: HttpAnswer): HttpAnswer {
  const { status } = answer;
  if (status === 401 || status === 403) {
    const who =
      access.login === undefined
        ? 'set PROMETHEUS_TOKEN_FILE, or PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD_FILE'
        : `look at ${access.login.kind === 'token' ? access.login.token.from : access.login.password.from}`;
    throw new UnreachableError(
      'Prometheus',
      `Prometheus at ${access.url} refused us (HTTP ${status})`,
      undefined,
      who,
    );
  }
  if (status >= 300 && status < 400) {
    throw new UnreachableError(
      'Prometheus',
      `${access.url} answered with a redirect (HTTP ${status}), which is not followed`,
      undefined,
      'set PROMETHEUS_URL to where it leads',
    );
  }
  return status >= 400 ? { status, body: withoutSecret(access, answer.body) } : answer;
}

/** Some proxies answer a bad request with what it was. */
function withoutSecret({ login }: PrometheusAccess, body: string): string {
  if (login === undefined) return body;
  const [, sent = ''] = authorization({ login }).authorization?.split(' ') ?? [];
  const secret = login.kind === 'token' ? login.token.read() : login.password.read();
  return [sent, secret].reduce(
    (text, one) => (one === '' ? text : text.replaceAll(one, '…')),
    body,
  );
}

function unreachable(access: PrometheusAccess, error: unknown): Error {
  if (error instanceof BadInputError) return error; // A file of ours that is gone.
  if (error instanceof TooLongError) {
    return new UnreachableError(
      'Prometheus',
      `the answer of Prometheus is longer than ${answerMaxBytes / 1024 / 1024} MiB`,
      undefined,
      'let the query sum over what is not needed',
    );
  }
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  const said = error instanceof Error ? ((error as { code?: string }).code ?? error.message) : '';
  if (/CERT|ISSUER|SELF_SIGNED/.test(said)) {
    return new UnreachableError(
      'Prometheus',
      `the certificate of ${access.url} is not trusted (${said})`,
      error,
      'set PROMETHEUS_TLS_CA_FILE to who issued it, or PROMETHEUS_TLS_SERVER_NAME to the name that is in it',
    );
  }
  const what =
    isLate || said === 'ABORT_ERR' ? 'did not answer in time' : `cannot be reached (${said})`;
  return new UnreachableError(
    'Prometheus',
    `Prometheus at ${access.url} ${what}`,
    error,
    'check PROMETHEUS_URL, and that it runs',
  );
}
