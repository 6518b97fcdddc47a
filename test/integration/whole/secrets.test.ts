// Secrets of a running service: in no history, record or log.
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitAddress } from '../../../src/connections/address.js';
import { makeAuthority } from '../../support/certificates.js';
import { connectPlainly, type PlainClient } from '../../support/plain-client.js';
import { startSecuredKafka, type SecuredKafka } from '../../support/secured-kafka.js';
import { startTlsFront, type TlsFront } from '../../support/tls-front.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';

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

/** Two rebalances, one that ends well and one that is refused; then nothing of these in what is left of them. */
async function expectUnseen(
  under: ServiceUnderTest,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const reason = 'something that can be found';
  for (const instances of [3, 99]) {
    await under.follow(await under.ask({ instances, reason }));
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
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret.length, what).toBeGreaterThan(20);
    for (const [where, text] of Object.entries(texts)) {
      expect(text.includes(secret), `${what} in the ${where}`).toBe(false);
    }
  }
}

describe('of the local stack', () => {
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

  it('are in no history, record or log of a rebalance that ended well and one that was refused', async () => {
    const supervisor = under.cluster.env['EVENKEEL_SUPERVISOR_TOKEN'] ?? '';
    await expectUnseen(under, { ...under.service.secrets, supervisor });
  });
});

describe('of secured connections', () => {
  const apiKey = randomBytes(24).toString('hex');
  let kafka: SecuredKafka;
  let front: TlsFront;
  let temporalKey = '';
  let under: ServiceUnderTest;

  beforeAll(async () => {
    kafka = await startSecuredKafka();
    const authority = makeAuthority('Authority of Temporal');
    const client = authority.issue({ name: 'evenkeel' });
    temporalKey = client.key;
    const server = authority.issue({ name: 'temporal', ips: ['127.0.0.1'] });
    front = await startTlsFront(
      { ...server, ca: authority.cert, ALPNProtocols: ['h2'], requestCert: true },
      splitAddress(process.env['TEMPORAL_ADDRESS'] ?? ''),
    );
    const addresses = {
      KAFKA_BROKERS: kafka.login,
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: kafka.files.ca,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'ada',
      KAFKA_SASL_PASSWORD: kafka.passwords.ada,
      TEMPORAL_ADDRESS: `127.0.0.1:${front.port}`,
      TEMPORAL_TLS: 'true',
      TEMPORAL_TLS_CA_FILE: kafka.file('temporal-ca.pem', authority.cert),
      TEMPORAL_TLS_CERT_FILE: kafka.file('temporal.pem', client.cert),
      TEMPORAL_TLS_KEY_FILE: kafka.file('temporal.key', client.key),
      TEMPORAL_API_KEY_FILE: kafka.file('api-key', apiKey),
    };
    under = await startServiceUnderTest({ name: 'secured', instances: 2, addresses });
  });
  afterAll(async () => {
    await under?.stop();
    await front?.close();
    await kafka?.stop();
  });

  it('are in no history, record or log either: password, API key and private keys', async () => {
    // Everything went through what they secure.
    expect(front.clients).toContain('evenkeel');
    const body = (pem: string) => pem.split('\n').find((line) => /^[\w+/]{60,}$/.test(line)) ?? '';
    await expectUnseen(under, {
      'the password of Kafka': kafka.passwords.ada,
      'the API key of Temporal': apiKey,
      'the private key for Temporal': body(temporalKey),
    });
  });
});
