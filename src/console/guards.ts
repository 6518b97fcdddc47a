// Owns: what a browser sends and is told so that nobody else's page can look or act: where a request came
// from, the cookie, and the headers of every answer. Pure.

import type { IncomingHttpHeaders } from 'node:http';

/** Scripts, styles and connections of our own and nothing else; nobody frames us. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** Where our page is reached, as browsers name it; undefined: by whatever Host it was asked for. */
type Origin = string | undefined;

/** Whether a change was asked for by a page of ours: browsers say where a request came from, in two ways. */
export function isOwnChange(headers: IncomingHttpHeaders, origin: Origin): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (headers.origin === undefined) return site === 'same-origin';
  if (origin !== undefined) return headers.origin === origin;
  return hostOf(headers.origin) === headers.host;
}

/** Whether it may be answered: not to a page of another site; `none` is a person who typed the address. */
export function isOwnLook(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** A name of somebody else's that leads to this machine is no name of ours. */
export const isLoopbackHost = (host: string | undefined): boolean => loopback.test(host ?? '');

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined; // `null`, of a page without an origin
  }
}

/**
 * Browsers keep cookies by name of a machine and not by port: two consoles on one, as by two port-forwards, would
 * end each other's logins. With TLS no sibling domain can set one of ours (`__Host-`).
 */
function cookieNameOf(host: string | undefined, origin: Origin): string {
  if (isSecure(origin)) return '__Host-evenkeel-console';
  const port = /:(\d{1,5})$/.exec(host ?? '')?.[1];
  return port === undefined ? 'evenkeel-console' : `evenkeel-console-${port}`;
}

const isSecure = (origin: Origin): boolean => origin?.startsWith('https://') === true;

/** The login in a request's cookies. */
export function loginIn({ cookie, host }: IncomingHttpHeaders, origin: Origin): string | undefined {
  const cookieName = cookieNameOf(host, origin);
  for (const pair of (cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name === cookieName && value !== undefined && /^[\w-]{1,64}$/.test(value)) return value;
  }
  return undefined;
}

/** `maxAgeMs` 0 takes it back. */
export function cookieOf(
  login: string,
  { maxAgeMs, host, origin }: { maxAgeMs: number; host: string | undefined; origin: Origin },
): string {
  const secure = isSecure(origin) ? '; Secure' : '';
  return `${cookieNameOf(host, origin)}=${login}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(maxAgeMs / 1_000)}${secure}`;
}
