import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkoutDir, identityOf, stackHome } from '../../stack/checkout.js';
import { spawnGuarded, stopIdentities } from '../../stack/guarded.js';
import { exists, scratchDir, until } from './scratch.js';

// A parent that can be killed must be a plain Node process, so the two sources that it needs are
// translated for it; inside the checkout, because that is where they look for the guard.
let compiled: string;

beforeAll(() => {
  mkdirSync(stackHome, { recursive: true });
  compiled = mkdtempSync(join(stackHome, 'guard-test-'));
  for (const name of ['checkout', 'guarded']) {
    const source = readFileSync(join(checkoutDir, 'stack', `${name}.ts`), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    writeFileSync(join(compiled, `${name}.js`), outputText);
  }
});

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

/** Starts a parent that runs `body` and writes the pids of what it started to `pidsFile`. */
function startParent(body: string, directory: string) {
  const script = join(compiled, `parent-${Math.floor(performance.now() * 1000)}.mjs`);
  const pidsFile = join(directory, 'pids');
  writeFileSync(
    script,
    `import { readFileSync, writeFileSync, renameSync } from 'node:fs';
     import { spawn } from 'node:child_process';
     import { processGuard, spawnGuarded } from './guarded.js';
     const directory = ${JSON.stringify(directory)};
     const tell = (pids) => {
       writeFileSync(directory + '/next', JSON.stringify(pids));
       renameSync(directory + '/next', ${JSON.stringify(pidsFile)});
     };
     ${body}`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pids = async (): Promise<number[]> => {
    await until('the parent tells its pids', () => existsSync(pidsFile));
    return JSON.parse(readFileSync(pidsFile, 'utf8')) as number[];
  };
  return { child, exited, pids };
}

/** A shell that starts a sleeper in its own group, and one that leaves the group. */
const family = `
  const shell = 'sleep 60 & echo $! > "$0/inner"; setsid sleep 61 & echo $! > "$0/outer"; wait';
  const part = await spawnGuarded('family', '/bin/sh', ['-c', shell, directory]);
  const read = (name) => { try { return Number(readFileSync(directory + '/' + name, 'utf8')); } catch { return 0; } };
  while (!read('inner') || !read('outer')) await new Promise((resolve) => setTimeout(resolve, 20));
  tell([part.pid, read('inner'), read('outer')]);`;

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'everything a parent started dies when it is ended by %s',
  async (signal) => {
    const directory = scratchDir();
    const data = join(directory, 'data');
    mkdirSync(data);
    const parent = startParent(
      `processGuard().removeAtEnd(directory + '/data'); ${family} setInterval(() => {}, 1000);`,
      directory,
    );
    const pids = await parent.pids();
    expect(pids.map(exists)).toEqual([true, true, true]);
    parent.child.kill(signal);
    await parent.exited;
    await until('its processes are gone', () => !pids.some((pid) => identityOf(pid).startId));
    await until('its data is removed', () => !existsSync(data));
  },
);

test('everything a parent started dies when it crashes', async () => {
  const parent = startParent(`${family} throw new Error('a crash, on purpose');`, scratchDir());
  const pids = await parent.pids();
  await parent.exited;
  await until('its processes are gone', () => !pids.some((pid) => identityOf(pid).startId));
});

test('what a parent releases lives on', async () => {
  const directory = scratchDir();
  const parent = startParent(
    `const kept = await spawnGuarded('kept', '/bin/sleep', ['300']);
     tell([kept.pid]);
     await processGuard().release();
     process.exit(0);`,
    directory,
  );
  const [pid = 0] = await parent.pids();
  await parent.exited;
  const identity = identityOf(pid);
  expect(identity.startId).toBeDefined();
  expect(await stopIdentities([identity])).toEqual([pid]);
  expect(identityOf(pid).startId).toBeUndefined();
});

test('a process that refuses to end politely is ended all the same', async () => {
  const directory = scratchDir();
  const script = 'trap "" TERM; echo ready > "$0/ready"; while :; do sleep 0.05; done';
  const stubborn = await spawnGuarded('stubborn', '/bin/sh', ['-c', script, directory]);
  await until('it ignores the signal', () => existsSync(join(directory, 'ready')));
  await stubborn.stop('SIGTERM', 200);
  expect(await stubborn.exited).toEqual({ code: null, signal: 'SIGKILL' });
  expect(stubborn.isRunning()).toBe(false);
});

test('a paused process can be stopped', async () => {
  const paused = await spawnGuarded('paused', '/bin/sleep', ['300']);
  paused.signal('SIGSTOP');
  await paused.stop();
  expect(await paused.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

test('a pid that was written down and belongs to somebody else now is never signalled', async () => {
  const other = await spawnGuarded('other', '/bin/sleep', ['300']);
  expect(await stopIdentities([{ pid: other.pid, startId: 'of-another-life' }])).toEqual([]);
  expect(await stopIdentities([{ pid: other.pid }])).toEqual([]);
  expect(other.isRunning()).toBe(true);
  await other.stop();
});

test('a program that cannot be started is an error that names it', async () => {
  await expect(spawnGuarded('part', '/nowhere/program', [])).rejects.toThrow(
    'part: cannot start /nowhere/program',
  );
});
