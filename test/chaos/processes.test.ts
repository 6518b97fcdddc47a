// Who runs and should not: instances that the platform does not know, programs of which there are two.
import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { processesOf, strangersAmong, type FoundProcess } from '../../chaos/processes.js';
import { eventually } from '../support/eventually.js';

const known = [{ name: 'chat-0', uid: 'u0' }];
const directory = { pid: 1, role: 'directory', instance: null, uid: null };
const worker = { pid: 2, role: 'worker', instance: null, uid: null };
const instance = { pid: 3, role: 'instance', instance: 'chat-0', uid: 'u0' };
const all: readonly FoundProcess[] = [directory, worker, instance];

it('nobody is a stranger where everybody is known', () => {
  expect(strangersAmong(all, known)).toEqual([]);
  // A process that an instance started is of the same life.
  expect(strangersAmong([...all, { ...instance, pid: 4 }], known)).toEqual([]);
});

it('an earlier life of an instance, and a second worker, are strangers', () => {
  const older = { ...instance, pid: 9, uid: 'u9' };
  expect(strangersAmong([...all, older, { ...worker, pid: 8 }], known)).toEqual([
    'process 9 is an instance chat-0 that the platform does not know',
    '2 processes are a worker',
  ]);
});

it('are found by their environment', async () => {
  if (process.platform !== 'linux') return;
  const service = `found-${process.pid}`;
  const env = { EVENKEEL_SERVICE: service, EVENKEEL_INSTANCE: `${service}-0`, EVENKEEL_UID: 'u' };
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  try {
    const found = await eventually('it is found', () => {
      const all = processesOf(service, 'no-queue');
      return all.length > 0 && all;
    });
    const { pid } = child;
    expect(found).toEqual([{ pid, role: 'instance', instance: `${service}-0`, uid: 'u' }]);
  } finally {
    child.kill('SIGKILL');
  }
});
