// Owns: who may look and act: the token that everybody logs in with, the logins of this process with the
// person's name, and the value that proves that a change was asked for by our own page. Nothing of it is
// ever written down; a restart ends all logins.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { BadInputError } from '../errors.js';
import { consoleLoginMs, consoleLoginsMax, consoleNameMaxChars } from './limits.js';

/** Whose request it is. */
export interface Person {
  readonly by: string;
  /** Names the login; what a cookie holds. */
  readonly login: string;
}

export interface Sessions {
  /** Null for a wrong token. @throws BadInputError for a name that nobody has */
  logIn(token: string, by: string, nowMs: number): Person | null;
  /** Null when there is no such login any more. */
  find(login: string, nowMs: number): Person | null;
  logOut(login: string): void;
  isToken(text: string): boolean;
  /** What a change has to bring along, of this login. */
  csrfOf(login: string): string;
  isCsrf(login: string, text: string): boolean;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** Digests, so that neither the length nor the first difference shows in the time taken. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** `token` is asked for each time: a file may have been replaced. */
export function createSessions(token: () => string): Sessions {
  const secret = randomBytes(32);
  const logins = new Map<string, { readonly by: string; readonly untilMs: number }>();
  const csrfOf = (login: string) => createHmac('sha256', secret).update(login).digest('base64url');
  return {
    logIn(text, by, nowMs) {
      if (!isSame(text, token())) return null;
      const login = randomBytes(24).toString('base64url');
      for (const [old, { untilMs }] of logins) if (untilMs <= nowMs) logins.delete(old);
      for (const old of logins.keys()) {
        if (logins.size < consoleLoginsMax) break;
        logins.delete(old);
      }
      const person = { by: nameOf(by), login };
      logins.set(login, { by: person.by, untilMs: nowMs + consoleLoginMs });
      return person;
    },
    find(login, nowMs) {
      const found = logins.get(login);
      return found === undefined || found.untilMs <= nowMs ? null : { by: found.by, login };
    },
    logOut: (login) => void logins.delete(login),
    isToken: (text) => isSame(text, token()),
    csrfOf,
    isCsrf: (login, text) => isSame(csrfOf(login), text),
  };
}

/** What turns a line around, or cannot be seen, is no part of a name that others read in a record. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** @throws BadInputError */
export function nameOf(by: string): string {
  const name = by.trim();
  if (name !== '' && name.length <= consoleNameMaxChars && !unseen.test(name)) return name;
  throw new BadInputError('your name is what the history will say: it must be some letters', {
    field: 'by',
    allowed: `1 to ${consoleNameMaxChars} characters that can be seen`,
  });
}
