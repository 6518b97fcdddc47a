// Owns: what may happen between an incarnation and the logs: an append lands, late or twice, a record
// is read, an acknowledgement comes back. Each at any time, in any order that one producer and one
// reader allow.

import type { OwnershipRecord } from '../../core/records.js';
import { inWords } from './control-messages.js';
import { consequences } from './moving.js';
import type { Moving } from './moving.js';
import { sessionsOutcome } from './sessions-part.js';
import { absent } from './world.js';

export function logMoves(moving: Moving): void {
  for (let slot = 0; slot < moving.world.slots; slot += 1) {
    if (moving.row[moving.world.at(slot).status] === absent) continue;
    ownershipLands(moving, slot);
    evidenceLands(moving, slot);
    if (!moving.isUp(slot)) continue;
    controlIsRead(moving, slot);
    ownershipIsRead(moving, slot);
    evidenceIsAcknowledged(moving, slot);
    partitionsAreRead(moving, slot);
    evidenceThatWaitedGoesOut(moving, slot);
  }
}

export function inShort(record: OwnershipRecord): string {
  return record.type === 'fenced'
    ? `\`fenced\` of ${record.incarnation}`
    : `\`${record.type}\` of p${record.partition} by ${record.incarnation}`;
}

/** Appends a record to the ownership log of the state after. */
export function landOwnership(moving: Moving, record: number): number {
  const { world } = moving;
  const before = moving.get(1);
  const after = world.once(`lo${before}|${record}`, () =>
    world.logs.idOf([...world.logs.get(before), record]),
  );
  moving.set(1, after);
  return world.logs.get(before).length;
}

function ownershipLands(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const at = world.at(slot);
  const own = row[at.own] as number;
  const items = world.owns.get(own);
  const first = items.findIndex(({ late }) => !late);
  items.forEach(({ record, late }, i) => {
    if (!late && i !== first) return;
    const say = (offset: number) => (): string => {
      const copy = late ? 'a second copy of ' : '';
      return `${copy}${inShort(world.records.get(record))} lands in the ownership log at ${offset}`;
    };
    const landed = () => ({ topic: 'ownership', value: world.records.get(record) }) as const;
    const rest = world.once(`ro${own}|${i}`, () =>
      world.owns.idOf(items.filter((_, other) => other !== i)),
    );
    moving.begin().set(at.own, rest);
    let offset = landOwnership(moving, record);
    moving.done(late ? 'late copy lands' : 'ownership lands', say(offset), landed);

    const env = late ? -1 : world.spend(row[0] as number, 'duplicates');
    if (env === -1) return;
    const again = world.once(`so${own}|${i}`, () =>
      world.owns.idOf([...items.filter((_, other) => other !== i), { record, late: true }]),
    );
    moving.begin().set(0, env).set(at.own, again);
    offset = landOwnership(moving, record);
    const twice = () => `${say(offset)()}, and a second copy of it is on its way`;
    moving.done('sent twice', twice, landed);
  });
}

function evidenceLands(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const at = world.at(slot);
  const evidence = row[at.evidence] as number;
  const items = world.evidences.get(evidence);
  const i = items.findIndex(({ landed }) => !landed);
  const item = items[i];
  if (item === undefined) return;
  const { record } = item;
  const isUp = moving.lives(slot);
  const rest = world.once(`re${evidence}|${isUp}`, () =>
    world.evidences.idOf(
      isUp
        ? items.map((one, other) => (other === i ? { record, landed: true } : one))
        : items.filter((_, other) => other !== i),
    ),
  );
  const { holders } = world.logOf(row[1] as number);
  const everHeld = holders.has(`${record.partition}|${record.incarnation}`);
  const sessions = row[2] as number;
  const { part, violation } = world.once(`ls${sessions}|${everHeld}|${evidence}|${i}`, () => {
    const outcome = sessionsOutcome(world.sessions.get(sessions), record, everHeld);
    return { ...outcome, part: world.sessions.idOf(outcome.part) };
  });
  moving.begin().set(at.evidence, rest).set(2, part).wrong(violation);
  moving.done(
    `${record.type} lands`,
    () =>
      `\`${record.type}\` of ${record.connection} by ${record.incarnation} lands in the sessions log`,
    () => ({ topic: 'sessions', value: record }),
  );
}

function controlIsRead(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const facts = world.hostOf(row[world.at(slot).host] as number);
  const number = moving.env.control[facts.controlAt];
  const message = number === undefined ? undefined : world.control[number];
  if (message === undefined) return;
  moving.begin();
  const outcome = moving.host(slot, `ctl${number}`, (host) => {
    host.readControl(message);
  });
  const say = () => `${moving.name(slot)} reads ${inWords(message)}${consequences(outcome)}`;
  moving.done('control is read', say);
}

function ownershipIsRead(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const { position } = world.hostOf(row[world.at(slot).host] as number);
  const number = world.logs.get(row[1] as number)[position];
  if (number === undefined) return;
  const record = world.records.get(number);
  moving.begin();
  const outcome = moving.host(slot, `own${position}:${number}`, (host) => {
    host.readOwnership(record, position);
  });
  moving.done('ownership is read', () => {
    const ends = moving.get(world.at(slot).status) === row[world.at(slot).status];
    const end = ends ? '' : ', and ends: it is fenced';
    return `${moving.name(slot)} reads ${inShort(record)}${consequences(outcome)}${end}`;
  });
}

function evidenceIsAcknowledged(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const at = world.at(slot);
  const evidence = row[at.evidence] as number;
  const items = world.evidences.get(evidence);
  const first = items[0];
  if (first?.landed !== true) return;
  const { type, connection, partition } = first.record;
  const rest = world.once(`ae${evidence}`, () => world.evidences.idOf(items.slice(1)));
  moving.begin().set(at.evidence, rest);
  const outcome = moving.host(slot, `ack${type}${connection}`, (host) => {
    host.driver.evidenceAcknowledged(type, connection, partition);
  });
  moving.done(
    `${type} acknowledged`,
    () =>
      `${moving.name(slot)}: \`${type}\` of ${connection} is acknowledged${consequences(outcome)}`,
  );
}

function partitionsAreRead(moving: Moving, slot: number): void {
  const { world, row } = moving;
  for (const partition of world.hostOf(row[world.at(slot).host] as number).warming) {
    moving.begin();
    const outcome = moving.host(slot, `warm${partition}`, (host) => {
      host.warmed(partition);
    });
    const say = () =>
      `${moving.name(slot)} has read p${partition} to its tail${consequences(outcome)}`;
    moving.done('warmed', say);
  }
}

function evidenceThatWaitedGoesOut(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const { evidenceWaits } = world.hostOf(row[world.at(slot).host] as number);
  if (!evidenceWaits || !world.isGood(row, slot)) return;
  moving.begin();
  const outcome = moving.host(slot, 'flush', (host) => {
    host.driver.suspend(false);
  });
  const say = () => `${moving.name(slot)} speaks again${consequences(outcome)}`;
  moving.done('evidence goes out', say);
}
