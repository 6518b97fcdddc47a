// Mistakes of a life: its lease, its fences, whom it lets in, what it believes of the control plane.

import { randomUUID } from 'node:crypto';
import type { Instance } from '../../../../src/instance/api.js';
import type { Bus } from '../../../../src/ports.js';
import { tampered, typeOf, valueOf, type FrameSeam, type Mistake } from '../mistake.js';

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

/** Sockets that are cut where unavailable should be said. */
const withoutAWord = (): FrameSeam => ({
  toClient: (frame) => (frame['code'] === 'unavailable' ? [] : [frame]),
  closeCode: (code) => (code === 4503 ? 1006 : code),
});

/** Heartbeats that come too early are not written, as if nobody had thought of them yet. */
const beatsEvery =
  (everyMs: number) =>
  (bus: Bus): Bus => {
    let waiting: Promise<unknown> = Promise.resolve();
    let unwritten = 0;
    return tampered(bus, {
      append: async (records, append) => {
        if (!records.some((record) => typeOf(record) === 'alive')) return append(records);
        if (unwritten > 0) return records.map(() => 0);
        unwritten += 1;
        await waiting;
        waiting = new Promise((resolve) => setTimeout(resolve, everyMs));
        unwritten -= 1;
        return append(records);
      },
    });
  };

export const instanceMistakes: readonly Mistake[] = [
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
  {
    name: 'acknowledges no fence',
    caughtBy: 'obeys-a-fence',
    says: /fence of \S+ stands in \S+ at \d+, and 10 s later no fence-acknowledged of it does/,
    bus: (bus) =>
      tampered(bus, {
        append: (records, append) =>
          records.some((record) => typeOf(record) === 'fence-acknowledged')
            ? new Promise(() => undefined)
            : append(records),
      }),
  },
  {
    name: 'ends with 0 when it was fenced',
    caughtBy: 'obeys-a-fence',
    says: /fenced, the program ended with status 0/,
    exitCode: () => 0,
  },
  {
    name: 'ends with 1 for wrong settings',
    caughtBy: 'refuses-wrong-settings',
    says: /started with EVENKEEL_PARTITIONS=none, and ended with status 1$/,
    exitCode: (code) => (code === 2 ? 1 : code),
  },
  {
    name: 'ends with 1 when it was fenced',
    caughtBy: 'silent-after-its-lease',
    says: /fenced, the program ended with status 1/,
    mend: /end with exit status 3 when you are fenced/,
    exitCode: (code) => (code === 3 ? 1 : code),
  },
  {
    name: 'ends without a word when it was fenced',
    caughtBy: 'obeys-a-fence',
    says: /fenced, it ended, and a client of it heard: .*close 1006/,
    mend: /a fenced instance says error unavailable to every client, closes with 4503/,
    frames: withoutAWord,
  },
  {
    name: 'ends without a word when its lease ran out',
    after: ['silent-after-its-lease'],
    caughtBy: 'closing',
    says: /\(kit\), in the check silent-after-its-lease: .*close 1006/,
    mend: /a fenced instance says error unavailable to every client, closes with 4503/,
    frames: withoutAWord,
  },
  {
    name: 'beats every 900 ms',
    caughtBy: 'heartbeats',
    says: /heartbeats of \S+ came in 5 s, most of them \d+ ms apart/,
    mend: /whoever is silent for 0.9 s/,
    bus: beatsEvery(900),
  },
  {
    name: 'parks for ever',
    caughtBy: 'parking-ends',
    says: /was not released; a client of it was parked, and \d+ ms later it still is/,
    instance: (instance): Instance => ({
      ...instance,
      admit: (identity, revision, connection) => {
        // Nobody is asked again: what is not held at once is waited for without an end.
        if (instance.maySpeak(identity.partition)) instance.admit(identity, revision, connection);
      },
    }),
  },
  {
    name: 'parks nobody',
    caughtBy: 'parking-ends',
    says: /a client of partition \d+ was told unavailable after \d+ ms/,
    instance: (instance): Instance => ({
      ...instance,
      admit: (identity, revision, connection) => {
        if (instance.maySpeak(identity.partition)) instance.admit(identity, revision, connection);
        else connection.refuse('unavailable', 'nobody holds the partition just now');
      },
    }),
  },
];
