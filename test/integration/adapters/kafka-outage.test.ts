// The Kafka adapter while its broker crashes, comes back and stands still: a broker of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppendFailedError } from '../../../src/adapters/bus-errors.js';
import { connectKafka } from '../../../src/adapters/kafka.js';
import { openAppender } from '../../../src/adapters/kafka/appender.js';
import type { Bus, InRecord } from '../../../src/ports.js';
import { kafka } from '../../../stack/parts/kafka.js';
import { startPart, type RunningPart } from '../../../stack/running-part.js';
import { numbered } from '../../contract/given-bus.js';
import { eventually } from '../../support/eventually.js';

const topic = 'outage';
let directory: string;
let broker: RunningPart;
let brokers: string[];
let bus: Bus;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-outage-'));
  broker = await startPart(kafka, await kafka.find(() => undefined), directory);
  brokers = (broker.env['KAFKA_BROKERS'] ?? '').split(',');
  bus = await connectKafka({ brokers, clientId: 'outage' });
  await bus.ensureTopics([{ topic, partitions: 3, retentionMs: -1, timestamps: 'append' }]);
});
afterAll(async () => {
  await bus.close();
  await broker.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function reading(partition: number) {
  const records: InRecord[] = [];
  const jumps: unknown[] = [];
  const reader = await bus.open({
    topic,
    positions: new Map([[partition, 'start']]),
    onRecords: (_, found) => void records.push(...found),
    onJump: (...jump) => jumps.push(jump),
  });
  return { records, jumps, reader, values: () => records.map(({ value }) => value) };
}

it('goes on reading and appending where it was when a killed broker is back, each record once', async () => {
  const seen = await reading(0);
  const appender = await bus.appender('crash');
  const append = (value: string) => appender.append([{ topic, partition: 0, value }]);
  await Promise.all(numbered(100).map(append));
  const inFlight = numbered(50, 'crash').map(append);
  await broker.stop('SIGKILL');
  const waiting = numbered(50, 'away').map(append);
  const joined = seen.reader.assign(
    new Map([
      [0, 0],
      [1, 0],
    ]),
  );
  await broker.start();
  await Promise.all([...inFlight, ...waiting, joined]);
  await appender.append([{ topic, partition: 1, value: 'joined' }]);
  await eventually('201 records', () => seen.records.length >= 201, 60_000);
  expect(seen.values().filter((value) => value !== 'joined')).toEqual([
    ...numbered(100),
    ...numbered(50, 'crash'),
    ...numbered(50, 'away'),
  ]);
  expect(seen.values()).toContain('joined');
  expect(seen.jumps).toEqual([]);
  await seen.reader.close();
  await appender.close();
});

it('appends once what was under way while the broker stood still for longer than a request may take', async () => {
  const seen = await reading(2);
  const appender = await bus.appender('pause');
  await appender.append([{ topic, partition: 2, value: 'before' }]);
  broker.pause();
  const appended = Promise.all(
    numbered(20).map((value) => appender.append([{ topic, partition: 2, value }])),
  );
  // Longer than kafkaRequestMs: the request is given up and repeated; Kafka gets it twice.
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  broker.resume();
  await appended;
  await eventually('21 records', () => seen.records.length >= 21, 60_000);
  expect(seen.values()).toEqual(['before', ...numbered(20)]);
  await seen.reader.close();
  await appender.close();
});

it('rejects an append that waited too long with all that are behind it, and works again later', async () => {
  const onUnreadable = () => undefined;
  const address = { brokers, clientId: 'late', log: () => undefined, onUnreadable };
  const leaders = { sharing: async (records: never) => records, forget: () => undefined };
  const appender = await openAppender(address, 'late', leaders, 1_000);
  const append = (value: string) => appender.append([{ topic, partition: 1, value }]);
  // It waits for a second only, and the broker has just begun.
  await eventually('an append works', async () => (await append('before')).length === 1);
  await broker.stop('SIGKILL');
  const first = append('first').catch((error: unknown) => error);
  await Promise.resolve();
  await Promise.resolve();
  const behind = append('behind').catch((error: unknown) => error);
  expect(await first).toBeInstanceOf(AppendFailedError);
  expect(await first).toMatchObject({ maybeWritten: true });
  expect(await behind).toBeInstanceOf(AppendFailedError);
  expect(await behind).toMatchObject({ maybeWritten: false });
  await broker.start();
  await eventually('an append works again', async () => (await append('later')).length === 1);
  await appender.close();
});
