// Owns: where things are: this checkout, its run directories, the cache of built parts; and the
// typed door to the plain JavaScript in stack/bootstrap, which must run before anything is built.
// Never creates or removes anything.
import { existsSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A process that can be told from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startId?: string | undefined;
}

interface IdentityModule {
  readonly identityOf: (pid: number) => ProcessIdentity;
  readonly isSameProcess: (identity: ProcessIdentity) => boolean;
}

interface LockModule {
  readonly tryLock: (path: string) => (() => void) | undefined;
  readonly lockOwner: (path: string) => ProcessIdentity | undefined;
  readonly withLock: <T>(
    path: string,
    work: () => Promise<T>,
    options?: { onWait?: (owner: ProcessIdentity | undefined) => void; waitMs?: number },
  ) => Promise<T>;
}

/** The root of this checkout, found from the sources as well as from dist/. */
export const checkoutDir = findCheckout(dirname(fileURLToPath(import.meta.url)));

/** State, locks and run directories of this checkout (in .gitignore). */
export const stackHome = join(checkoutDir, '.stack');

/** Directory that holds one directory per run. */
export const runsDataDir = join(stackHome, 'data');

/** Built parts, shared by all checkouts of this user. `EVENKEEL_CACHE` names another place. */
export function cacheDir(): string {
  const named = process.env['EVENKEEL_CACHE'];
  if (named !== undefined && named !== '') return named;
  const xdg = process.env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'evenkeel');
}

/** Reservations of ports, shared by all checkouts of this user on this machine. */
export const portReservationsDir = join(tmpdir(), `evenkeel-ports-${process.getuid?.() ?? 'user'}`);

export const { identityOf, isSameProcess } = await load<IdentityModule>('identity.mjs');
export const { tryLock, lockOwner, withLock } = await load<LockModule>('lock.mjs');

async function load<T>(name: string): Promise<T> {
  const url = pathToFileURL(join(checkoutDir, 'stack', 'bootstrap', name)).href;
  return (await import(url)) as T;
}

function findCheckout(from: string): string {
  for (let at = from; ; at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string };
      if (name === 'evenkeel') return at;
    }
    if (dirname(at) === at) throw new Error(`no checkout of evenkeel above ${from}`);
  }
}
