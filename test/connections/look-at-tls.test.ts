// Real handshakes with certificates of every kind, and what is said about each.
import net, { type AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookAtTls, type TlsLook, type TlsSeen } from '../../src/connections/look-at-tls.js';
import { makeAuthority, makeSelfSigned, type Certificate } from '../support/certificates.js';
import { startTlsFront } from '../support/tls-front.js';

const authority = makeAuthority('Our authority');
const here = { name: 'server', dns: ['localhost'], ips: ['127.0.0.1'] };
let plain: net.Server;
let behind: { host: string; port: number };

beforeAll(async () => {
  plain = net.createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  behind = { host: '127.0.0.1', port: (plain.address() as AddressInfo).port };
});
afterAll(() => void plain.close());

async function seen(
  server: Certificate,
  options: TlsOptions = {},
  look: Partial<TlsLook> = {},
): Promise<TlsSeen> {
  const front = await startTlsFront({ ...server, ...options }, behind);
  try {
    return await lookAtTls({
      address: `127.0.0.1:${front.port}`,
      addressVariable: 'KAFKA_BROKERS',
      caVariable: 'KAFKA_TLS_CA_FILE',
      caFile: '/etc/ca.pem',
      clientVariables: 'KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE',
      serverNameVariable: 'KAFKA_TLS_SERVER_NAME',
      material: { ca: authority.cert },
      ...look,
    });
  } finally {
    await front.close();
  }
}

const problem = (found: RegExp, mend: RegExp) => ({
  kind: 'wrong',
  problem: {
    found: expect.stringMatching(found) as string,
    mend: expect.stringMatching(mend) as string,
  },
});

describe('a server certificate', () => {
  it('that is as it should be is trusted, and its end is known', async () => {
    const found = await seen(authority.issue(here));
    expect(found.kind).toBe('trusted');
    const days = found.kind === 'trusted' ? (found.validToMs - Date.now()) / 86_400_000 : 0;
    expect(Math.round(days)).toBe(30);
  });

  it('that has expired is said to have, with the day', async () => {
    const expired = authority.issue({ ...here, fromDays: -9, toDays: -2 });
    const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
    expect(await seen(expired)).toEqual(problem(RegExp(`expired on ${day}`), /renew it/));
  });

  it('that is not valid yet points at the clock', async () => {
    const early = authority.issue({ ...here, fromDays: 2 });
    expect(await seen(early)).toEqual(problem(/valid only from/, /clock/));
  });

  it('that is self-signed is told from one of an unknown authority, which is named', async () => {
    const own = makeSelfSigned(here);
    expect(await seen(own)).toEqual(problem(/is self-signed/, /KAFKA_TLS_CA_FILE/));
    const other = makeAuthority('Another authority').issue(here);
    expect(await seen(other)).toEqual(
      problem(/issued by "Another authority", .*\/etc\/ca\.pem holds/, /KAFKA_TLS_CA_FILE/),
    );
  });

  it('for another host names both, and the variable that allows it', async () => {
    const other = authority.issue({ name: 'x', dns: ['broker.example', 'b2.example'] });
    expect(await seen(other)).toEqual(
      problem(
        /is for broker\.example, b2\.example, not for 127\.0\.0\.1/,
        /KAFKA_TLS_SERVER_NAME=broker\.example/,
      ),
    );
    const found = await seen(other, {}, { serverName: 'broker.example' });
    expect(found.kind).toBe('trusted');
  });
});

describe('a server that wants a certificate of the client', () => {
  const mutual = { requestCert: true, rejectUnauthorized: true, ca: authority.cert };
  const server = authority.issue(here);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`says so with ${maxVersion}, and whether ours is the wrong one`, async () => {
      expect(await seen(server, { ...mutual, maxVersion })).toEqual(
        problem(/wants a certificate of the client/, /KAFKA_TLS_CERT_FILE/),
      );
      const foreign = makeAuthority('Another authority').issue({ name: 'us' });
      const material = { ca: authority.cert, ...foreign };
      expect(await seen(server, { ...mutual, maxVersion }, { material })).toEqual(
        problem(/does not accept the certificate of this client/, /KAFKA_TLS_CERT_FILE/),
      );
      const ours = { ca: authority.cert, ...authority.issue({ name: 'us' }) };
      const found = await seen(server, { ...mutual, maxVersion }, { material: ours });
      expect(found.kind).toBe('trusted');
    });
  }
});

describe('an address without TLS', () => {
  const ask = (address: string) =>
    lookAtTls({ address, addressVariable: 'A', caVariable: 'B', material: {} });

  it('is plain when something else answers, silent when nothing does', async () => {
    const http = net.createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    expect(await ask(`127.0.0.1:${port}`)).toEqual({ kind: 'plain' });
    expect(await ask(`127.0.0.1:${behind.port}`)).toEqual({ kind: 'plain' });
    await new Promise((resolve) => http.close(resolve));
    expect(await ask(`127.0.0.1:${port}`)).toEqual({ kind: 'silent' });
  });
});
