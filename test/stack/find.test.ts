import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { identityOf } from '../../stack/checkout.js';
import { kafka } from '../../stack/parts/kafka.js';
import { mongo } from '../../stack/parts/mongo.js';
import { temporal } from '../../stack/parts/temporal.js';
import { onlyOnPath, scratchDir, setEnv } from './scratch.js';

let cache: string;
let lines: string[];
const onProgress = (line: string) => lines.push(line);
const run = { ports: [1, 2, 3], dataDir: '/data', logFile: '/data/log' };
const java17 = 'echo \'openjdk version "17.0.9" 2023-10-17\' >&2';

beforeEach(() => {
  cache = join(scratchDir(), 'cache');
  lines = [];
  setEnv('EVENKEEL_CACHE', cache);
  setEnv('EVENKEEL_NO_DOWNLOAD', '1');
});

test('a program on PATH comes before the cache', async () => {
  const bin = onlyOnPath({ temporal: 'exit 0', go: 'exit 1' });
  mkdirSync(join(cache, 'temporal-1.5.1'), { recursive: true });
  const found = await temporal.find(onProgress);
  expect(found.origin).toBe('path');
  expect(found.command(run).command).toBe(join(bin, 'temporal'));
});

test('the cache comes before a build', async () => {
  onlyOnPath({ go: 'exit 1' });
  mkdirSync(join(cache, 'temporal-1.5.1'), { recursive: true });
  const found = await temporal.find(onProgress);
  expect(found.origin).toBe('cache');
  expect(found.command(run).command).toBe(join(cache, 'temporal-1.5.1', 'temporal'));
  expect(lines).toEqual([]);
});

test('a part is built once, with progress and an estimate, and then comes from the cache', async () => {
  onlyOnPath({ go: 'echo "#!/bin/sh" > "$GOBIN/temporal"' });
  const built = await temporal.find(onProgress);
  expect(built.origin).toBe('build');
  expect(existsSync(built.command(run).command)).toBe(true);
  expect(lines[0]).toMatch(/^building Temporal .* about 190 s$/);
  expect((await temporal.find(onProgress)).origin).toBe('cache');
});

test('two processes that need the same part build it once', async () => {
  const count = join(scratchDir(), 'count');
  onlyOnPath({ go: `echo built >> ${count}; echo "#!/bin/sh" > "$GOBIN/temporal"` });
  const found = await Promise.all([temporal.find(onProgress), temporal.find(onProgress)]);
  expect(found.map(({ origin }) => origin).sort()).toEqual(['build', 'cache']);
  expect(lines.filter((line) => line.startsWith('waiting for process'))).toHaveLength(1);
});

test('what an interrupted build left is removed, and its lock taken over', async () => {
  onlyOnPath({ go: 'echo "#!/bin/sh" > "$GOBIN/temporal"' });
  mkdirSync(join(cache, 'temporal-1.5.1.building-99'), { recursive: true });
  const dead = { ...identityOf(process.pid), startId: 'of-another-life' };
  writeFileSync(join(cache, 'temporal-1.5.1.lock'), JSON.stringify(dead));
  expect((await temporal.find(onProgress)).origin).toBe('build');
  expect(readdirSync(cache)).toEqual(['temporal-1.5.1']);
});

test('a build that fails shows the end of its output and leaves nothing in the cache', async () => {
  onlyOnPath({ go: 'echo "no space left on device"; exit 3' });
  await expect(temporal.find(onProgress)).rejects.toThrow(
    /cannot be built: .*exit code 3:\nno space left on device/,
  );
  expect(readdirSync(cache)).toEqual([]);
});

test.each([
  [temporal, {}, 'Go (`go`, 1.21 or later)', 'temporal', 'TEMPORAL_ADDRESS'],
  [kafka, {}, 'Java (`java`, JDK 17)', 'kafka-server-start.sh', 'KAFKA_BROKERS'],
  [kafka, { java: java17 }, 'Maven (`mvn`)', 'kafka-server-start.sh', 'KAFKA_BROKERS'],
  [mongo, { java: java17 }, 'the Java compiler (`javac`, JDK 17)', 'mongod', 'MONGODB_URI'],
] as const)(
  'the missing toolchain of $name is named, with the two other ways (%#)',
  async (part, programs, missing, program, variable) => {
    onlyOnPath(programs);
    const sentence =
      `${part.title} has to be built here, and ${missing} is missing. Install it; or put ` +
      `\`${program}\` on PATH; or set ${variable} to one that runs already (docker compose up -d starts one).`;
    await expect(part.find(onProgress)).rejects.toThrow(sentence);
    expect(readdirSync(cache)).toEqual([]);
  },
);

test('a Java that is too old is named with its version', async () => {
  onlyOnPath({ java: 'echo \'openjdk version "11.0.2"\' >&2' });
  await expect(kafka.find(onProgress)).rejects.toThrow(/needs Java 17 or later, but .* version 11/);
});

test('a real mongod on PATH becomes a replica set', async () => {
  onlyOnPath({ mongod: 'exit 0' });
  const found = await mongo.find(onProgress);
  expect(found.command(run).args.join(' ')).toContain('--replSet evenkeel');
  expect(found.env?.([27_017], '/data')['MONGODB_URI']).toContain('replicaSet=evenkeel');
});

test('a Kafka on PATH is formatted and started by its own scripts', async () => {
  const bin = onlyOnPath({ 'kafka-server-start.sh': 'exit 0', 'kafka-storage.sh': 'echo "$@"' });
  const dataDir = scratchDir();
  const part = { ...run, dataDir };
  const found = await kafka.find(onProgress);
  expect(found.origin).toBe('path');
  await found.prepare?.(part);
  const properties = readFileSync(join(dataDir, 'server.properties'), 'utf8');
  expect(properties).toContain('listeners=PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2\n');
  expect(properties).toContain('auto.create.topics.enable=false\n');
  expect(found.command(part)).toMatchObject({
    command: join(bin, 'kafka-server-start.sh'),
    args: [join(dataDir, 'server.properties')],
  });
});
