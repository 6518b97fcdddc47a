// Owns: the folder by which the parts of a local Evenkeel find one another (`.evenkeel`): the supervisor's
// address, and for each service the keys of its session directory and where that is. Only this user reads it.
//
//   supervisor.json           {url, token, pid}: of the last supervisor that was started here
//   <service>.keys.json       {signingJwk, jwks, directoryKey}: made once, for this machine only
//   <service>.directory.json  {url, key, pid}: what a client of this machine needs to know

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { z } from 'zod';
import { BadInputError } from '../errors.js';
import { generateKeys } from '../server/keys.js';

export const dataDirDefault = '.evenkeel';
export const supervisorFile = 'supervisor.json';
export const directoryFileOf = (service: string): string => `${service}.directory.json`;
export const keysFileOf = (service: string): string => `${service}.keys.json`;

/** What a directory signs with, what instances check with, and what callers of the directory show. */
export interface LocalKeys {
  readonly signingJwk: JWK;
  readonly jwks: { readonly keys: readonly JWK[] };
  readonly directoryKey: string;
}

const localKeys = z.object({
  signingJwk: z.looseObject({ kty: z.string() }),
  jwks: z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }),
  directoryKey: z.string().min(16),
});
const address = z.object({ url: z.string(), token: z.string(), pid: z.number().int().positive() });

/** The keys of a service, made at the first question, whoever asks first. Throws BadInputError. */
export async function keysOf(dataDir: string, service: string): Promise<LocalKeys> {
  const path = join(dataDir, keysFileOf(service));
  const known = readKeys(path);
  if (known !== undefined) return known;
  const made: LocalKeys = {
    ...(await generateKeys()),
    directoryKey: randomBytes(24).toString('base64url'),
  };
  mkdirSync(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(made)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path); // Unlike a rename it never takes the place of somebody's who was faster.
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readKeys(path) ?? made;
}

/** Where the supervisor of this folder is; undefined when none runs. */
export function runningSupervisor(
  dataDir: string,
): { readonly url: string; readonly token: string } | undefined {
  try {
    const found = address.parse(JSON.parse(readFileSync(join(dataDir, supervisorFile), 'utf8')));
    process.kill(found.pid, 0); // Throws when it has ended.
    return found;
  } catch {
    return undefined;
  }
}

/** Readers see the whole file or none, and only this user does. */
export function writePrivately(path: string, value: object): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function readKeys(path: string): LocalKeys | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return localKeys.parse(JSON.parse(text));
  } catch {
    // Without its cause: that might quote a key.
    throw new BadInputError(`${path} holds no keys: remove it, and new ones are made`, {
      field: path,
      found: 'something else',
      allowed: 'what an earlier start has written there',
    });
  }
}
