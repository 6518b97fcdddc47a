// Secrets of a running service: in no history, record or log.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectPlainly, type PlainClient } from '../../support/plain-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';

let under: ServiceUnderTest;
let client: PlainClient;

beforeAll(async () => {
  under = await startServiceUnderTest({ name: 'secrets', instances: 2 });
  const { directoryUrl, directoryKey } = under.service;
  client = await connectPlainly({ directoryUrl, directoryKey, user: 'ada' });
});
afterAll(async () => {
  client.close();
  await under.stop();
});

/** Payloads as text, so that what is in them can be found. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, readable(one)]));
}

async function historiesOf({ cluster }: ServiceUnderTest): Promise<string> {
  const found: unknown[] = [];
  const query = `TaskQueue = '${cluster.taskQueue}'`;
  for await (const { workflowId, runId } of cluster.temporal.workflow.list({ query })) {
    const handle = cluster.temporal.workflow.getHandle(workflowId, runId);
    found.push(readable(await handle.fetchHistory()));
  }
  return JSON.stringify(found);
}

async function recordsOf({ cluster: { configDb }, name }: ServiceUnderTest): Promise<string> {
  return JSON.stringify([
    await configDb.rebalances(name, 100),
    await configDb.decisions(name, 0, 100),
    await configDb.reports(name),
    await configDb.latestDistribution(name),
    await configDb.latestPolicy(name),
  ]);
}

const logsOf = ({ cluster }: ServiceUnderTest): string =>
  readdirSync(cluster.logDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('');

it('are in no history, record or log of a rebalance that ended well and one that was refused', async () => {
  const reason = 'something that can be found';
  for (const instances of [3, 99]) {
    const sinceMs = Date.now();
    await under.ask({ instances, reason });
    await under.follow(sinceMs);
  }
  const texts = {
    histories: await historiesOf(under),
    records: await recordsOf(under),
    logs: logsOf(under),
  };
  // What is searched has what it should: the search could find something.
  expect(texts.histories).toContain(reason);
  expect(texts.records).toContain(reason);
  expect(texts.logs).toContain(`${under.name}-0`);

  const { env } = under.cluster;
  const secrets = { ...under.service.secrets, supervisor: env['EVENKEEL_SUPERVISOR_TOKEN'] ?? '' };
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret.length, what).toBeGreaterThan(20);
    for (const [where, text] of Object.entries(texts)) {
      expect(text.includes(secret), `${what} in the ${where}`).toBe(false);
    }
  }
});
