// What the real Temporal server keeps when EVENKEEL_PAYLOAD_KEYS is set: nothing that can be read; and
// what people with the key see all the same.
import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMemoryService } from '../../../faults/memory-service.js';
import { ask } from '../../../src/cli/ask.js';
import { latestRun, requestRebalance } from '../../../src/cli/temporal.js';
import { dataConverterOf } from '../../../src/payload-codec.js';
import { registerSearchAttributes } from '../../../src/search-attributes.js';
import { startWorker } from '../../../src/worker.js';

const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
const key = `k:${randomBytes(32).toString('base64')}`;
const service = `encrypted-${randomUUID().slice(0, 8)}`;
let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address });
  await registerSearchAttributes(connection.operatorService, 'default');
});
afterAll(async () => {
  await new Client({ connection }).workflow.getHandle(`rebalance/${service}`).terminate();
  await connection.close();
});

/** Its texts, and its payloads as text. */
function readable(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(readable).join('\n');
}

it('a request and its reason are in the history, but cannot be read there', async () => {
  const request = {
    requestId: 'r1',
    reason: 'the merger of Friday',
    source: 'operator',
  } as const;
  const client = new Client({ connection, dataConverter: dataConverterOf(key) ?? {} });
  const handle = await requestRebalance(client, service, request, 'nobody');
  const history = readable(await handle.fetchHistory());
  expect(history).toContain('requestRebalance');
  expect(history).not.toContain('merger');
  const open = await requestRebalance(new Client({ connection }), service, request, 'nobody');
  expect(readable(await open.fetchHistory())).toContain('the merger of Friday');
});

it('a request that the worker has no key for is refused, and --wait says so', async () => {
  const name = `keyless-${randomUUID().slice(0, 8)}`;
  const { ports, simulated } = await openMemoryService({ service: name, replicas: 2 });
  const worker = await startWorker({ temporalAddress: address, ports, taskQueue: name });
  const client = new Client({ connection, dataConverter: dataConverterOf(key) ?? {} });
  const context = {
    temporal: () => Promise.resolve(client),
    configDb: () => Promise.resolve(ports.configDb),
  } as unknown as Parameters<typeof ask>[0]['context'];
  const asked = { requestId: 'mine', reason: 'the merger of Friday', source: 'operator' } as const;
  const options = { reason: asked.reason, wait: true, taskQueue: name };
  const told = await ask({ context, progress: () => undefined }, name, asked, options);
  expect(told).toMatchObject({ exitCode: 3, json: { requestId: 'mine', outcome: 'refused' } });
  expect(told.text).toContain('cannot be read: encoding binary/encrypted');
  // The lock is free: without a key it is carried out.
  const open = await requestRebalance(new Client({ connection }), name, asked, name);
  expect(await open.result()).toMatchObject({ outcomes: [{ outcome: 'completed' }] });
  await worker.shutdown();
  await simulated.stopAll();
});

describe('a rebalance that fails and is aborted', () => {
  it.each([
    ['with a key cannot be read, but is told to who has the key', key, false],
    ['without one can be read', '', true],
  ])('%s', async (_how, keys, isReadable) => {
    const dataConverter = dataConverterOf(keys);
    const of = dataConverter === undefined ? {} : { dataConverter };
    const name = `failing-${randomUUID().slice(0, 8)}`;
    const { ports, simulated } = await openMemoryService({ service: name, replicas: 2 });
    const client = new Client({ connection, ...of });
    let verified = 0;
    const worker = await startWorker({
      ...{ temporalAddress: address, ports, taskQueue: name, ...of },
      wrapActivities: (activities) => ({
        ...activities,
        verify: (input) => {
          verified += 1;
          if (verified === 1) return activities.verify(input);
          throw ApplicationFailure.nonRetryable('the cause is the plum', 'Injected');
        },
      }),
    });
    const request = (reason: string, instances: number) =>
      requestRebalance(
        client,
        name,
        { requestId: randomUUID(), reason, source: 'operator', instances },
        name,
      );
    await (await request('the first', 2)).result();
    const failed = await request('the reason is the pear', 3);
    await expect(failed.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('the cause is the plum') as string },
    });
    const history = readable(await failed.fetchHistory());
    for (const secret of ['plum', 'pear']) expect(history.includes(secret)).toBe(isReadable);
    // As `evenkeel rebalance --wait` does.
    const context = {
      temporal: () => Promise.resolve(client),
      configDb: () => Promise.resolve(ports.configDb),
    } as unknown as Parameters<typeof ask>[0]['context'];
    const asked = { requestId: randomUUID(), reason: 'again', source: 'operator' } as const;
    const options = { reason: 'again', wait: true, taskQueue: name };
    const told = await ask(
      { context, progress: () => undefined },
      name,
      { ...asked, instances: 3 },
      options,
    );
    expect(JSON.stringify(told)).toContain('the cause is the plum');
    expect(JSON.stringify(await latestRun(client, name))).toContain('the cause is the plum');
    await worker.shutdown();
    await simulated.stopAll();
  });
});
