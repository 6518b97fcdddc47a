// What a client sends: accepted once Kafka has it, and once only. Section 2.

import { partitionOf } from '../../core/murmur2.js';
import { topicsOf } from '../../logs/topics.js';
import { must, type Check } from '../check.js';
import { connect, hears, leave, type Welcomed } from '../connect.js';
import { heardWords, type Frame } from '../line.js';
import { held, newSession, newUser } from '../scene.js';
import { list, same } from './delivery.js';

const section = '2';

/** Sends and takes the answer. Throws Broken when none comes. */
async function accepted(client: Welcomed, frame: object): Promise<Frame> {
  client.line.say({ type: 'send', ...frame });
  const answer = await client.line.takeAny(['accepted', 'error']);
  must(
    answer?.type === 'accepted',
    `a send ${JSON.stringify(frame)} was answered with: ${heardWords(client.line)}`,
    'write it to the partition of its recipient and answer accepted with id, partition and offset',
  );
  return answer;
}

const send: Check = {
  name: 'send',
  section,
  expected: 'accepted says partition and offset of a record that Kafka has acknowledged',
  of: 'send',
  run: async (scene) => {
    const [from, to] = await Promise.all([connect(scene), connect(scene)]);
    const id = `s-${scene.run}`;
    const answer = await accepted(from, { id, to: to.session.user, body: 'hello' });
    const partition = partitionOf(to.session.user, scene.partitions);
    const topic = topicsOf(scene.service).messages;
    // Asked for right after `accepted`: what is not below the end now was not acknowledged then.
    const [end] = await scene.bus.bounds(topic, [partition]);
    const offset = Number(answer['offset']);
    must(
      answer['partition'] === partition,
      `a send to ${to.session.user} was accepted on partition ${JSON.stringify(answer['partition'])}; its partition is ${partition}`,
      'compute (murmur2(utf8(key)) & 0x7fffffff) mod P of the recipient, with the murmur2 and the seed of Kafka',
    );
    must(
      offset < (end?.high ?? 0),
      `accepted named offset ${String(answer['offset'])} of partition ${partition}, and the log ended at ${end?.high} then`,
      'say accepted only when Kafka has acknowledged the record with acks=all: what is not in the log yet may be lost',
    );
    const [record] = await scene.bus.readRange(topic, partition, offset, offset + 1, 1);
    const value = JSON.parse(record?.value ?? '{}') as Record<string, unknown>;
    const wrong = Object.entries({
      id,
      from: from.session.user,
      client: from.session.client,
      to: to.session.user,
      body: 'hello',
    }).filter(([field, wanted]) => value[field] !== wanted);
    must(
      wrong.length === 0 &&
        record?.key === to.session.user &&
        typeof value['sentAtMs'] === 'number',
      `at partition ${partition}, offset ${offset} stands ${record?.value ?? 'nothing'} with key ${String(record?.key)}`,
      'write {"id","from","client","to","body","sentAtMs"} with the recipient as key, and say its offset',
    );
    if (!scene.without.has('messages')) {
      const heard = await hears(to.line, [offset]);
      must(
        same(heard, [offset]),
        `the recipient got ${list(heard)} of the message at ${offset}`,
        'deliver what is written to the partition to every client of its recipient',
      );
    }
    leave(from);
    leave(to);
    return `accepted at partition ${partition}, offset ${offset}, where it stands in Kafka`;
  },
};

const repeat: Check = {
  name: 'send-repeated',
  section,
  expected:
    'a send that is repeated with the same id is answered with the first offset, written once',
  of: 'send',
  run: async (scene) => {
    const session = await newSession(scene);
    const to = newUser(scene, held(scene));
    const partition = partitionOf(to, scene.partitions);
    const frame = { id: `again-${scene.run}`, to, body: 'once' };
    const client = await connect(scene, { session });
    const first = await accepted(client, frame);
    const second = await accepted(client, frame);
    client.line.cut();
    const back = await connect(scene, { session, next: String(client.welcome['next']) });
    const third = await accepted(back, frame);
    const offsets = [first, second, third].map((answer) => String(answer['offset']));
    must(
      new Set(offsets).size === 1,
      `one send, repeated on its connection and after a reconnect, was accepted at ${list(offsets)}`,
      'remember the offset of every id of a (user, client) for 60 s and more, over reconnects, and answer a repeat with it',
    );
    const topic = topicsOf(scene.service).messages;
    const [end] = await scene.bus.bounds(topic, [partition]);
    const from = Number(offsets[0]);
    const records = await scene.bus.readRange(topic, partition, from, end?.high ?? from, 1_000);
    const copies = records.filter(({ value }) => value?.includes(frame.id));
    must(
      copies.length === 1,
      `one send, repeated twice, stands ${copies.length} times in partition ${partition}`,
      'write a repeated send once',
    );
    back.line.say({ type: 'send', ...frame, to: newUser(scene, held(scene)) });
    const error = await back.line.take('error');
    must(
      error?.['code'] === 'bad-frame',
      `an id that was used for another recipient was answered with: ${heardWords(back.line)}`,
      'an id that was used for another recipient is a bad-frame',
    );
    return `accepted at ${offsets[0]} three times, written once; the id for another recipient is a bad-frame`;
  },
};

export const sendChecks: readonly Check[] = [send, repeat];
