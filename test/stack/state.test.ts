import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityOf } from '../../stack/checkout.js';
import {
  isAlive,
  isUp,
  publishEnv,
  publishRun,
  readRunningEnv,
  readRuns,
  writeUp,
} from '../../stack/state.js';
import { scratchDir } from './scratch.js';

const { pid, startId = '' } = identityOf(process.pid);
const mine = { origin: 'cache', ports: [1], running: true, pid, startId } as const;
const reused = { ...mine, startId: 'of-another-life' };

function up(home: string, part: typeof mine | typeof reused): void {
  const env = { KAFKA_BROKERS: 'of-up', MONGODB_URI: 'of-up' };
  writeUp({ env, parts: { kafka: part }, dataDir: join(home, 'data'), startedAtMs: 1 }, home);
}

test('a part is alive only while its pid means the same process', () => {
  expect(isAlive(mine)).toBe(true);
  expect(isAlive(reused)).toBe(false);
  const about = { env: {}, dataDir: '', startedAtMs: 1 };
  expect(isUp({ ...about, parts: { kafka: mine, mongo: reused } })).toBe(false);
  expect(isUp({ ...about, parts: { kafka: mine } })).toBe(true);
});

test('nothing is known where nothing runs', () => {
  expect(readRunningEnv(join(scratchDir(), 'absent'))).toEqual({});
});

test('the addresses of a stack that is up are found, those of a dead one are not', () => {
  const home = scratchDir();
  up(home, mine);
  expect(readRunningEnv(home)).toEqual({ KAFKA_BROKERS: 'of-up', MONGODB_URI: 'of-up' });
  up(home, reused);
  expect(readRunningEnv(home)).toEqual({});
});

test('what a live process publishes is added and wins, until it takes it back', () => {
  const home = scratchDir();
  up(home, mine);
  const published = publishRun({ env: { KAFKA_BROKERS: 'of-run' }, parts: {} }, home);
  publishEnv({ EVENKEEL_DIRECTORY_URL: 'http://127.0.0.1:8080' }, home);
  publishEnv({ EVENKEEL_DIRECTORY_KEY: 'a-key' }, home);
  expect(readRunningEnv(home)).toEqual({
    KAFKA_BROKERS: 'of-run',
    MONGODB_URI: 'of-up',
    EVENKEEL_DIRECTORY_URL: 'http://127.0.0.1:8080',
    EVENKEEL_DIRECTORY_KEY: 'a-key',
  });
  const { mode } = statSync(join(home, 'runs', `${process.pid}.json`));
  expect(mode & 0o077).toBe(0); // It may hold a key.
  published.remove();
  expect(readRunningEnv(home)).toEqual({ KAFKA_BROKERS: 'of-up', MONGODB_URI: 'of-up' });
});

test('what a dead process published counts for nothing and is removed', () => {
  const home = scratchDir();
  const path = join(home, 'runs', '4711.json');
  mkdirSync(join(home, 'runs'));
  const owner = { pid, startId: 'of-another-life' };
  writeFileSync(path, JSON.stringify({ env: { A: '1' }, parts: {}, owner, publishedAtMs: 1 }));
  expect(readRunningEnv(home)).toEqual({});
  expect(readRuns(home)).toEqual([]);
  expect(existsSync(path)).toBe(false);
});
