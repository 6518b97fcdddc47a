// The deliberate mistakes, each with the check that must find it and the sentence that it must say.

import { randomUUID } from 'node:crypto';
import type { Instance } from '../../../src/instance/api.js';
import { hasty, tampered, valueOf, type Frame, type Mistake } from './mistake.js';

const typeOf = (record: { readonly value: string | null }): unknown => valueOf(record)['type'];

const ofTheLogs: readonly Mistake[] = [
  {
    name: 'welcomes before its opened is acknowledged',
    caughtBy: 'welcome',
    says: /was welcomed when the log ended at \d+, and its opened came later/,
    bus: (bus) => hasty((record) => typeOf(record) === 'opened', bus),
  },
  {
    name: 'releases before its closed are acknowledged',
    after: ['gives'],
    caughtBy: 'evidence',
    says: /was released at offset \d+ of the ownership log, and closed of connection .* came \d+ ms later/,
    bus: (bus) => hasty((record) => typeOf(record) === 'closed', bus),
  },
  {
    name: 'opens a newer session before the older is closed',
    caughtBy: 'newer-session',
    says: /the closed of the older session is at \d+, behind the opened of the newer/,
    bus: (bus) => hasty((record) => typeOf(record) === 'closed', bus),
  },
  {
    name: 'obeys a lower epoch',
    caughtBy: 'stale-orders',
    says: /after a distribution of epoch 6, after one of epoch 7 the instance holds .* instead of/,
    bus: (bus) =>
      tampered(bus, {
        read: (topic, record) =>
          topic.endsWith('.control')
            ? { ...record, value: JSON.stringify({ ...valueOf(record), epoch: 1 }) }
            : record,
      }),
  },
  {
    name: 'releases without prev',
    caughtBy: 'gives',
    says: /no valid released of it came/,
    bus: (bus) =>
      tampered(bus, {
        append: (records, append) =>
          append(
            records.map((record) =>
              typeOf(record) === 'released'
                ? { ...record, value: JSON.stringify({ ...valueOf(record), prev: null }) }
                : record,
            ),
          ),
      }),
  },
  {
    name: 'takes nothing back',
    caughtBy: 'takes-back',
    says: /was released at offset \d+, nobody acquired it, and 15 s later nobody holds it/,
    bus: (bus) => {
      const given = new Set<unknown>();
      return tampered(bus, {
        append: (records, append) => {
          for (const record of records) {
            if (typeOf(record) === 'released') given.add(valueOf(record)['partition']);
          }
          const isTakeBack = records.some(
            (record) => typeOf(record) === 'acquired' && given.has(valueOf(record)['partition']),
          );
          return isTakeBack ? new Promise(() => undefined) : append(records);
        },
      });
    },
  },
  {
    name: 'fences no predecessor',
    caughtBy: 'restarts',
    says: /was killed and started again, and .* it has taken 0 of its 8 partitions again/,
    bus: (bus) =>
      tampered(bus, {
        append: (records, append) =>
          records.some((record) => typeOf(record) === 'fence')
            ? new Promise(() => undefined)
            : append(records),
      }),
  },
  {
    name: 'accepts before Kafka has acknowledged',
    caughtBy: 'send',
    says: /accepted named offset \d+ of partition \d+, and the log ended at \d+ then/,
    bus: (bus) => hasty(({ topic }) => topic.endsWith('.messages'), bus),
  },
];

/** Whose lease goes by its own clock: from the acknowledgement of a heartbeat, whatever it reads back. */
function leaseByTheClock(): Pick<Mistake, 'bus' | 'instance'> {
  let goodUntilMs = 0;
  const good = (): boolean => performance.now() < goodUntilMs;
  return {
    bus: (bus) =>
      tampered(bus, {
        append: async (records, append) => {
          const offsets = await append(records);
          if (records.some((record) => typeOf(record) === 'alive')) {
            goodUntilMs = performance.now() + 2_000;
          }
          return offsets;
        },
      }),
    instance: (instance) => ({ ...instance, maySpeak: good, leaseGood: good }),
  };
}

const ofTheEvidence: readonly Mistake[] = [
  {
    name: 'logs no closed of a lost socket',
    caughtBy: 'lost-connection',
    says: /no closed of connection \S+ came within 10 s after its socket was lost/,
    bus: (bus) =>
      tampered(bus, {
        append: (records, append) =>
          records.some((record) => valueOf(record)['reason'] === 'lost')
            ? new Promise(() => undefined)
            : append(records),
      }),
  },
];

const ofTheInstance: readonly Mistake[] = [
  {
    name: 'goes on speaking after its lease has lapsed',
    caughtBy: 'silent-after-its-lease',
    says: /its lease ran out, others took its partitions; when it went on it sent (message|accepted)/,
    instance: (instance) => ({ ...instance, maySpeak: () => true, leaseGood: () => true }),
  },
  {
    name: 'renews its lease by a clock instead of a read-back',
    caughtBy: 'silent-after-its-lease',
    says: /its lease ran out, others took its partitions; when it went on it sent (message|accepted)|was written to Kafka/,
    ...leaseByTheClock(),
  },
  {
    name: 'welcomes whoever comes',
    caughtBy: 'redirect',
    says: /a client of partition \d+, which .* holds, was answered with: .*welcome/,
    instance: (instance): Instance => ({
      ...instance,
      maySpeak: () => true,
      admit: (identity, revision, connection) => {
        if (instance.maySpeak(identity.partition)) instance.admit(identity, revision, connection);
        else connection.welcome({ connection: randomUUID(), revision: revision ?? 1 });
      },
    }),
  },
  {
    name: 'counts with another P',
    caughtBy: 'welcome',
    says: /which the instance holds, was answered with: error bad-token/,
    // So many that hardly any user has the same partition by both: with 16, one in sixteen had.
    partitions: 7_919,
  },
];

