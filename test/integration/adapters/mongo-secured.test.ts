// MongoDB behind TLS: what the URI and the CA file say is done, and what is wrong with a certificate is said
// in one sentence.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectMongo } from '../../../src/adapters/mongo.js';
import { splitAddress } from '../../../src/connections/address.js';
import { readMongoAccess } from '../../../src/connections/mongo.js';
import { UnreachableError } from '../../../src/errors.js';
import { makeAuthority } from '../../support/certificates.js';
import { startTlsFront, type TlsFront } from '../../support/tls-front.js';

const given = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017';
const behind = splitAddress(/@?([^@/]+:\d+)/.exec(given.replace('mongodb://', ''))?.[1] ?? '');
const dir = mkdtempSync(join(tmpdir(), 'secured-mongo-'));
const file = (name: string, content: string): string => {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
};
const authority = makeAuthority('Authority of the test');
const ca = file('ca.pem', authority.cert);
let front: TlsFront;
let elsewhere: TlsFront;

beforeAll(async () => {
  const here = authority.issue({ name: 'db', dns: ['localhost'], ips: ['127.0.0.1'] });
  front = await startTlsFront(here, behind);
  elsewhere = await startTlsFront(authority.issue({ name: 'x', dns: ['db.example'] }), behind);
});
afterAll(async () => {
  await Promise.all([front.close(), elsewhere.close()]);
  rmSync(dir, { recursive: true });
});

const connect = (port: number, caFile: string | undefined, options = '') => {
  const uri = `mongodb://127.0.0.1:${port}/?directConnection=true&serverSelectionTimeoutMS=1500${options}`;
  const access = readMongoAccess({
    MONGODB_URI_FILE: file(`uri-${port}`, `${uri}\n`),
    MONGODB_TLS_CA_FILE: caFile,
  });
  if (access === undefined) throw new Error('no access');
  return connectMongo({ ...access, database: `evenkeel-test-${randomUUID().slice(0, 8)}` });
};

it('is read and written through TLS that trusts one authority', async () => {
  const db = await connect(front.port, ca);
  expect(await db.takeEpoch('messaging', 'run', 5)).toBe(1);
  expect(await db.latestEpoch('messaging')).toBe(1);
  await db.close();
  expect(front.clients.length).toBeGreaterThan(0);
});

it('says which certificate is not trusted, and why', async () => {
  const other = file('other.pem', makeAuthority('Another').cert);
  const refusal = async (port: number, caFile?: string, options?: string) => {
    const error = await connect(port, caFile, options).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(UnreachableError);
    return (error as Error).message;
  };
  const [unknown, wrongName, untold, plain] = await Promise.all([
    refusal(front.port, other),
    refusal(elsewhere.port, ca),
    refusal(front.port),
    refusal(behind.port, ca),
  ]);
  expect(unknown).toMatch(
    /^MONGODB_URI: .* issued by "Authority of the test", .*MONGODB_TLS_CA_FILE/,
  );
  expect(wrongName).toMatch(
    /is for db\.example, not for 127\.0\.0\.1; name the server in MONGODB_URI/,
  );
  expect(untold).toMatch(/speaks TLS, and it is not wanted; name the authority/);
  expect(plain).toMatch(/TLS is wanted, and 127\.0\.0\.1:\d+ speaks none/);
});
