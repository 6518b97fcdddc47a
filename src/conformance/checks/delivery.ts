// What a connected client gets: messages from `next` on, in order, each once; alive; what its other devices
// and newer sessions mean for it.
// Section 2, "Server to client".

import { topicsOf } from '../../logs/topics.js';
import { must, type Check } from '../check.js';
import { closedOf, connect, greet, hears, leave, offsetsHeard, pause, write } from '../connect.js';
import { heardWords, type Frame } from '../line.js';
import { quietMs } from '../limits.js';
import { dial, newSession } from '../scene.js';

const section = '2';
export const list = (offsets: readonly (number | string)[]): string =>
  offsets.length === 0 ? 'nothing' : offsets.join(' ');
export const same = (heard: readonly string[], offsets: readonly number[]): boolean =>
  heard.join(' ') === offsets.map(String).join(' ');

const delivery: Check = {
  name: 'delivery',
  section,
  expected: 'a client gets the messages of its user from its next on, in offset order, each once',
  of: 'messages',
  run: async (scene) => {
    const client = await connect(scene);
    const { session, line } = client;
    // Somebody else of the same partition: nobody reads the letters of others.
    const other = await newSession(scene, { partitions: [session.partition] });
    const first = await write(scene, session, ['d-1', 'd-2']);
    await write(scene, other, ['d-other']);
    const last = await write(scene, session, ['d-3']);
    const wanted = [...first, ...last];
    const heard = await hears(line, wanted);
    must(
      same(heard, wanted),
      `messages for ${session.user} were written at ${list(wanted)}, and it got ${list(heard)}`,
      'deliver the records of the partition whose recipient is the user, in offset order, each once, and no other',
    );
    const frame = line.heard.find((one) => one.frame?.type === 'message')?.frame;
    if (!scene.without.has('send')) checkMessage(frame, session.user);
    leave(client);
    return `got ${list(heard)}, and nothing of another user of partition ${session.partition}`;
  },
};

function checkMessage(frame: Frame | null | undefined, to: string): void {
  const fields = ['offset', 'id', 'from', 'client', 'to', 'body', 'sentAtMs'];
  const missing = fields.filter((field) => frame?.[field] === undefined);
  must(
    missing.length === 0 && frame?.['to'] === to && frame['body'] === 'body of d-1',
    `a message has no ${missing.join(', ')}, or not what stands in its record: ${JSON.stringify(frame)}`,
    'send offset, id, from, client, to, body and sentAtMs as they stand in the record',
  );
}

const lost: Check = {
  name: 'lost-connection',
  section: '2, 10',
  expected: 'the closed of a socket that ended without a word is logged, with the reason lost',
  run: async (scene) => {
    const client = await connect(scene);
    client.line.cut();
    const { record } = await closedOf(scene, client.connection, 'its socket was lost');
    must(
      record['reason'] === 'lost',
      `the closed of a lost connection has the reason ${JSON.stringify(record['reason'])}`,
      'say lost where the client or the network ended the socket without a word',
    );
    return 'logged as lost';
  },
};

const resume: Check = {
  name: 'resume',
  section,
  expected:
    'a client that comes back with its next gets what it has missed, each once, and no more',
  of: 'messages',
  run: async (scene) => {
    const before = await connect(scene);
    const { session } = before;
    const seen = await write(scene, session, ['r-1', 'r-2']);
    await hears(before.line, seen);
    before.line.cut();
    await closedOf(scene, before.connection, 'its socket was lost');
    const missed = await write(scene, session, ['r-3', 'r-4', 'r-5']);
    const again = await connect(scene, { session, next: String(Number(seen.at(-1)) + 1) });
    const live = await write(scene, session, ['r-6']);
    const heard = await hears(again.line, [...missed, ...live]);
    must(
      same(heard, [...missed, ...live]),
      `a client came back with next ${Number(seen.at(-1)) + 1}, when ${list(missed)} had been written and ${list(live)} followed; it got ${list(heard)}`,
      'begin delivery exactly at the next of the hello: what lies before has been seen, what follows comes once',
    );
    must(
      Number(again.welcome['next']) === Number(seen.at(-1)) + 1,
      `a client came back with next ${Number(seen.at(-1)) + 1}, which the log has, and was welcomed with next ${String(again.welcome['next'])}`,
      'say in welcome the next of the hello where the log has it: a client goes on from there',
    );
    must(
      again.welcome['truncated'] === false,
      'a next that the log still has was answered with truncated',
      'say truncated only for an offset that is no longer kept or lies beyond the end',
    );
    leave(again);
    return `came back and got ${list(heard)}`;
  },
};

const truncated: Check = {
  name: 'truncated',
  section,
  expected: 'a next beyond the end of the log is welcomed with truncated and a next that counts',
  run: async (scene) => {
    const session = await newSession(scene);
    const client = await connect(scene, { session, next: '900000000000' });
    const [end] = await scene.bus.bounds(topicsOf(scene.service).messages, [session.partition]);
    const { welcome } = client;
    must(
      welcome['truncated'] === true && Number(welcome['next']) <= (end?.high ?? 0),
      `a hello with next 900000000000 was welcomed with next ${String(welcome['next'])}, truncated ${String(welcome['truncated'])}; the log ends at ${end?.high}`,
      'answer an offset that the log does not have with truncated true and the next that you go on from',
    );
    leave(client);
    return `truncated, and goes on at ${String(welcome['next'])}`;
  },
};

