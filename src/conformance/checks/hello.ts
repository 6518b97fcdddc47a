// The door: who gets in, who does not, and what each is told. Section 2, "Client to server".

import { partitionOf } from '../../core/murmur2.js';
import { frameMaxBytes, helloWithinMs } from '../../limits.js';
import { errorCloseCodes, type ErrorCode } from '../../server/close-codes.js';
import { newSessionId } from '../../server/session-ids.js';
import { must, type Check } from '../check.js';
import { closedOf, connect, greet, leave } from '../connect.js';
import { heardWords, type Line } from '../line.js';
import { answerWithinMs, silentAtLeastMs, silentAtMostMs } from '../limits.js';
import { dial, elsewhere, newSession, newUser, held, type Scene } from '../scene.js';

const section = '2';

/** An `error` frame with this code, and its close code. Throws Broken. */
async function refused(line: Line, code: ErrorCode, what: string): Promise<string> {
  const closes = errorCloseCodes[code];
  const frame = await line.takeAny(['error', 'welcome', 'redirect'], silentAtMostMs);
  const end = await line.ended();
  must(
    frame?.type === 'error' && frame['code'] === code,
    `${what} was answered with: ${heardWords(line)}`,
    `send {"type":"error","code":"${code}","message":…} and close with ${closes}`,
  );
  must(
    end?.code === closes,
    `${what} was told ${code}, and the socket ${end === null ? 'stayed open' : `closed with ${end.code}`}`,
    `close the socket with ${closes} right after the error frame ${code}: a client acts by the number`,
  );
  return `${what}: ${code}, close ${closes}`;
}

const silent: Check = {
  name: 'hello-within-5-s',
  section,
  expected:
    'the first frame is a hello within 5 s; who says nothing is closed then, and not before',
  run: async (scene) => {
    const line = await dial(scene, 'a client that says nothing');
    const end = await line.ended(silentAtMostMs);
    const afterMs = (end?.atMs ?? performance.now()) - line.openedAtMs;
    const seconds = (afterMs / 1000).toFixed(1);
    must(
      end !== null,
      `a socket without a hello was still open after ${seconds} s`,
      `close a socket that has not said hello within ${helloWithinMs / 1000} s: error bad-frame, close ${errorCloseCodes['bad-frame']}`,
    );
    must(
      afterMs >= silentAtLeastMs,
      `a socket without a hello was closed after ${seconds} s already`,
      `give a client ${helloWithinMs / 1000} s for its hello`,
    );
    await refused(line, 'bad-frame', 'a socket without a hello');
    return `closed after ${seconds} s: ${heardWords(line)}`;
  },
};

const firstFrame: Check = {
  name: 'first-frame-is-hello',
  section,
  expected: 'another first frame, or one that is no JSON object, is a bad-frame',
  run: async (scene) => {
    const seen: string[] = [];
    for (const [what, frame] of [
      ['a first frame moved', { type: 'moved', gapMs: 1 }],
      ['a first frame that is no JSON', 'hello'],
      ['a hello without a token', { type: 'hello', next: null }],
    ] as const) {
      const line = await dial(scene, what);
      line.say(frame);
      seen.push(await refused(line, 'bad-frame', what));
    }
    return seen.join('; ');
  },
};

/** A hello of exactly so many bytes, blown up by a field that nobody knows. */
function helloOf(token: string, bytes: number): string {
  const hello = { type: 'hello', token, next: null, futureField: '' };
  const padding = bytes - Buffer.byteLength(JSON.stringify(hello));
  return JSON.stringify({ ...hello, futureField: 'x'.repeat(padding) });
}

const frameSize: Check = {
  name: 'frames-of-64-kib',
  section,
  expected:
    'a frame of 65,536 bytes is read, its unknown fields ignored; a larger one is too-large',
  run: async (scene) => {
    const session = await newSession(scene);
    const line = await dial(scene, 'a hello of 65,536 bytes');
    line.say(helloOf(session.token, frameMaxBytes));
    const frame = await line.takeAny(['welcome', 'error', 'redirect']);
    must(
      frame?.type === 'welcome',
      `a hello of 65,536 bytes with a field that is not in the protocol was answered with: ${heardWords(line)}`,
      'allow frames of 64 KiB, and ignore fields that you do not know: later versions add some',
    );
    line.say({ type: 'bye' });

    const large = await dial(scene, 'a hello of 65,537 bytes');
    large.say(helloOf(session.token, frameMaxBytes + 1));
    const end = await large.ended();
    const error = await large.take('error', 0);
    // 1009 is what WebSocket libraries say by themselves, before a program sees the frame.
    const isRefused =
      end?.code === 1009 ||
      (error?.['code'] === 'too-large' && end?.code === errorCloseCodes['too-large']);
    must(
      end !== null && isRefused,
      `a frame of 65,537 bytes was answered with: ${heardWords(large)}`,
      'refuse frames above 65,536 bytes: error too-large and 4413, or the close code 1009 of your library',
    );
    return `65,536 bytes with an unknown field were welcomed; one byte more: ${heardWords(large)}`;
  },
};

const badTokens: Check = {
  name: 'bad-token',
  section,
  expected: 'a token that no key of the directory signed is bad-token, whatever it says',
  run: async (scene) => {
    const { token } = await newSession(scene);
    const [head = '', body = '', signature = ''] = token.split('.');
    const middle = Math.floor(signature.length / 2);
    const other = signature[middle] === 'A' ? 'B' : 'A';
    const forged = `${head}.${body}.${signature.slice(0, middle)}${other}${signature.slice(middle + 1)}`;
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const seen: string[] = [];
    for (const [what, wrong] of [
      ['no JWT', 'let me in'],
      ['another signature', forged],
      ['"alg":"none"', `${none}.${body}.`],
    ] as const) {
      const line = await dial(scene, `a token with ${what}`);
      line.say({ type: 'hello', token: wrong, next: null });
      seen.push(await refused(line, 'bad-token', `a token with ${what}`));
    }
    return seen.join('; ');
  },
};

