// The public keys that an instance verifies tokens with, kept current: a file with them is read again
// now and then, so that keys are rotated without restarting anything. A new key is added before the
// directory signs with it; an old one is taken out when its last token has expired, or at once when it
// is to be revoked. A file that cannot be used changes nothing. Never sees a private key.

import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { z } from 'zod';
import { BadInputError } from '../errors.js';
import { keysRereadMs } from '../limits.js';

export interface KeySet {
  readonly keys: readonly JWK[];
}

const shape = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** JSON itself, or the path of a file with it. Throws BadInputError; quotes nothing of a key. */
export function readKeySet(text: string): KeySet {
  const parsed = shape.safeParse(parse(isPath(text) ? readFile(text) : text));
  if (!parsed.success) throw wrong('is JSON without "keys"');
  const { keys } = parsed.data;
  if (keys.some((key) => 'd' in key || 'k' in key)) {
    throw wrong('holds a private key; instances get only the public half');
  }
  // Without a name a token would have to be tried with each: who signed it must be clear.
  const names = keys.map(({ kid }) => kid);
  const unnamed = names.some((kid) => typeof kid !== 'string' || kid === '');
  if (keys.length > 1 && (unnamed || new Set(names).size < names.length)) {
    throw wrong('holds several keys without a "kid" of their own each');
  }
  return { keys };
}

export interface KeySource {
  /** The keys that count now; another object after a change. */
  current(): KeySet;
  close(): void;
}

/** Follows a file; JSON given directly stays as it is. Throws BadInputError for the first reading only. */
export function followKeySet(
  text: string,
  tell: (change: { readonly kids: readonly string[] } | { readonly error: string }) => void,
  everyMs = keysRereadMs,
): KeySource {
  let current = readKeySet(text);
  let complaint = '';
  const reread = (): void => {
    try {
      const found = readKeySet(text);
      complaint = '';
      if (JSON.stringify(found) === JSON.stringify(current)) return;
      current = found;
      tell({ kids: found.keys.map(({ kid }) => kid ?? '') });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== complaint) tell({ error: message });
      complaint = message;
    }
  };
  const timer = isPath(text) ? setInterval(reread, everyMs).unref() : undefined;
  return { current: () => current, close: () => clearInterval(timer) };
}

function isPath(text: string): boolean {
  return !text.trimStart().startsWith('{');
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw wrong('is a file that cannot be read');
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw wrong('is no JSON');
  }
}

function wrong(what: string): BadInputError {
  const allowed = 'the public keys of the directory: JSON, or the path of a file with it';
  return new BadInputError(`EVENKEEL_JWKS ${what}; it must be ${allowed}`, {
    field: 'EVENKEEL_JWKS',
    allowed,
  });
}