const alive: Check = {
  name: 'alive',
  section,
  expected: 'alive every aliveEveryMs, with the next that the client may come back with',
  run: async (scene) => {
    const client = await connect(scene);
    const everyMs = Number(client.welcome['aliveEveryMs']);
    const patienceMs = 2.5 * everyMs;
    const times: number[] = [performance.now()];
    let last: Frame | null = null;
    for (let i = 0; i < 2; i += 1) {
      last = await client.line.take('alive', patienceMs);
      must(
        last !== null,
        `aliveEveryMs is ${everyMs}, and no alive came for ${patienceMs} ms: a client takes that for a lost connection`,
        'send alive every aliveEveryMs to every welcomed client, also when there is nothing to say',
      );
      times.push(performance.now());
    }
    const distance = (times[2] as number) - (times[1] as number);
    must(
      distance > everyMs / 4,
      `aliveEveryMs is ${everyMs}, and two alive came within ${Math.round(distance)} ms`,
      'send alive once per aliveEveryMs',
    );
    const next = Number(last?.['next']);
    const welcomedAt = Number(client.welcome['next']);
    const topic = topicsOf(scene.service).messages;
    const [end] = await scene.bus.bounds(topic, [client.session.partition]);
    must(
      next <= (end?.high ?? 0),
      `alive says next ${next}, and the log of partition ${client.session.partition} ends at ${end?.high}`,
      'say in alive no next beyond what you have delivered: a client takes it for what it has seen, and would miss what lies between',
    );
    must(
      typeof last?.['suspended'] === 'boolean' && next >= welcomedAt,
      `alive says next ${JSON.stringify(last?.['next'])}, suspended ${JSON.stringify(last?.['suspended'])}; welcome said next ${welcomedAt}`,
      'alive carries next, an offset as a string that never goes back, and suspended, true or false',
    );
    leave(client);
    return `two alive, ${Math.round(distance)} ms apart, next ${next}`;
  },
};

const devices: Check = {
  name: 'two-devices',
  section,
  expected: 'a user may have several clients, and each gets every message',
  run: async (scene) => {
    const phone = await connect(scene, { session: await newSession(scene, { client: 'phone' }) });
    const { user } = phone.session;
    const laptop = await connect(scene, {
      session: await newSession(scene, { user, client: 'laptop' }),
    });
    await pause(quietMs);
    must(
      phone.line.end() === null && laptop.line.end() === null,
      `two devices of a user: one has heard ${heardWords(phone.line)}, the other ${heardWords(laptop.line)}`,
      'keep a connection per (user, client), not per user',
    );
    if (scene.without.has('messages')) return 'both stay connected';
    const written = await write(scene, phone.session, ['both-1']);
    for (const { line, session } of [phone, laptop]) {
      const heard = await hears(line, written);
      must(
        same(heard, written),
        `a message at ${list(written)} came to ${session.client} as ${list(heard)}`,
        'deliver a message to every client of its recipient',
      );
    }
    leave(phone);
    leave(laptop);
    return `both got ${list(written)}`;
  },
};

const replaced: Check = {
  name: 'newer-session',
  section,
  expected:
    'a newer session of a user and client replaces the older: 4003, and closed before opened',
  run: async (scene) => {
    const old = await connect(scene);
    const { user, client } = old.session;
    await pause(5); // Session ids sort by milliseconds.
    const session = await newSession(scene, { user, client });
    const young = await connect(scene, { session });
    const told = await old.line.take('disconnect');
    const end = await old.line.ended();
    must(
      told?.['reason'] === 'replaced' && told['url'] === undefined && end?.code === 4003,
      `when a newer session of the same client was welcomed, the older got: ${heardWords(old.line)}`,
      'send the older one disconnect with reason replaced, without url, and close it with 4003',
    );
    const closed = await closedOf(scene, old.connection, 'a newer session came');
    const opened = scene.journal.sessions.find(
      ({ record }) => record['connection'] === young.connection && record['type'] === 'opened',
    );
    must(
      closed.offset < (opened?.offset ?? -1),
      `the closed of the older session is at ${closed.offset}, behind the opened of the newer at ${opened?.offset}`,
      'wait for the acknowledgement of closed of the older session before you append opened of the newer',
    );
    const line = await dial(scene, 'an older session');
    const frame = await greet(line, old.session.token, null);
    await line.ended();
    must(
      frame?.type === 'error' && frame['code'] === 'superseded',
      `the hello of the older session, while the newer is connected, was answered with: ${heardWords(line)}`,
      'refuse the hello of an older session with superseded: sid sorts by the time it was made, else compare iat',
    );
    must(
      young.line.end() === null && offsetsHeard(young.line).length === 0,
      `the newer session heard: ${heardWords(young.line)}`,
      'leave the newer session alone when an older one comes',
    );
    leave(young);
    return 'the older got replaced and 4003; coming again it is superseded';
  },
};

export const deliveryChecks: readonly Check[] = [
  delivery,
  lost,
  resume,
  truncated,
  alive,
  devices,
  replaced,
];
