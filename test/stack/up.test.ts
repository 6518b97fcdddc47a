// What `stack up` does beside a stack that is up: parts that it lacks are added, and nothing else is touched.
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { rmSync } from 'node:fs';
import { identityOf } from '../../stack/checkout.js';
import { readUp, removeUp, writeUp } from '../../stack/state.js';
import { bringUp } from '../../stack/up.js';

const { home, started } = await vi.hoisted(async () => {
  const fs = await import('node:fs');
  const os = await import('node:os');
  const started: { parts: readonly string[]; dataDir: string }[] = [];
  return { home: fs.mkdtempSync(`${os.tmpdir()}/evenkeel-stack-up-`), started };
});
vi.mock('../../stack/checkout.js', async (original) => ({
  ...(await original<object>()),
  stackHome: home,
}));
vi.mock('../../stack/guarded.js', async (original) => ({
  ...(await original<object>()),
  processGuard: () => ({ release: () => Promise.resolve() }),
}));
vi.mock('../../stack/start.js', async (original) => ({
  ...(await original<object>()),
  startStack: (options: { parts: readonly string[]; dataDir: string }) => {
    started.push(options);
    const { parts } = options;
    if (parts.includes('kubernetes')) throw new Error('kubernetes does not start');
    return Promise.resolve({
      env: Object.fromEntries(parts.map((name) => [`AT_${name}`, 'here'])),
      parts: Object.fromEntries(parts.map((name) => [name, statusOf()])),
    });
  },
}));

/** Of a part whose process is this one: it lives. */
const statusOf = () => ({
  ...{ origin: 'cache' as const, ports: [], running: true },
  ...{ pid: process.pid, startId: identityOf(process.pid).startId ?? '' },
});
const kafkaIsUp = () =>
  writeUp({
    ...{ env: { AT_kafka: 'there' }, dataDir: `${home}/up/first`, startedAtMs: 1 },
    parts: { kafka: statusOf() },
  });

afterEach(() => {
  removeUp();
  started.length = 0;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('parts that are not up are added to those that are, which stay as they are', async () => {
  kafkaIsUp();
  const lines: string[] = [];
  const up = await bringUp(['kafka', 'mongo'], (line) => lines.push(line));
  expect(up).toEqual({ alreadyUp: false, env: { AT_kafka: 'there', AT_mongo: 'here' } });
  expect(lines).toEqual(['up already, and stays: kafka; added: mongo']);
  expect(started).toMatchObject([{ parts: ['mongo'] }]);
  // Below the first one's, so that `down` removes it, too; and not where another try may have begun.
  expect(started[0]?.dataDir).toMatch(/\/up\/first\/\d{17}$/);
  expect(readUp()?.dataDir).toBe(`${home}/up/first`);
  expect(readUp()).toMatchObject({ env: up.env, parts: { kafka: statusOf(), mongo: statusOf() } });
  expect(await bringUp(['mongo'], () => undefined)).toEqual({ alreadyUp: true, env: up.env });
});

test('a part that cannot be added leaves what was up as it was', async () => {
  kafkaIsUp();
  await expect(bringUp(['kubernetes'], () => undefined)).rejects.toThrow('does not start');
  expect(Object.keys(readUp()?.parts ?? {})).toEqual(['kafka']);
});

test('with nothing up the parts are started in a directory of their own', async () => {
  const { env } = await bringUp(['kafka'], () => undefined);
  expect(readUp()).toMatchObject({ env, parts: { kafka: statusOf() } });
  expect(started[0]?.dataDir).toMatch(/\/up\/\d{17}$/);
});