const claims: Check = {
  name: 'token-claims',
  section: '1',
  expected: 'a token that has expired is expired; of another service, or with a wrong p, bad-token',
  needs: ['keys'],
  run: async (scene) => {
    const sign = scene.sign as NonNullable<Scene['sign']>;
    const user = newUser(scene, held(scene));
    const partition = partitionOf(user, scene.partitions);
    const right = { user, client: 'kit', session: newSessionId(Date.now()), partition };
    const dayMs = 24 * 3_600_000;
    const wrong = (partition + 1) % scene.partitions;
    const seen: string[] = [];
    for (const [what, token, code] of [
      ['a token of two days ago', await sign(right, Date.now() - 2 * dayMs), 'expired'],
      ['a token of another service', await sign({ ...right, service: 'other' }), 'bad-token'],
      [
        `a token with p ${wrong} of a user of ${partition}`,
        await sign({ ...right, partition: wrong }),
        'bad-token',
      ],
    ] as const) {
      const line = await dial(scene, what);
      line.say({ type: 'hello', token, next: null });
      seen.push(await refused(line, code, what));
    }
    return seen.join('; ');
  },
};

const redirected: Check = {
  name: 'redirect',
  section,
  expected:
    'a client of a partition that another instance holds gets redirect with its url, then 4002',
  needs: ['another-instance'],
  run: async (scene) => {
    const partition = elsewhere(scene) as number;
    const holder = scene.journal.view.holderOf(partition);
    const session = await newSession(scene, { partitions: [partition] });
    const line = await dial(scene, `a client of partition ${partition}`);
    const frame = await greet(line, session.token, null);
    must(
      frame?.type === 'redirect',
      `a client of partition ${partition}, which ${holder?.instance} holds, was answered with: ${heardWords(line)}`,
      'before you welcome, look whether you hold the partition (murmur2 of the user, mod P) by the ownership log; if not, redirect to who does',
    );
    must(
      frame['url'] === holder?.url && Number.isSafeInteger(frame['revision']),
      `the redirect names ${JSON.stringify(frame['url'])}, revision ${JSON.stringify(frame['revision'])}; ${holder?.instance} is at ${holder?.url}`,
      "send the url of the holder's acquired, or of the distribution, and the revision that you know",
    );
    const end = await line.ended();
    must(
      end?.code === 4002,
      `after the redirect: ${heardWords(line)}`,
      'close with 4002 right after the redirect',
    );
    return `partition ${partition} is with ${holder?.instance}: redirect to ${String(frame['url'])}, close 4002`;
  },
};

const welcomeShape: Check = {
  name: 'welcome',
  section,
  expected: 'welcome names instance, partition, revision, next, aliveEveryMs and truncated',
  run: async (scene) => {
    const { bus, service } = scene;
    const session = await newSession(scene);
    const topic = `${service}.messages`;
    const endOf = async () => (await bus.bounds(topic, [session.partition]))[0]?.high ?? 0;
    const before = await endOf();
    const client = await connect(scene, { session });
    const { welcome } = client;
    const after = await endOf();
    const holder = scene.journal.view.holderOf(session.partition);
    const next = Number(welcome['next']);
    const wrong = [
      welcome['instance'] !== scene.instance && `instance is ${shown(welcome['instance'])}`,
      welcome['partition'] !== session.partition && `partition is ${shown(welcome['partition'])}`,
      !(Number(welcome['revision']) >= (holder?.revision ?? 0)) &&
        `revision is ${shown(welcome['revision'])}, and the partition was acquired at ${holder?.revision}`,
      !/^\d+$/.test(textOf(welcome['next'])) &&
        `next is ${shown(welcome['next'])}, no offset as a string`,
      (next < before || next > after) &&
        `next is ${shown(welcome['next'])} for a hello without one, and the log ended at ${before}`,
      !(Number(welcome['aliveEveryMs']) > 0) && `aliveEveryMs is ${shown(welcome['aliveEveryMs'])}`,
      welcome['truncated'] !== false && `truncated is ${shown(welcome['truncated'])}`,
    ].filter((one) => one !== false);
    must(
      wrong.length === 0,
      `the welcome of a client of partition ${session.partition} is not whole: ${wrong.join('; ')}`,
      'fill every field of welcome as section 2 has it; partition is (murmur2(utf8(user)) & 0x7fffffff) mod P',
    );
    leave(client);
    return `welcomed on partition ${session.partition} at the end of the log, ${String(welcome['next'])}`;
  },
};

const shown = (value: unknown): string => JSON.stringify(value) ?? 'missing';
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const bye: Check = {
  name: 'bye',
  section,
  expected: 'bye is answered with 1000, and closed with the reason bye is logged',
  run: async (scene) => {
    const client = await connect(scene);
    leave(client);
    const end = await client.line.ended(answerWithinMs);
    must(
      end?.code === 1000,
      `after bye: ${heardWords(client.line)}`,
      'close with 1000 when a client says bye',
    );
    const closed = await closedOf(scene, client.connection, 'a bye');
    must(
      closed.record['reason'] === 'bye',
      `the closed after a bye has the reason ${shown(closed.record['reason'])}`,
      'say in closed why the connection ended: bye',
    );
    return 'closed with 1000, logged as bye';
  },
};

export const helloChecks: readonly Check[] = [
  silent,
  firstFrame,
  frameSize,
  badTokens,
  claims,
  redirected,
  welcomeShape,
  bye,
];
