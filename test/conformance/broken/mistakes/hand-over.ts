// Mistakes of who gives and takes partitions: records, words to clients, waves, hold.

import type { Bus, InRecord } from '../../../../src/ports.js';
import { tampered, typeOf, valueOf, type Mistake } from '../mistake.js';

/** Control messages that `isHit` are read as if they said this. */
function control(isHit: (said: Readonly<Record<string, unknown>>) => boolean, other: object) {
  return (topic: string, record: InRecord): InRecord => {
    const said = valueOf(record);
    if (!topic.endsWith('.control') || !isHit(said)) return record;
    return { ...record, value: JSON.stringify({ ...said, ...other }) };
  };
}

/** Whoever takes no notice of a part of the pace. */
const withPace = (pace: object): Pick<Mistake, 'bus'> => ({
  bus: (bus: Bus) =>
    tampered(bus, {
      read: (topic, record) => {
        const said = valueOf(record);
        if (!topic.endsWith('.control') || typeof said['pace'] !== 'object') return record;
        return {
          ...record,
          value: JSON.stringify({ ...said, pace: { ...said['pace'], ...pace } }),
        };
      },
    }),
});

/** What stood in a log of messages before it was first asked where that ends is unread. */
function readsNothingBack(bus: Bus): Bus {
  const ends = new Map<number, number>();
  return {
    ...tampered(bus, {
      read: (topic, record) =>
        topic.endsWith('.messages') && record.offset < (ends.get(record.partition) ?? 0)
          ? { ...record, value: '{}' }
          : record,
    }),
    windowStarts: async (topic, windowMs, partitions) => {
      const windows = await bus.windowStarts(topic, windowMs, partitions);
      for (const [partition, { high }] of windows) {
        if (!ends.has(partition)) ends.set(partition, high);
      }
      return windows;
    },
  };
}

export const handOverMistakes: readonly Mistake[] = [
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
    name: 'closes without a disconnect',
    caughtBy: 'gives',
    says: /its partition was given away, and the client heard: .*close 4001/,
    running: {
      caughtBy: 'gives-to-another',
      says: /a client of partition \d+, which went to \S+, heard: welcome(, alive)*, close 4001/,
    },
    frames: () => ({ toClient: (frame) => (frame['type'] === 'disconnect' ? [] : [frame]) }),
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
    name: 'gives everything at once',
    caughtBy: 'wave-size',
    says: /clientsPerWave is 2, partition \d+ with 2 clients was released, and nobody has acquired it yet: /,
    ...withPace({ clientsPerWave: 1_000, partitionsPerWave: 1_000, acceptPerSecond: 1_000_000 }),
  },
  {
    name: 'counts clients and no partitions',
    caughtBy: 'wave-size',
    says: /partitionsPerWave is 2, and partitions \d+ \d+ are on their way: partition \d+ was released as well/,
    ...withPace({ partitionsPerWave: 1_000 }),
  },
  {
    name: 'gives on before the receiver has welcomed its clients',
    caughtBy: 'wave-pace',
    says: /acceptPerSecond is 1, 3 clients of partition \d+ were sent on, and those of \d+ followed \d+ ms later/,
    ...withPace({ acceptPerSecond: 1_000_000 }),
  },
  {
    name: 'gives on while on hold',
    caughtBy: 'hold',
    says: /hold was said when partition \d+ had been released, and then it was acquired: (partition \d+ was released as well|a client of partition \d+ heard .*moved)/,
    bus: (bus) =>
      tampered(bus, { read: control((said) => said['type'] === 'hold', { type: 'report' }) }),
  },
  {
    name: 'does not go on after resume',
    caughtBy: 'hold',
    says: /was given away by revision \d+, and no valid released of it came/,
    bus: (bus) =>
      tampered(bus, { read: control((said) => said['type'] === 'resume', { type: 'report' }) }),
  },
  {
    name: 'keeps what it took back after resume',
    caughtBy: 'takes-back',
    says: /partition \d+ was released and taken back, and after resume no second released of it came within 15 s/,
    mend: /a partition that was taken back is of no wave: give it away again after resume/,
    bus: (bus) =>
      tampered(bus, { read: control((said) => said['type'] === 'resume', { type: 'report' }) }),
  },
  {
    name: 'answers no prepare',
    caughtBy: 'receives',
    says: /prepare of \S+ gives \S+ a partition, and no document of it came to the collection warmed/,
    rule: /^§10 Warming: /,
    answersNoPrepare: true,
  },
  {
    name: 'reads nothing back of what comes to it',
    caughtBy: 'receives',
    says: /a message stands at (\d+) and once more at (\d+) of partition \d+, .* got \d+ \2$/,
    rule: /^§3, 10 of the same message within 120 s the first copy counts/,
    bus: readsNothingBack,
  },
  {
    name: 'says no url in acquired',
    caughtBy: 'ownership-records',
    says: /acquired of partition \d+ at offset \d+ says no url, and clients reach \S+ at ws:/,
    rule: /^§4 acquired has a url, too/,
    bus: (bus) =>
      tampered(bus, {
        append: (records, append) =>
          append(
            records.map((record) => {
              if (typeOf(record) !== 'acquired') return record;
              const { url: _, ...rest } = valueOf(record);
              return { ...record, value: JSON.stringify(rest) };
            }),
          ),
      }),
  },
  {
    name: 'reports nothing that it took back',
    caughtBy: 'takes-back',
    says: /partition \d+ was taken back, and the report of \S+ names as takenBack \[\]/,
    report: (report) => ({ ...report, takenBack: [] }),
  },
  {
    name: 'counts nobody who goes',
    caughtBy: 'reports-moves',
    says: /one client was told moved under revision \d+, and moves of the report says \[/,
    report: (report) => ({
      ...report,
      moves: report.moves.map((moves) => ({ ...moves, left: 0 })),
    }),
  },
  {
    name: 'reports no histogram of gaps',
    caughtBy: 'reports-moves',
    says: /one client came with revision \d+ and said moved with gapMs 137, and moves of the report says \{/,
    report: (report) => ({
      ...report,
      moves: report.moves.map((moves) => ({ ...moves, gaps: '' })),
    }),
  },
  {
    name: 'counts who came back by itself as told to move',
    caughtBy: 'reports-planned',
    says: /a client came back by itself \(told null, gapMs 151\), and planned counts it: gaps of 61 97 151 193 241$/,
    rule: /^§10 planned, where moves of the report has it, counts who was told to move/,
    report: (report) => ({
      ...report,
      moves: report.moves.map(({ planned: _, ...all }) => {
        const { arrived, gaps } = all;
        return { ...all, planned: { arrived, gaps } };
      }),
    }),
  },
  {
    name: 'counts as told only who echoes a revision',
    caughtBy: 'reports-planned',
    says: /a client was told to move \(told says so, gapMs 61\), and planned lacks it: gaps of 97 241$/,
    frames: () => ({
      toServer: (frame) => {
        if (frame['type'] !== 'moved') return [frame];
        const { told: _, ...rest } = frame;
        return [rest];
      },
    }),
  },
];
