// How Prometheus is spoken to: where it is, who we are, and whose certificates are trusted. Read from the
// environment and checked here; applied by src/adapters/prometheus and nowhere else.

import { isThisMachine } from './address.js';
import { secretOf, type Secret } from './secret.js';
import { tlsOf, type TlsSettings } from './tls.js';
import { refused, valueOf, type ConnectionVariable, type Environment } from './variables.js';

/** Who asks: nobody in particular, the bearer of a token, or a user with a password. */
export type PrometheusLogin =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'password'; readonly username: string; readonly password: Secret };

export interface PrometheusAccess {
  /** Of the server or of a path that stands for it; without a slash at its end. */
  readonly url: string;
  readonly login?: PrometheusLogin | undefined;
  /** Only with https. Absent: the authorities that Node comes with. */
  readonly tls?: TlsSettings | undefined;
}

/** Undefined when nothing says where Prometheus is. Throws BadInputError with one sentence. */
export function readPrometheusAccess(env: Environment): PrometheusAccess | undefined {
  const text = valueOf(env, 'PROMETHEUS_URL');
  const login = loginOf(env);
  const tls = tlsOf(env, 'PROMETHEUS_TLS');
  const plaintext = valueOf(env, 'PROMETHEUS_PLAINTEXT');
  if (plaintext !== undefined && plaintext !== 'allow') {
    throw refused('PROMETHEUS_PLAINTEXT', `is "${plaintext.slice(0, 40)}"`);
  }
  if (text === undefined) {
    if (login === undefined && tls === undefined) return undefined;
    const given = login === undefined ? 'PROMETHEUS_TLS' : loginVariable(env);
    throw refused(given, 'is set without PROMETHEUS_URL', 'say where Prometheus is, or remove it');
  }
  const url = urlOf(text);
  if (tls !== undefined && url.protocol === 'http:') {
    throw refused(
      'PROMETHEUS_TLS',
      'is true, but PROMETHEUS_URL begins with http:',
      'write https: there, or remove PROMETHEUS_TLS',
    );
  }
  const isClear = url.protocol === 'http:' && !isThisMachine(`${url.hostname}:${url.port || '80'}`);
  if (login !== undefined && isClear && plaintext === undefined) {
    throw refused(
      loginVariable(env),
      `is set, but PROMETHEUS_URL begins with http: and ${url.host} is another machine: whoever listens could take it`,
      'use https:, or set PROMETHEUS_PLAINTEXT=allow where the network itself is encrypted',
    );
  }
  return { url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''), login, tls };
}

/** The value is not shown: people put passwords into URLs. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw refused('PROMETHEUS_URL', 'is no URL of a web server');
  }
  if (url.username !== '' || url.password !== '') {
    throw refused(
      'PROMETHEUS_URL',
      'holds a user or a password',
      'take them out, and set PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD_FILE',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw refused('PROMETHEUS_URL', 'holds a query or a fragment', 'end it before the ? or #');
  }
  return url;
}

function loginOf(env: Environment): PrometheusLogin | undefined {
  const token = secretOf(env, 'PROMETHEUS_TOKEN');
  const password = secretOf(env, 'PROMETHEUS_PASSWORD');
  const username = valueOf(env, 'PROMETHEUS_USERNAME');
  if (token !== undefined && (username !== undefined || password !== undefined)) {
    throw refused(
      username === undefined ? passwordVariable(env) : 'PROMETHEUS_USERNAME',
      `and ${tokenVariable(env)} are both set`,
      'keep the token, or user and password',
    );
  }
  if (token !== undefined) return { kind: 'token', token };
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    const [there, missing]: [ConnectionVariable, string] =
      username === undefined
        ? [passwordVariable(env), 'PROMETHEUS_USERNAME']
        : ['PROMETHEUS_USERNAME', 'PROMETHEUS_PASSWORD_FILE'];
    throw refused(there, `is set without ${missing}`, `set ${missing} too, or remove it`);
  }
  return { kind: 'password', username, password };
}

function loginVariable(env: Environment): ConnectionVariable {
  if (valueOf(env, 'PROMETHEUS_USERNAME') !== undefined) return passwordVariable(env);
  return tokenVariable(env);
}

function tokenVariable(env: Environment): ConnectionVariable {
  return valueOf(env, 'PROMETHEUS_TOKEN') === undefined
    ? 'PROMETHEUS_TOKEN_FILE'
    : 'PROMETHEUS_TOKEN';
}

function passwordVariable(env: Environment): ConnectionVariable {
  return valueOf(env, 'PROMETHEUS_PASSWORD') === undefined
    ? 'PROMETHEUS_PASSWORD_FILE'
    : 'PROMETHEUS_PASSWORD';
}
