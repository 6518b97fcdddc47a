// Owns: what may happen to a process: it begins to act, looks at its timers, stands still and goes
// on, ends, is started again.

import { instanceName } from '../../core/records.js';
import { copyOf } from './graph.js';
import { service } from './host.js';
import { consequences } from './moving.js';
import type { Moving } from './moving.js';
import { absent, gone, paused, running } from './world.js';

export function processMoves(moving: Moving): void {
  const { world, row } = moving;
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    const status = row[at.status];
    if (status === running) {
      begins(moving, slot);
      leaves(moving, slot);
      looksAtTimers(moving, slot);
      const env = world.spend(row[0] as number, 'pauses');
      if (env !== -1 && world.keepsLease(row, slot)) {
        moving.begin().set(0, env).set(at.status, paused);
        moving.done('pause', () => `${moving.name(slot)} stands still (SIGSTOP)`);
      }
    }
    if (status === paused) {
      moving.begin().set(at.status, running);
      moving.done('goes on', () => `${moving.name(slot)} goes on (SIGCONT)`);
    }
    if (status === running || status === paused) {
      const env = world.spend(row[0] as number, 'crashes');
      if (env === -1) continue;
      moving.begin().set(0, env).end(slot);
      moving.done('crash', () => `${moving.name(slot)} crashes`);
    }
  }
  restarts(moving);
}

function begins(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const { started } = world.hostOf(row[world.at(slot).host] as number);
  if (started || !world.isGood(row, slot)) return;
  moving.begin();
  const outcome = moving.host(slot, 'start', (host) => {
    host.start();
  });
  moving.done('begins', () => `${moving.name(slot)} begins to act${consequences(outcome)}`);
}

/** Told to end it hands over by itself, and ends when it holds nothing and nobody is connected. */
function leaves(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const facts = world.hostOf(row[world.at(slot).host] as number);
  if (facts.mayEnd) {
    moving.begin().end(slot);
    moving.done('has left', () => `${moving.name(slot)} holds nothing any more and ends`);
    return;
  }
  if (facts.leaving || !facts.started || !world.options.leaves.includes(facts.ordinal)) return;
  moving.begin();
  const outcome = moving.host(slot, 'leave', (host) => {
    host.leave();
  });
  const say = () => `${moving.name(slot)} is told to end${consequences(outcome)}`;
  moving.done('told to end', say);
}

/** Take-back, repeats and parked clients. */
function looksAtTimers(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const before = row[world.at(slot).host] as number;
  moving.begin();
  const outcome = moving.host(slot, 'clock', (host) => {
    host.driver.tick();
  });
  if (outcome.host === before && outcome.own.length === 0 && outcome.frames.length === 0) return;
  const repeats = outcome.own.some(({ partition }) => isOnItsWay(moving, slot, partition));
  if (repeats) {
    const env = world.spend(row[0] as number, 'repeats');
    if (env === -1) return;
    moving.set(0, env);
  }
  const say = () => `${moving.name(slot)} looks at its timers${consequences(outcome)}`;
  moving.done('timers', say);
}

/** Handed over, not read back: another copy of it would only make the log longer. */
function isOnItsWay({ world, row }: Moving, slot: number, partition: number): boolean {
  const at = world.at(slot);
  const { position, appending } = world.hostOf(row[at.host] as number);
  if (!appending.includes(partition)) return false;
  const isUnread = position < world.logs.get(row[1] as number).length;
  return isUnread || world.owns.get(row[at.own] as number).some(({ late }) => !late);
}

/** For a process that ended or stands still: a zombie may live on beside its successor. */
function restarts(moving: Moving): void {
  const { world, row } = moving;
  const env = world.spend(row[0] as number, 'restarts');
  if (env === -1) return;
  let place = -1;
  const newest = new Map<number, { readonly status: number; readonly lives: number }>();
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    const status = row[at.status] as number;
    if (status === absent) {
      place = slot;
      break;
    }
    const { ordinal } = world.hostOf(row[at.host] as number);
    newest.set(ordinal, { status, lives: (newest.get(ordinal)?.lives ?? 0) + 1 });
  }
  if (place === -1) return;
  const records = world.logs.get(row[1] as number).length;
  for (const [ordinal, { status, lives }] of newest) {
    if (status !== gone && status !== paused) continue;
    const incarnation = `${instanceName(service, ordinal)}#${lives + 1}`;
    const checkpoints = world.options.checkpoints ? records : 0;
    for (let checkpoint = 0; checkpoint <= checkpoints; checkpoint += 1) {
      const at = world.at(place);
      moving.begin().set(0, env).set(at.status, running);
      moving.set(at.host, newHost(moving, ordinal, incarnation, checkpoint));
      moving.set(at.lease, world.newLease(ordinal, incarnation));
      const from = checkpoint === 0 ? '' : `, from a checkpoint at ${checkpoint}`;
      moving.done('restart', () => `${incarnation} is started and reads the logs${from}`);
    }
  }
}

/** A fresh process that has read both logs up to the present, from their start or a checkpoint. */
function newHost(moving: Moving, ordinal: number, incarnation: string, checkpoint: number): number {
  const { world, row } = moving;
  const log = row[1] as number;
  const { control } = moving.env;
  return world.once(`nh${incarnation}|${log}|${checkpoint}|${control.join()}`, () => {
    const entries = world.rules.replay(world.recordsOf(log));
    const { partitions } = world.options;
    const { ownershipLog } = world.machines;
    let replica = ownershipLog(partitions);
    for (const [record, offset] of entries) {
      if (checkpoint > 0 && offset === checkpoint)
        replica = ownershipLog(partitions, copyOf(replica.snapshot()));
      replica.apply(record, offset);
    }
    const host = world.newHost(ordinal, incarnation, replica);
    for (const number of control) {
      const message = world.control[number];
      if (message !== undefined) host.readControl(message);
    }
    host.takeOut();
    return world.hosts.idOf(host);
  });
}
