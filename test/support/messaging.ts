// A Messaging server on a free port with a fake instance and an in-memory log, and plain WebSocket
// clients that know the protocol and nothing else.

import { pino, type Logger } from 'pino';
import { WebSocket } from 'ws';
import { partitionOf } from '../../src/core/murmur2.js';
import type { TurnLimits } from '../../src/core/turns.js';
import type { KeySet } from '../../src/server/key-set.js';
import { generateKeys, type DirectoryKeys } from '../../src/server/keys.js';
import { startMessagingServer, type MessagingServer } from '../../src/messaging/server.js';
import { newSessionId } from '../../src/server/session-ids.js';
import { tokenSigner, type TokenClaims } from '../../src/server/tokens.js';
import { eventually } from './eventually.js';
import { createFakeInstance, type FakeInstance } from './fake-instance.js';
import { createMessageLog, type MessageLog } from './message-log.js';

export const partitions = 16;
export type Frame = Readonly<Record<string, unknown>>;

export interface TestServer {
  readonly keys: DirectoryKeys;
  readonly server: MessagingServer;
  readonly instance: FakeInstance;
  readonly log: MessageLog;
  readonly url: string;
  /** A token as the directory signs it, with whatever is wrong about it. */
  token(claims?: Partial<TokenClaims>, issuedAtMs?: number): Promise<string>;
  /** Another directory's key: signed well, by a stranger. */
  strangersToken(): Promise<string>;
  dial(): Promise<TestClient>;
  /** Dials, says hello, and waits for the welcome. */
  welcomed(user?: string, hello?: Frame): Promise<TestClient>;
  /** Writes as another instance would and delivers what was written, as the library does. */
  arrive(message: { from?: string; id: string; to: string; timestampMs?: number }): number;
  close(): Promise<void>;
}

export interface TestClient {
  readonly socket: WebSocket;
  readonly frames: Frame[];
  /** Code and reason, once closed. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>;
  say(frame: unknown): void;
  /** Waits for the next frame of a type that was not taken yet. */
  take(type: string): Promise<Frame>;
}

export interface TestServerOptions {
  readonly jwks?: () => KeySet;
  readonly origins?: readonly string[];
  readonly greetingMax?: number;
  readonly accepts?: TurnLimits;
  /** Where the server's log goes; nowhere by default. */
  readonly logger?: Logger;
  readonly aliveEveryMs?: number;
  readonly connectionsMax?: number;
  /** A free one by default. */
  readonly port?: number;
  /** Another instance of the same service: its keys and its log. */
  readonly like?: TestServer;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { like, logger, ...bounds } = options;
  const keys = like?.keys ?? (await generateKeys());
  const sign = await tokenSigner(keys.signingJwk);
  const signAsStranger = await tokenSigner((await generateKeys()).signingJwk);
  const log = like?.log ?? createMessageLog(partitions);
  const server = await startMessagingServer({
    service: 'messaging',
    name: 'messaging-1',
    partitions,
    port: 0,
    host: '127.0.0.1',
    jwks: keys.jwks,
    bus: log,
    clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
    log: logger ?? pino({ level: 'silent' }),
    ...bounds,
  });
  const instance = createFakeInstance();
  server.attach(instance);
  const url = `ws://127.0.0.1:${server.port}`;
  const claims = (given: Partial<TokenClaims>): TokenClaims => {
    const user = given.user ?? 'alice';
    return {
      service: 'messaging',
      user,
      client: 'phone',
      session: newSessionId(Date.now()),
      partition: partitionOf(user, partitions),
      ...given,
    };
  };
  const test: TestServer = {
    keys,
    server,
    instance,
    log,
    url,
    token: async (given = {}, issuedAtMs = Date.now()) =>
      (await sign(claims(given), issuedAtMs)).token,
    strangersToken: async () => (await signAsStranger(claims({}), Date.now())).token,
    dial: () => dial(url),
    welcomed: async (user = 'alice', hello = {}) => {
      const client = await dial(url);
      client.say({ type: 'hello', token: await test.token({ user }), next: null, ...hello });
      await client.take('welcome');
      return client;
    },
    arrive: ({ from = 'bob', id, to, timestampMs }) => {
      const partition = partitionOf(to, partitions);
      const value = JSON.stringify({
        id,
        from,
        client: 'laptop',
        to,
        body: `body of ${id}`,
        sentAtMs: 1,
      });
      const record = log.put(
        { topic: 'messaging.messages', partition, key: to, value },
        timestampMs,
      );
      server.sink.onRecords(partition, [record], record.offset + 1);
      return record.offset;
    },
    close: () => server.close(),
  };
  return test;
}

export async function dial(url: string): Promise<TestClient> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const frames: Frame[] = [];
  const taken = new Set<Frame>();
  let end: { code: number; reason: string } | undefined;
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString('utf8')) as Frame);
  });
  socket.on('close', (code, reason) => {
    end = { code, reason: reason.toString('utf8') };
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return {
    socket,
    frames,
    closed: () => eventually('the socket is closed', () => end),
    say: (frame) => {
      socket.send(
        typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame),
      );
    },
    take: async (type) => {
      const frame = await eventually(`a frame ${type}`, () =>
        frames.find((candidate) => candidate['type'] === type && !taken.has(candidate)),
      );
      taken.add(frame);
      return frame;
    },
  };
}
