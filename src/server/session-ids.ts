// Session ids that sort by the time they were made, so that of two sessions the newer is known
// without asking anybody. Owns their form; never stores one.

import { randomBytes } from 'node:crypto';

/** 12 hex digits of milliseconds, 20 of randomness. */
export function newSessionId(nowMs: number): string {
  return nowMs.toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
}

/** When a session id was made; null when it has another form (another directory made it). */
export function sessionTimeMs(session: string): number | null {
  return /^[0-9a-f]{32}$/.test(session) ? Number.parseInt(session.slice(0, 12), 16) : null;
}
