// Client frames against the real connection code and a real instance on an in-memory bus. An input is
// what one client sends: frames as texts, `$u1` in them standing for a token of user u1, and a few
// events of the socket (`@binary`, `@alive`, `@pong`, `@close`).

import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { systemClock } from '../../src/adapters/system-clock.js';
import { later } from '../../src/instance/later.js';
import { partitionOf } from '../../src/core/murmur2.js';
import { frameMaxBytes } from '../../src/limits.js';
import { createAcceptLine } from '../../src/server/accept-line.js';
import { serveConnection, type ConnectionDeps } from '../../src/server/connection.js';
import { generateKeys } from '../../src/server/keys.js';
import { createMessages } from '../../src/messaging/messages.js';
import { createPublish } from '../../src/server/served-client.js';
import { newSessionId } from '../../src/server/session-ids.js';
import { createStats } from '../../src/server/stats.js';
import { tokenSigner, tokenVerifier } from '../../src/server/tokens.js';
import { partitions, service, startLoneInstance } from '../instance.js';
import { mutated } from '../mutate.js';
import type { Random } from '../random.js';
import { expectThat, type Target } from '../target.js';
import { trimLogs, turn, until } from './turns.js';

const users = ['u0', 'u1', 'u2', '__proto__', '👩‍👩‍👧‍👦'];
const events = ['@binary', '@alive', '@pong', '@ping', '@close', '@turn'];
const knownSendsKept = 1_000;
const endless = { perSecond: 1_000_000, burst: 1_000_000, waitMaxMs: 1_000 };

export async function openFrames(): Promise<Target> {
  const keys = await generateKeys();
  const sign = await tokenSigner(keys.signingJwk);
  const topic = `${service}.messages`;
  const lone = await startLoneInstance();
  const { bus, instance, feeds, reads } = lone;
  const appender = await bus.appender('messages');
  await lone.distribute(1, 1);
  await until('everything is held', () => instance.status().held === partitions);
  const deps: ConnectionDeps = {
    instance,
    verify: tokenVerifier({ jwks: keys.jwks, service, partitions }),
    feeds,
    service: createMessages(
      {
        ...{ topic, partitions, appender, clock: systemClock, later, reads },
        firstCopy: (partition, key) => feeds.firstCopy(partition, key),
      },
      knownSendsKept,
    ),
    publish: createPublish(appender, topic, partitions),
    onMistake: (kind) => expectThat(false, `Messaging makes the mistake ${kind}`),
    clock: systemClock,
    later,
    stats: createStats({ service, instance: instance.name }),
    aliveEveryMs: 4_000,
    line: createAcceptLine(endless, systemClock, later),
    onGreeted: () => undefined,
    onStalled: () => undefined,
    onClosed: () => undefined,
  };
  const tokens = new Map<string, string>();
  const session = newSessionId(Date.now());
  for (const user of users) {
    const claims = {
      service,
      user,
      client: 'c',
      session,
      partition: partitionOf(user, partitions),
    };
    tokens.set(user, (await sign(claims, Date.now())).token);
  }
  let executed = 0;

  return {
    name: 'frames',
    generate,
    execute: async (steps) => {
      const socket = createFakeSocket();
      const connection = serveConnection(socket.ws, deps);
      const sent = new Set<unknown>();
      for (const step of steps) {
        if (step === '@alive') connection.alive();
        else if (step === '@turn') await turn();
        else if (step === '@close') socket.close();
        else if (step === '@pong' || step === '@ping') socket.emit(step.slice(1));
        else if (step === '@binary') socket.emit('message', Buffer.from([1, 2]), true);
        else {
          const text = step.replace(/\$(u\d)/g, (_, user: string) => tokens.get(user) ?? '');
          noteIds(text, sent);
          socket.emit('message', Buffer.from(text), false);
          // A good hello is answered soon; whatever comes meanwhile may come in any state.
          if (/"hello"/.test(step)) await until('', () => socket.frames.length > 0, 20);
        }
      }
      await turn();
      checkFrames(socket.frames, sent);
      socket.close();
      const isGone = () => instance.status().clients === 0 && instance.status().parked === 0;
      await until('the client is gone', isGone);
      expectThat(instance.state() === 'ready', `the instance is ${instance.state()}`);
      expectThat(instance.status().held === partitions, 'the instance lost a partition');
      expectThat(lone.faults.length === 0, `a reader stopped: ${String(lone.faults[0])}`);
      executed += 1;
      if (executed % 200 === 0) await trimLogs(bus, service);
    },
    close: () => lone.close(),
  };
}

function generate(random: Random): readonly string[] {
  const steps: string[] = [];
  const user = random.below(3);
  const hello = { type: 'hello', token: `$u${user}`, next: random.pick([null, '0', '5', '99999']) };
  if (!random.oneIn(5))
    steps.push(random.oneIn(3) ? mutated(JSON.stringify(hello), random) : JSON.stringify(hello));
  for (let n = random.below(8); n > 0; n -= 1) {
    const frames: object[] = [
      { type: 'send', id: `c-${random.below(5)}`, to: random.pick(users), body: 'hi' },
      {
        type: 'send',
        id: `c-${random.below(5)}`,
        to: 'u0',
        body: 'x'.repeat(random.below(70_000)),
        repeat: true,
      },
      { type: 'moved', gapMs: random.below(100) },
      { type: 'bye' },
      hello,
    ];
    steps.push(
      random.oneIn(5) ? random.pick(events) : mutated(JSON.stringify(random.pick(frames)), random),
    );
  }
  return steps;
}

const known = ['welcome', 'message', 'accepted', 'alive', 'disconnect', 'redirect', 'error'];
const last = ['disconnect', 'redirect', 'error'];

function checkFrames(frames: readonly string[], sent: ReadonlySet<unknown>): void {
  let welcomed = false;
  let ended = false;
  for (const text of frames) {
    expectThat(Buffer.byteLength(text) <= frameMaxBytes, `a frame of ${text.length} characters`);
    const frame = JSON.parse(text) as Record<string, unknown>;
    const type = String(frame['type']);
    expectThat(known.includes(type), `a frame of type ${type}`);
    expectThat(!ended, `${type} after the last frame`);
    if (type === 'welcome') expectThat(!welcomed, 'welcomed twice');
    if (['message', 'accepted', 'alive'].includes(type))
      expectThat(welcomed, `${type} before welcome`);
    if (type === 'accepted') expectThat(sent.has(frame['id']), 'accepted what was never sent');
    welcomed ||= type === 'welcome';
    ended ||= last.includes(type);
  }
}

function noteIds(text: string, sent: Set<unknown>): void {
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame === 'object' && frame !== null) sent.add((frame as { id?: unknown }).id);
  } catch {
    // No frame, no id.
  }
}

/** As much of a `ws` socket as a connection uses. */
function createFakeSocket() {
  const emitter = new EventEmitter();
  const frames: string[] = [];
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    emitter.emit('close', 1006, Buffer.alloc(0));
  };
  const ws = Object.assign(emitter, {
    OPEN: 1,
    get readyState() {
      return open ? 1 : 3;
    },
    bufferedAmount: 0,
    send: (text: string) => void (open && frames.push(text)),
    ping: (_data?: unknown, _mask?: unknown, done?: () => void) =>
      void setImmediate(() => done?.()),
    close: () => void setImmediate(close),
    terminate: close,
  }) as unknown as WebSocket;
  return {
    ws,
    frames,
    close,
    emit: (event: string, ...all: unknown[]) => open && emitter.emit(event, ...all),
  };
}
