// Owns: a lock file between processes of one machine, with its owner's identity inside, so that a
// lock left by a killed process is taken over at once. Never waits without a bound.
// Plain JavaScript: it runs before anything is installed or built.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isSameProcess } from './identity.mjs';

/** Longest wait for a lock: longer than the slowest cold build on a slow machine. */
export const lockWaitMs = 20 * 60_000;
const pollMs = 100;
let serial = 0;

/**
 * Takes the lock if it is free or its owner is dead. Returns a function that releases it, or
 * undefined when a live process (this one included) holds it.
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  serial += 1;
  const candidate = `${path}.${process.pid}.${serial}`;
  writeFileSync(candidate, JSON.stringify(identityOf(process.pid)));
  try {
    if (link(candidate, path)) return () => rmSync(path, { force: true });
    if (!isStale(path)) return undefined;
    // Only one process may clear a stale lock, and it looks again once it alone may: otherwise a
    // slow one could remove the fresh lock of a quick one.
    const clearing = `${path}.clearing`;
    if (!link(candidate, clearing)) {
      if (isStale(clearing)) rmSync(clearing, { force: true });
      return undefined;
    }
    try {
      if (isStale(path)) rmSync(path, { force: true });
    } finally {
      rmSync(clearing, { force: true });
    }
    return link(candidate, path) ? () => rmSync(path, { force: true }) : undefined;
  } finally {
    rmSync(candidate, { force: true });
  }
}

/** {pid, startId} of the lock's owner, or undefined when nobody holds it. */
export function lockOwner(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Runs `work` while holding the lock; waits for others first. `onWait(owner)` is called once when
 * it has to wait. Throws when the lock is not free within `waitMs`.
 */
export async function withLock(path, work, { onWait, waitMs = lockWaitMs } = {}) {
  const untilMs = Date.now() + waitMs;
  let release = tryLock(path);
  if (!release) onWait?.(lockOwner(path));
  while (!release) {
    if (Date.now() > untilMs) {
      const pid = lockOwner(path)?.pid ?? 'unknown';
      throw new Error(`${path} has been held by process ${pid} for ${Math.round(waitMs / 1000)} s`);
    }
    await sleep(pollMs);
    release = tryLock(path);
  }
  try {
    return await work();
  } finally {
    release();
  }
}

/** link() either creates the whole file with its contents or nothing. False when it exists. */
function link(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(path) {
  const owner = lockOwner(path);
  return owner !== undefined && !isSameProcess(owner);
}
