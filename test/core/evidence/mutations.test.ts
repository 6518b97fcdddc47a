// Evidence of a clean history, spoilt in one place at a time, consistently: offsets stay without
// holes and every `prev` names the record that it named. Each harmful change must show.
import { describe, expect, it } from 'vitest';
import type { EvidenceRecord, EvidenceReport } from '../../../src/core/evidence/types.js';
import { seeded } from '../../support/seeded.js';
import { checkRecords, evidenceScript } from './evidence-script.js';

type Value = Record<string, unknown>;
type Edit = (records: EvidenceRecord[], at: number) => EvidenceRecord[];

const instances = ['A', 'B', 'C'];
const users = 12;
const partitionCount = 4;

/** Grows, shrinks, crashes and reconnects of a service that keeps the rules; leases included. */
function cleanHistory(seed: number): readonly EvidenceRecord[] {
  const random = seeded(seed);
  const log = evidenceScript();
  const leases: Value[][] = instances.map(() => []);
  const lives = new Map(instances.map((name) => [name, 1]));
  const owner = Array.from({ length: partitionCount }, (_, p) => ({
    name: instances[p % 3] as string,
    last: 0,
  }));
  const connected = new Map<number, string>();
  const lifeOf = (name: string) => `${name}${lives.get(name)}`;
  let connections = 0;
  let revision = 1;
  let nowMs = 1_000;
  owner.forEach((own, p) => (own.last = log.acquired(p, lifeOf(own.name), revision, null)));
  const open = (user: number) => {
    const p = user % partitionCount;
    connections += 1;
    connected.set(user, `c${connections}`);
    const incarnation = lifeOf((owner[p] as { name: string }).name);
    log.opened(p, `u${user}/phone`, `c${connections}`, incarnation, revision);
  };
  const close = (user: number, reason: string) => {
    const p = user % partitionCount;
    const connection = connected.get(user);
    if (connection === undefined) return;
    connected.delete(user);
    const incarnation = lifeOf((owner[p] as { name: string }).name);
    log.closed(p, `u${user}/phone`, connection, incarnation, reason);
  };
  const usersOf = (p: number) =>
    Array.from({ length: users }, (_, user) => user).filter((user) => user % partitionCount === p);
  for (let step = 0; step < 60; step += 1) {
    log.at((nowMs += 10 + random.below(50)));
    const what = random.below(10);
    const user = random.below(users);
    if (what < 5) {
      if (!connected.has(user)) open(user);
    } else if (what < 6) close(user, 'bye');
    else if (what < 9) {
      const p = random.below(partitionCount);
      const own = owner[p] as { name: string; last: number };
      const to = random.pick(instances.filter((name) => name !== own.name));
      const back = usersOf(p).filter((of) => connected.has(of));
      revision += 1;
      for (const of of back) close(of, 'moved');
      const released = log.released(p, lifeOf(own.name), revision, own.last);
      own.last = log.acquired(p, lifeOf(to), revision, released);
      own.name = to;
      log.at((nowMs += 30));
      for (const of of back) open(of);
    } else {
      const name = random.pick(instances);
      const dead = lifeOf(name);
      const lease = leases[instances.indexOf(name)] as Value[];
      lease.push({ type: 'fence', incarnation: dead, by: 'saga' });
      lease.push({ type: 'fence-acknowledged', incarnation: dead });
      for (let p = 0; p < partitionCount; p += 1) log.fencedFor(p, dead);
      log.fenced(dead);
      lives.set(name, (lives.get(name) ?? 0) + 1);
      owner.forEach((own, p) => {
        if (own.name !== name) return;
        for (const of of usersOf(p)) connected.delete(of);
        own.last = log.acquired(p, lifeOf(name), revision, own.last);
      });
    }
  }
  // A quiet end: everybody goes.
  for (let user = 0; user < users; user += 1) close(user, 'bye');
  const leaseRecords = leases.flatMap((values, partition) =>
    values.map((value, offset): EvidenceRecord => ({
      topic: 's.leases',
      partition,
      offset,
      timestamp: 1_000,
      value,
    })),
  );
  // Instances are called s-A: the partition of their leases is found by a number.
  const renamed = log.records().map((record) => ({ ...record, value: named(record.value) }));
  return [...leaseRecords, ...renamed];
}

function named(value: unknown): Value {
  const fields = value as Value;
  const ordinal = instances.indexOf(String(fields['incarnation'])[0] ?? '');
  return { ...fields, instance: `s-${ordinal}` };
}

/** Offsets without holes again, and `prev` following the record that it named. */
function renumbered(records: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  const ends = new Map<string, number>();
  const moved = new Map<number, number>();
  const numbered = records.map((record) => {
    const log = `${record.topic}/${record.partition}`;
    const offset = ends.get(log) ?? 0;
    ends.set(log, offset + 1);
    if (record.topic === 's.ownership' && !moved.has(record.offset)) {
      moved.set(record.offset, offset);
    }
    return { ...record, offset };
  });
  return numbered.map((record) => {
    const prev = (record.value as Value)['prev'];
    if (record.topic !== 's.ownership' || typeof prev !== 'string') return record;
    const to = moved.get(Number(prev)) ?? Number(prev);
    return { ...record, value: { ...(record.value as Value), prev: String(to) } };
  });
}

const change =
  (fields: (value: Value) => Value): Edit =>
  (records, at) =>
    records.map((record, i) => {
      if (i !== at) return record;
      const value = record.value as Value;
      return { ...record, value: { ...value, ...fields(value) } };
    });
