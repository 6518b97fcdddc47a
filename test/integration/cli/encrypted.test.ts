// What the real Temporal server keeps when EVENKEEL_PAYLOAD_KEYS is set: nothing that can be read.
import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataConverterOf } from '../../../src/payload-codec.js';
import { requestRebalance } from '../../../src/cli/temporal.js';

const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
const service = `encrypted-${randomUUID().slice(0, 8)}`;
let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address });
});
afterAll(async () => {
  await new Client({ connection }).workflow.getHandle(`rebalance/${service}`).terminate();
  await connection.close();
});

it('a request and its reason are in the history, but cannot be read there', async () => {
  const dataConverter = dataConverterOf(`k:${randomBytes(32).toString('base64')}`);
  if (dataConverter === undefined) throw new Error('no codec');
  const request = {
    requestId: 'r1',
    reason: 'the merger of Friday',
    source: 'operator',
  } as const;
  const client = new Client({ connection, dataConverter });
  const handle = await requestRebalance(client, service, request, 'nobody');
  const history = JSON.stringify(await handle.fetchHistory());
  expect(history).toContain('requestRebalance');
  const plain = Buffer.from(JSON.stringify(request)).toString('base64').slice(0, 40);
  expect(history).not.toContain(plain);
  expect(history).not.toContain('merger');
  const open = await requestRebalance(new Client({ connection }), service, request, 'nobody');
  expect(JSON.stringify(await open.fetchHistory())).toContain(plain);
});
