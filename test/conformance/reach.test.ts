// What is no instance of a running service, and no directory of it, is told apart before any check.
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { reachDirectory, reachInstance } from '../../src/conformance/reach.js';
import { BadInputError, UnreachableError } from '../../src/errors.js';
import { reservePorts } from '../../stack/ports.js';
import { makeSelfSigned } from '../support/certificates.js';

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A port at which nobody listens. */
async function silent(): Promise<number> {
  const reserved = await reservePorts([0]);
  onTestFinished(() => reserved.release());
  return reserved.ports[0] as number;
}

const said = async (url: string): Promise<unknown> =>
  reachInstance(url).catch((error: unknown) => error);

describe('an address', () => {
  it('at which a WebSocket opens is reached', async () => {
    const server = createServer();
    new WebSocketServer({ server });
    expect(await said(`ws://127.0.0.1:${await listening(server)}`)).toBeUndefined();
  });

  it('at which nothing listens is no instance any more', async () => {
    const error = await said(`ws://127.0.0.1:${await silent()}`);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(String(error)).toMatch(/nothing listens there any more; look at evenkeel status/);
  });

  it('that answers HTTP, or with other words, is no instance', async () => {
    const http = await listening(createServer((_, response) => response.writeHead(404).end()));
    expect(String(await said(`ws://127.0.0.1:${http}`))).toMatch(
      /answers HTTP 404 where a WebSocket should open; this is no instance's port/,
    );
    const other = await listening(createTcpServer((socket) => void socket.end('+OK ready\r\n')));
    expect(String(await said(`ws://127.0.0.1:${other}`))).toMatch(
      /answers, but with no WebSocket: this is no instance's port/,
    );
  });

  it('whose TLS cannot be trusted, or is none, says so', async () => {
    const server = makeSelfSigned({ name: 'instance', ips: ['127.0.0.1'] });
    const secured = await listening(createTlsServer({ cert: server.cert, key: server.key }));
    expect(String(await said(`wss://127.0.0.1:${secured}`))).toMatch(
      /its certificate is not trusted here \(.*\); name its authority in NODE_EXTRA_CA_CERTS/,
    );
    const plain = await listening(createServer());
    expect(String(await said(`wss://127.0.0.1:${plain}`))).toMatch(
      /answers, but not with TLS: ws:\/\/ instead of wss:\/\/\?/,
    );
  });

  it('of a host that nobody knows says so', async () => {
    expect(String(await said('ws://nobody.invalid:1'))).toMatch(
      /no host of that name is known here/,
    );
  });
});

describe('a session directory', () => {
  const asked = async (listener: RequestListener): Promise<unknown> => {
    const url = `http://127.0.0.1:${await listening(createServer(listener))}`;
    return reachDirectory({ url, key: 'k' }, 'chat', 'somebody').catch((error: unknown) => error);
  };
  const answering =
    (status: number, body: object): RequestListener =>
    (_, response) =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(body));
  const session = { token: 't', url: 'ws://x' };

  it('of the service is reached', async () => {
    expect(await asked(answering(201, { ...session, instance: 'chat-3' }))).toBeUndefined();
  });

  it('of another service is refused', async () => {
    const error = await asked(answering(201, { ...session, instance: 'lobby-0' }));
    expect(error).toBeInstanceOf(BadInputError);
    expect(String(error)).toMatch(
      /is of another service: it sends a client to lobby-0, and the instance is of chat/,
    );
  });

  it('that does not take the key is told apart from one that does not answer', async () => {
    const error = await asked(answering(401, { error: { message: 'no such key' } }));
    expect(error).toMatchObject({ field: 'EVENKEEL_DIRECTORY_KEY' });
    expect(String(error)).toMatch(/answered 401: no such key/);
    const nobody = { url: `http://127.0.0.1:${await silent()}`, key: 'k' };
    await expect(reachDirectory(nobody, 'chat', 'somebody')).rejects.toThrow(
      /EVENKEEL_DIRECTORY_URL http:\/\/\S+: the session directory does not answer/,
    );
    await expect(reachDirectory({ url: '127.0.0.1:1', key: 'k' }, 'chat', 'x')).rejects.toThrow(
      BadInputError,
    );
  });
});
