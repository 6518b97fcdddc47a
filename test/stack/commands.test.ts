// What people and programs see when a command is used wrongly.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkoutDir } from '../../stack/checkout.js';
import { main } from '../../stack/cli.js';

vi.mock('../../stack/up.js', async (original) => ({
  ...(await original<object>()),
  readLogs: () => [],
}));

let out: string;
let err: string;

beforeEach(() => {
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => vi.restoreAllMocks());

test('help teaches by examples', async () => {
  expect(await main(['--help'])).toBe(0);
  expect(out).toContain('npm run -s stack -- env');
  expect(out).toContain('PATH');
});

test.each([
  [['logs', 'zookeeper'], '"zookeeper" is not a part; there are: temporal, kafka, mongo'],
  [['up', '--parts', 'kafka,redis'], '"redis" is not a part; there are: temporal, kafka, mongo'],
  [['logs', '--lines', '0'], '"0" is not a number of lines from 1 to 100000'],
  [['restart'], "unknown command 'restart'"],
  [['down', '--force'], "unknown option '--force'"],
])('wrong use of the stack is status 2 and one sentence: %j', async (argv, sentence) => {
  expect(await main(argv)).toBe(2);
  expect(err).toContain(sentence);
  expect(out).toBe('');
});

test('with --json a wrong use is one JSON object on standard output', async () => {
  expect(await main(['logs', 'zookeeper', '--json'])).toBe(2);
  const { error } = JSON.parse(out) as { error: { message: string } };
  expect(error.message).toContain('"zookeeper" is not a part');
});

test.each([
  [[], 'nothing runs here, so there is no log'],
  [['kafka'], 'kafka does not run here, so there is no log'],
])('logs of what does not run are none, and status 1: %j', async (part, sentence) => {
  expect(await main(['logs', ...part])).toBe(1);
  expect([out, err]).toEqual(['', `${sentence}\n`]);
  expect(await main(['logs', ...part, '--json'])).toBe(1);
  expect(JSON.parse(out)).toEqual({ logs: [] });
});

test('no command at all shows the help and is status 2', async () => {
  expect(await main([])).toBe(2);
  expect(err).toContain('Usage: stack');
});

test('an unknown npm command is named, and its JSON stands alone on standard output', async () => {
  const run = join(checkoutDir, 'stack', 'run.mjs');
  const result = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) =>
    execFile(process.execPath, [run, 'deploy', '--json'], (error, stdout, stderr) =>
      resolve({ code: error?.code, stdout, stderr }),
    ),
  );
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('"deploy" is not a command of this repository');
  expect(Object.keys(JSON.parse(result.stdout) as object)).toEqual(['error']);
});
