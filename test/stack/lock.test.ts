import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { checkoutDir, identityOf, lockOwner, tryLock, withLock } from '../../stack/checkout.js';
import { scratchDir, until } from './scratch.js';

const lockModule = pathToFileURL(join(checkoutDir, 'stack/bootstrap/lock.mjs')).href;

/** A process that runs `body` with the lock module at hand, and arguments in `argv`. */
function runWithLock(body: string, ...args: string[]) {
  const script = `import { tryLock, withLock } from ${JSON.stringify(lockModule)};
    import { readFileSync, writeFileSync } from 'node:fs';
    const argv = process.argv.slice(1);
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exited };
}

test('of several processes one at a time is inside', async () => {
  const directory = scratchDir();
  const counter = join(directory, 'counter');
  writeFileSync(counter, '0');
  const body = `for (let i = 0; i < 15; i += 1) {
    await withLock(argv[0], async () => {
      const n = Number(readFileSync(argv[1], 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 1));
      writeFileSync(argv[1], String(n + 1));
    });
  }`;
  const lock = join(directory, 'lock');
  const codes = [1, 2, 3].map(() => runWithLock(body, lock, counter).exited);
  expect(await Promise.all(codes)).toEqual([0, 0, 0]);
  expect(readFileSync(counter, 'utf8')).toBe('45');
  expect(existsSync(lock)).toBe(false);
});

test('the lock of a killed process is taken over', async () => {
  const lock = join(scratchDir(), 'lock');
  const holder = runWithLock(`tryLock(argv[0]); setInterval(() => {}, 1000);`, lock);
  await until('the other process holds the lock', () => lockOwner(lock) !== undefined);
  expect(tryLock(lock)).toBeUndefined();
  holder.child.kill('SIGKILL');
  await holder.exited;
  const release = tryLock(lock);
  expect(release).toBeDefined();
  expect(lockOwner(lock)?.pid).toBe(process.pid);
  release?.();
  expect(existsSync(lock)).toBe(false);
});

test('a lock whose pid now belongs to another process is stale', () => {
  const lock = join(scratchDir(), 'lock');
  writeFileSync(lock, JSON.stringify({ ...identityOf(process.pid), startId: 'of-another-life' }));
  const release = tryLock(lock);
  expect(release).toBeDefined();
  release?.();
});

test('waiting for a lock has an end, which names its owner', async () => {
  const lock = join(scratchDir(), 'lock');
  const release = tryLock(lock);
  const waited: (number | undefined)[] = [];
  const inside = withLock(lock, async () => 'inside', {
    waitMs: 150,
    onWait: (owner) => waited.push(owner?.pid),
  });
  await expect(inside).rejects.toThrow(`held by process ${process.pid}`);
  expect(waited).toEqual([process.pid]);
  release?.();
});

test('the lock is free again when the work inside fails', async () => {
  const lock = join(scratchDir(), 'lock');
  const failing = withLock(lock, async () => {
    throw new Error('inside');
  });
  await expect(failing).rejects.toThrow('inside');
  expect(existsSync(lock)).toBe(false);
});
