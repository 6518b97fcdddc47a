// Owns: leases, and the passage of time: heartbeats are sent, land and are read, each as late as it
// likes; one unit of time passes for everybody.

import type { Moving } from './moving.js';
import { absent, running } from './world.js';

export function timeMoves(moving: Moving): void {
  for (let slot = 0; slot < moving.world.slots; slot += 1) leaseMoves(moving, slot);
  timePasses(moving);
}

function leaseMoves(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const at = world.at(slot);
  const status = row[at.status];
  if (status === absent || !world.keepsLease(row, slot)) return;
  const lease = row[at.lease] as number;
  const facts = world.leaseOf(lease);
  if (facts.sends) {
    moving.begin().set(at.lease, world.lease(lease, 'land'));
    moving.done('lease record lands', () => `a lease record of ${moving.name(slot)} lands`);
  }
  if (status !== running) return;
  if (!facts.ended && facts.heartbeats < world.options.heartbeatsUnderWay) {
    const after = world.lease(lease, 'beat');
    if (after !== -1) {
      moving.begin().set(at.lease, after);
      moving.done('heartbeat', () => `${moving.name(slot)} sends a heartbeat`);
    }
  }
  if (!facts.unread) return;
  const after = world.lease(lease, 'read');
  moving.begin().set(at.lease, after);
  const { ended, good } = world.leaseOf(after);
  if (ended) {
    moving.end(slot);
    moving.done(
      'fence is read',
      () => `${moving.name(slot)} reads its fence: it is silent, says so and ends`,
    );
  } else {
    const now = good ? 'may speak' : 'may not speak, it was sent too long ago';
    moving.done('heartbeat is read', () => `${moving.name(slot)} reads its heartbeat: ${now}`);
  }
}

function timePasses(moving: Moving): void {
  const { world, row } = moving;
  moving.begin();
  for (let slot = 0; slot < world.slots; slot += 1) {
    if (!moving.lives(slot)) continue;
    const at = world.at(slot);
    moving.set(at.host, world.elapsed('h', world.hosts, row[at.host] as number));
    if (world.keepsLease(row, slot))
      moving.set(at.lease, world.elapsed('l', world.leases, row[at.lease] as number));
  }
  for (let i = world.firstFence; i < world.width; i += 1) {
    if (row[i] !== 0) moving.set(i, world.elapsed('f', world.fences, row[i] as number));
  }
  moving.done('time passes', () => 'one unit of time passes');
}
