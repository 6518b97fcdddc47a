// Copies of a listening handle: who comes through one of them comes to the same server, and all of them
// are gone when they are closed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openDoors } from '../../src/server/doors.js';
import { eventually } from '../support/eventually.js';

const directory = mkdtempSync(join(tmpdir(), 'doors-'));
const main = join(directory, 'door-main.mjs');
let server: Server;
let taken = 0;

beforeAll(() => {
  // As the build would: the process that makes the copies runs plain JavaScript.
  const code = readFileSync(new URL('../../src/server/door-main.ts', import.meta.url), 'utf8');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(main, ts.transpileModule(code, { compilerOptions }).outputText);
});
afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(async () => {
  taken = 0;
  server = createServer((socket) => {
    taken += 1;
    socket.end('taken');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => void server.close());

const portOf = (of: Server): number => (of.address() as AddressInfo).port;

/** What the server said, or that nobody took the connection. */
function visit(port: number): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (chunk) => (said += chunk.toString()));
    socket.on('error', () => resolve('nobody'));
    socket.on('close', () => resolve(said));
  });
}

it('take connections for the same server, and none after they are closed', async () => {
  const doors = await openDoors(server, 3, main);
  expect(doors.count()).toBe(4);
  const port = portOf(server);
  const said = await Promise.all(Array.from({ length: 20 }, () => visit(port)));
  expect(said).toEqual(Array.from({ length: 20 }, () => 'taken'));
  expect(taken).toBe(20);
  // The first door alone: the others still take who comes.
  await new Promise((resolve) => server.close(resolve));
  expect(await visit(port)).toBe('taken');
  doors.close();
  expect(await visit(port)).toBe('nobody');
});

it('are not there when no copy can be made, which stops nothing', async () => {
  writeFileSync(join(directory, 'broken.mjs'), 'process.exit(1);');
  const doors = await openDoors(server, 3, join(directory, 'broken.mjs'));
  expect(doors.count()).toBe(1);
  expect(await visit(portOf(server))).toBe('taken');
  expect((await openDoors(server, 3, join(directory, 'missing.mjs'))).count()).toBe(1);
});

/** Says the pid of its door, and is killed before that has come to its first line. */
const shortLived = `
import { fork } from 'node:child_process';
import { createServer } from 'node:net';
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'];
  const door = fork(process.argv[2], [], { execArgv: [], stdio });
  process.stdout.write(String(door.pid));
  door.send(3, server, () => process.kill(process.pid, 'SIGKILL'));
});`;

it('do not hold the port of an instance that was killed while they were made', async () => {
  const parent = join(directory, 'short-lived.mjs');
  writeFileSync(parent, shortLived);
  let said = '';
  try {
    execFileSync(process.execPath, [parent, main], { encoding: 'utf8' });
  } catch (error) {
    said = (error as { stdout: string }).stdout;
  }
  const pid = Number(said);
  expect(pid).toBeGreaterThan(0);
  try {
    await eventually('the door is gone', () => !runs(pid));
  } finally {
    if (runs(pid)) process.kill(pid, 'SIGKILL');
  }
});

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
