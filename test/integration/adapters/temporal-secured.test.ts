// Temporal behind mutual TLS, as a managed service has it: the client of the commands and a worker go
// through, also after their files were rotated; an API key arrives where it should; who is turned away
// is told why.
import http2 from 'node:http2';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitAddress } from '../../../src/connections/address.js';
import { readTemporalSecurity } from '../../../src/connections/temporal.js';
import type { Environment } from '../../../src/connections/variables.js';
import { UnreachableError } from '../../../src/errors.js';
import { connectTemporal, tlsConfigOf, unreachable } from '../../../src/temporal-connection.js';
import { makeAuthority } from '../../support/certificates.js';
import { startTlsFront, type TlsFront } from '../../support/tls-front.js';

const server = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
const dir = mkdtempSync(join(tmpdir(), 'secured-temporal-'));
const file = (name: string, content: string): string => {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
};
const authority = makeAuthority('Authority of the test');
const here = { name: 'temporal', dns: ['localhost', 'temporal.example'], ips: ['127.0.0.1'] };
const ours = authority.issue({ name: 'first client' });
let front: TlsFront;
let address: string;

beforeAll(async () => {
  const options = { ...authority.issue(here), ca: authority.cert, ALPNProtocols: ['h2'] };
  front = await startTlsFront(
    { ...options, requestCert: true, rejectUnauthorized: true },
    splitAddress(server),
  );
  address = `localhost:${front.port}`;
});
afterAll(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

const trusting = { TEMPORAL_TLS: 'true', TEMPORAL_TLS_CA_FILE: file('ca.pem', authority.cert) };
const mutual = {
  ...trusting,
  TEMPORAL_TLS_CERT_FILE: file('cert.pem', ours.cert),
  TEMPORAL_TLS_KEY_FILE: file('key.pem', ours.key),
};
const security = (env: Environment, at = address) => readTemporalSecurity(env, at);

describe('through mutual TLS', () => {
  it('a command is answered', async () => {
    const connection = await connectTemporal(address, security(mutual));
    const handle = new Client({ connection }).workflow.getHandle(randomUUID());
    await expect(handle.describe()).rejects.toThrow('not found');
    await connection.close();
    expect(front.clients).toContain('first client');
  });

  it('a command is answered where the certificate has another name', async () => {
    const named = { ...mutual, TEMPORAL_TLS_SERVER_NAME: 'temporal.example' };
    await (await connectTemporal(address, security(named))).close();
    await (await connectTemporal(`127.0.0.1:${front.port}`, security(named))).close();
  });

  it('a worker connects, and with what is in the files by then', async () => {
    const files = security(mutual);
    const next = authority.issue({ name: 'next client' });
    file('cert.pem', next.cert);
    file('key.pem', next.key);
    const connection = await NativeConnection.connect({ address, tls: tlsConfigOf(files) });
    await connection.workflowService.getSystemInfo({});
    await connection.close();
    expect(front.clients.at(-1)).toBe('next client');
  });
});

describe('who is turned away is told why', () => {
  const refusal = async (env: Environment, at = address) => {
    const error = await connectTemporal(at, security(env, at)).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(UnreachableError);
    return (error as Error).message;
  };

  it('without a certificate, with an unknown authority, and for another name', async () => {
    const [none, foreign, other] = await Promise.all([
      refusal(trusting),
      refusal({
        ...mutual,
        TEMPORAL_TLS_CA_FILE: file('other.pem', makeAuthority('Another').cert),
      }),
      refusal({ ...mutual, TEMPORAL_TLS_SERVER_NAME: 'other.example' }),
    ]);
    expect(none).toMatch(/wants a certificate of the client .*TEMPORAL_TLS_CERT_FILE/);
    expect(foreign).toMatch(/issued by "Authority of the test", .* in TEMPORAL_TLS_CA_FILE/);
    expect(other).toMatch(/is for localhost, .*, not for other\.example; .* TEMPORAL_ADDRESS/);
  });

  it('without TLS, and with TLS where there is none', async () => {
    const [without, plain] = await Promise.all([refusal({}), refusal(trusting, server)]);
    expect(without).toMatch(/speaks TLS, and TEMPORAL_TLS is not set/);
    expect(plain).toMatch(/speaks no TLS/);
  });
});

describe('an API key', () => {
  const key = `key-${randomUUID()}`;
  /** Answers every call, and refuses those without the key that holds now. */
  const standIn = async () => {
    const heard: (string | undefined)[] = [];
    const holds = { key };
    const open = new Set<http2.ServerHttp2Session>();
    const speaker = http2.createServer();
    speaker.on('session', (session) => open.add(session));
    speaker.on('stream', (stream, headers) => {
      heard.push(headers.authorization);
      const ok = headers.authorization === `Bearer ${holds.key}`;
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () =>
        stream.sendTrailers({ 'grpc-status': ok ? '0' : '16', 'grpc-message': 'who are you' }),
      );
      stream.end(ok ? Buffer.alloc(5) : undefined); // an empty message
    });
    await new Promise<void>((resolve) => speaker.listen(0, '127.0.0.1', resolve));
    const at = `127.0.0.1:${(speaker.address() as AddressInfo).port}`;
    const close = () => {
      for (const session of open) session.destroy();
      speaker.close();
    };
    return { at, heard, holds, close };
  };

  it('is sent as it is in the file at each call, and its refusal names the file, not the key', async () => {
    const { at, heard, holds, close } = await standIn();
    const env = { TEMPORAL_API_KEY_FILE: file('api-key', `${key}\n`) };
    const connection = await connectTemporal(at, security(env, at));
    expect(heard).toEqual([`Bearer ${key}`]);
    holds.key = 'rotated';
    file('api-key', 'rotated');
    await connection.workflowService.getSystemInfo({});
    expect(heard.at(-1)).toBe('Bearer rotated');
    await connection.close();

    file('api-key', key);
    const error = await connectTemporal(at, security(env, at)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UnreachableError);
    expect((error as Error).message).toMatch(
      /rejects the API key .*TEMPORAL_API_KEY_FILE .*api-key/,
    );
    const nobody = await connectTemporal(at).catch((e: unknown) => e);
    expect((nobody as Error).message).toMatch(/wants to know who we are.*TEMPORAL_API_KEY_FILE/);
    // A worker's connection has its errors in words.
    const worker = await NativeConnection.connect({ address: at, tls: false, apiKey: key }).catch(
      (cause: unknown) => unreachable(at, security(env, at), cause),
    );
    expect((worker as Error).message).toMatch(/rejects the API key/);
    for (const one of [error, nobody, worker]) {
      expect(`${(one as Error).stack} ${JSON.stringify(one)}`).not.toContain(key);
    }
    close();
  });
});