const ofTheFrames: readonly Mistake[] = [
  {
    name: 'gives a repeated send a new offset',
    caughtBy: 'send-repeated',
    says: /one send, repeated on its connection and after a reconnect, was accepted at \d+ \d+ \d+/,
    frames: () => ({
      toServer: (frame) => [
        frame['type'] === 'send'
          ? { ...frame, id: `${String(frame['id'])}#${randomUUID()}` }
          : frame,
      ],
      toClient: (frame) => [
        frame['type'] === 'accepted' ? { ...frame, id: String(frame['id']).split('#')[0] } : frame,
      ],
    }),
  },
  {
    name: 'computes partitions by another hash',
    caughtBy: 'send',
    says: /was accepted on partition \d+; its partition is \d+/,
    frames: () => ({
      toClient: (frame) => [
        frame['type'] === 'accepted'
          ? { ...frame, partition: (Number(frame['partition']) + 1) % 15 }
          : frame,
      ],
    }),
  },
  {
    name: 'closes without a disconnect',
    caughtBy: 'gives',
    says: /its partition was given away, and the client heard: .*close 4001/,
    frames: () => ({ toClient: (frame) => (frame['type'] === 'disconnect' ? [] : [frame]) }),
  },
  {
    name: 'delivers a message twice after a resume',
    caughtBy: 'resume',
    says: /a client came back with next \d+, when .* had been written .* it got (\d+) \1 /,
    frames: () => {
      let resumed = false;
      return {
        toServer: (frame) => {
          if (frame['type'] === 'hello' && frame['next'] !== null) resumed = true;
          return [frame];
        },
        toClient: (frame) => {
          if (!resumed || frame['type'] !== 'message') return [frame];
          resumed = false;
          return [frame, frame];
        },
      };
    },
  },
  {
    name: 'speaks before the welcome',
    after: ['welcome'],
    caughtBy: 'order-of-frames',
    says: /alive came before welcome/,
    frames: () => ({
      toServer: (frame, tellClient) => {
        const early: Frame = { type: 'alive', next: '0', suspended: false };
        if (frame['type'] === 'hello') tellClient(early);
        return [frame];
      },
    }),
  },
  {
    name: 'closes with another code of the range',
    caughtBy: 'bad-token',
    says: /a token with no JWT was told bad-token, and the socket closed with 4400/,
    frames: () => ({ closeCode: (code) => (code === 4401 ? 4400 : code) }),
  },
  {
    name: 'says in alive a next that nobody was given',
    caughtBy: 'alive',
    says: /alive says next \d+, and the log of partition \d+ ends at \d+/,
    frames: () => ({
      toClient: (frame) => [
        frame['type'] === 'alive'
          ? { ...frame, next: String(Number(frame['next']) + 1_000) }
          : frame,
      ],
    }),
  },
  {
    name: 'says in disconnect a next that was delivered already',
    caughtBy: 'gives',
    says: /the disconnect says next "\d+", and \d+ is the first offset that the client has not seen/,
    frames: () => ({
      toClient: (frame) => [frame['type'] === 'disconnect' ? { ...frame, next: '0' } : frame],
    }),
  },
  {
    name: 'welcomes at the end of the log who comes back',
    caughtBy: 'resume',
    says: /a client came back with next \d+, which the log has, and was welcomed with next \d+/,
    frames: () => ({
      toClient: (frame) => [
        frame['type'] === 'welcome' ? { ...frame, next: String(Number(frame['next']) + 3) } : frame,
      ],
    }),
  },
  {
    name: 'welcomes with another partition',
    caughtBy: 'welcome',
    says: /the welcome of a client of partition \d+ is not whole: partition is \d+/,
    frames: () => ({
      toClient: (frame) => [
        frame['type'] === 'welcome'
          ? { ...frame, partition: (Number(frame['partition']) + 1) % 15 }
          : frame,
      ],
    }),
  },
  {
    name: 'says no alive',
    caughtBy: 'alive',
    says: /no alive came for 10000 ms/,
    frames: () => ({ toClient: (frame) => (frame['type'] === 'alive' ? [] : [frame]) }),
  },
  {
    name: 'refuses fields that it does not know',
    caughtBy: 'frames-of-64-kib',
    says: /a field that is not in the protocol was answered with: error bad-frame/,
    frames: () => ({
      toServer: (frame) => [frame['futureField'] === undefined ? frame : { type: 'unknown' }],
    }),
  },
];

export const mistakes: readonly Mistake[] = [
  ...ofTheLogs,
  ...ofTheEvidence,
  ...ofTheInstance,
  ...ofTheFrames,
];
