// `evenkeel verify` against real Kafka: reads the logs to their end, exports them, and finds the same
// offline.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connectKafka } from '../../../src/adapters/kafka.js';
import { main } from '../../../src/cli/main.js';
import { sessionsPartition, topicSpecs } from '../../../src/logs/topics.js';
import type { Appender, Bus } from '../../../src/ports.js';

const service = `verify-${randomUUID().slice(0, 8)}`;
const partitions = 24;
const env = inject('stack');
let dir: string;
let bus: Bus;
let appender: Appender;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'evenkeel-verify-'));
  bus = await connectKafka({
    brokers: (env['KAFKA_BROKERS'] ?? '').split(','),
    clientId: 'verify-test',
  });
  await bus.ensureTopics(topicSpecs(service, partitions));
  appender = await bus.appender('verify-test');
});

afterAll(async () => {
  await appender.close();
  await bus.close();
  rmSync(dir, { recursive: true, force: true });
});

async function evenkeel(
  ...argv: string[]
): Promise<{ code: number; json: Record<string, unknown> }> {
  let out = '';
  const code = await main([...argv, '--json'], {
    out: (text) => void (out += text),
    err: () => undefined,
    env,
  });
  return { code, json: JSON.parse(out) as Record<string, unknown> };
}

const identity = (incarnation: string) => ({
  instance: `${service}-${incarnation[0]}`,
  incarnation,
});

async function open(p: number, connection: string, incarnation: string): Promise<void> {
  const value = {
    type: 'opened',
    partition: p,
    user: `user${p}`,
    client: 'phone',
    session: 's',
    connection,
    ...identity(incarnation),
    revision: 1,
  };
  const partition = sessionsPartition(p);
  await appender.append([
    { topic: `${service}.sessions`, partition, value: JSON.stringify(value) },
  ]);
}

describe('evenkeel verify, on Kafka', () => {
  it('finds nothing wrong in good evidence, and the same in the export that it wrote', async () => {
    const acquired = Array.from({ length: partitions }, (_, partition) => ({
      topic: `${service}.ownership`,
      partition: 0,
      value: JSON.stringify({
        type: 'acquired',
        partition,
        revision: 1,
        ...identity('A1'),
        prev: null,
        next: '0',
      }),
    }));
    await appender.append(acquired);
    for (let p = 0; p < partitions; p += 1) await open(p, `c${p}`, 'A1');
    const path = join(dir, 'export.jsonl');
    const online = await evenkeel('verify', '--service', service, '--export', path);
    expect(online).toMatchObject({
      code: 0,
      json: { ok: true, records: 2 * partitions, unclosed: partitions, ownershipGaps: [] },
    });
    expect(await evenkeel('verify', '--input', path)).toEqual(online);
  });

  it('exits 1 with the counter-example once a client is on two instances', async () => {
    await open(7, 'rogue', 'B1');
    const { code, json } = await evenkeel('verify', '--service', service);
    expect(code).toBe(1);
    expect(json).toMatchObject({
      ok: false,
      overlaps: 1,
      first: { kind: 'overlap', user: 'user7' },
    });
  });

  it('exits 2 for a service that has no topics here', async () => {
    const { code, json } = await evenkeel('verify', '--service', 'nobody-has-this');
    expect(code).toBe(2);
    expect(json).toMatchObject({ error: { field: '--service', found: 'nobody-has-this' } });
  });
});