const drop: Edit = (records, at) => records.filter((_, i) => i !== at);
const repeatAs =
  (fields: (value: Value) => Value): Edit =>
  (records, at) => {
    const record = records[at] as EvidenceRecord;
    const value = record.value as Value;
    const copy = { ...record, value: { ...value, ...fields(value) } };
    return [...records.slice(0, at + 1), copy, ...records.slice(at + 1)];
  };
const stranger = () => ({ instance: 's-7', incarnation: 'Z9' });

/** Whom each change touches, what it does, and how it must show beside a plain violation. */
const harmful: readonly [name: string, topic: string, type: string, edit: Edit][] = [
  ['a closed is missing', 's.sessions', 'closed', drop],
  ['an opened is missing', 's.sessions', 'opened', drop],
  ['an opened by a stranger', 's.sessions', 'opened', change(stranger)],
  ['a closed by a stranger', 's.sessions', 'closed', change(stranger)],
  [
    'an opened again, elsewhere',
    's.sessions',
    'opened',
    repeatAs((value) => ({ ...stranger(), connection: `${String(value['connection'])}x` })),
  ],
  ['an opened of another user', 's.sessions', 'opened', change(() => ({ user: 'mallory' }))],
  ['a closed of another client', 's.sessions', 'closed', change(() => ({ client: 'tablet' }))],
  ['a closed of another connection', 's.sessions', 'closed', change(() => ({ connection: 'c0' }))],
  ['an opened before any revision', 's.sessions', 'opened', change(() => ({ revision: 0 }))],
  ['an opened in another partition', 's.sessions', 'opened', change(() => ({ partition: 48 }))],
  ['an opened of a newer type', 's.sessions', 'opened', change(() => ({ type: 'resumed' }))],
  ['a sessions record spoilt', 's.sessions', 'closed', change(() => ({ revision: 'one' }))],
  ['an acquired is missing', 's.ownership', 'acquired', drop],
  ['an acquired by a stranger', 's.ownership', 'acquired', change(stranger)],
  ['an acquired on a forged prev', 's.ownership', 'acquired', change(() => ({ prev: '0' }))],
  ['an acquired of a newer type', 's.ownership', 'acquired', change(() => ({ type: 'lent' }))],
  ['a released by a stranger', 's.ownership', 'released', change(stranger)],
  ['a fence of sessions of a stranger', 's.sessions', 'fenced', change(stranger)],
  ['a fence without its lease record', 's.leases', 'fence', drop],
  ['a fence without its acknowledgement', 's.leases', 'fence-acknowledged', drop],
];

/** What a reader of the report would notice, compared with the report of the clean history. */
function shows(report: EvidenceReport, clean: EvidenceReport): boolean {
  return (
    !report.ok ||
    report.unclosed > clean.unclosed ||
    JSON.stringify(report.ownershipGaps) !== JSON.stringify(clean.ownershipGaps)
  );
}

/** Changes that no reader could know to be one: who is told nothing of the difference. */
function isHarmless(name: string, records: readonly EvidenceRecord[], at: number): boolean {
  const { topic, partition, value } = records[at] as EvidenceRecord;
  const { incarnation, partition: p } = value as Value;
  const after = records.slice(at + 1);
  if (topic === 's.ownership') {
    // Nobody was connected to the partition from then on.
    const { timestamp } = records[at] as EvidenceRecord;
    return !records.some((record) => {
      const fields = record.value as Value;
      const isOpened = fields['type'] === 'opened' && fields['partition'] === p;
      return isOpened && record.timestamp > timestamp;
    });
  }
  if (topic !== 's.sessions') return false;
  if (name.includes('fence of sessions')) {
    // The dead incarnation had nobody there.
    const open = new Set<unknown>();
    for (const record of records.slice(0, at)) {
      if (record.topic !== topic || record.partition !== partition) continue;
      const fields = record.value as Value;
      if (fields['incarnation'] !== incarnation) continue;
      if (fields['type'] === 'opened') open.add(fields['connection']);
      if (fields['type'] === 'closed') open.delete(fields['connection']);
    }
    return open.size === 0;
  }
  // Connections of a fenced incarnation end at the fence, with or without a `closed`.
  const isFencedLater = after.some((record) => {
    const fields = record.value as Value;
    const same = record.topic === topic && record.partition === partition;
    return same && fields['type'] === 'fenced' && fields['incarnation'] === incarnation;
  });
  return isFencedLater && !name.includes('stranger') && !name.includes('elsewhere');
}

describe('a clean history, spoilt in one place', () => {
  const seeds = [11, 12, 13, 14, 15, 16];
  const histories = seeds.map((seed) => ({ seed, records: cleanHistory(seed) }));

  it('is clean to begin with', () => {
    for (const { seed, records } of histories) {
      const report = checkRecords(records, 64);
      expect(report, `seed ${seed}`).toMatchObject({ ok: true, void: 0, truncated: false });
      expect(checkRecords(renumbered(records), 64), `seed ${seed}`).toEqual(report);
    }
  });

  for (const [name, topic, type, edit] of harmful) {
    it(`${name}: it shows`, () => {
      let tried = 0;
      for (const { seed, records } of histories) {
        const clean = checkRecords(records, 64);
        records.forEach((record, at) => {
          if (record.topic !== topic || (record.value as Value)['type'] !== type) return;
          if (isHarmless(name, records, at)) return;
          const spoilt = renumbered(edit([...records], at));
          const report = checkRecords(spoilt, 64);
          tried += 1;
          expect(
            shows(report, clean),
            `seed ${seed}, record ${at}: ${JSON.stringify(record)}`,
          ).toBe(true);
        });
      }
      expect(tried).toBeGreaterThan(5);
    });
  }
});
