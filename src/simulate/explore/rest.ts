// Owns: when a world has come to rest: whatever can be served is served by whom the plan names (or by
// who keeps it until it is told to go on), and every client of it is connected. What nobody there can mend does not count: a dead holder that nobody fences any more, a
// planned owner that nobody starts again.

import { ownerIn } from '../../core/handover/goal.js';
import { gone, paused, running } from './world.js';
import type { World } from './world.js';

/** Events that only happen when something goes wrong; a world must come to rest without more of them. */
const faults = new Set([
  ...['crash', 'pause', 'restart', 'control plane fences', 'sent twice'],
  ...['socket lost', 'patience lost', 'publishes', 'publishes again', 'says', 'removed'],
  'told to end',
]);

export const isFault = (kind: string): boolean => faults.has(kind);

export const stuck =
  'Bounded: something is stuck here: without another fault, a partition or a client is never served again';

export function isAtRest(world: World, row: Int32Array): boolean {
  const planned = plannedOwners(world, row);
  const living = new Set<number>();
  let served = 0;
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    const status = row[at.status];
    if (status === paused) return false;
    if (status !== running) continue;
    const { ordinal, speaksFor, keeps, leaving } = world.hostOf(row[at.host] as number);
    if (leaving) return false;
    living.add(ordinal);
    if (!world.isGood(row, slot)) continue;
    for (let p = 0; p < world.options.partitions; p += 1) {
      const asPlanned = planned[p] === ordinal || (keeps & (1 << p)) !== 0;
      if (asPlanned) served |= speaksFor & (1 << p);
    }
  }
  let beyondHelp = 0;
  planned.forEach((owner, p) => {
    if (!living.has(owner) || isLeftByTheDead(world, row, p, owner)) beyondHelp |= 1 << p;
  });
  if ((served | beyondHelp) !== (1 << world.options.partitions) - 1) return false;
  return world.options.clients.every(
    (p, client) => (beyondHelp & (1 << p)) !== 0 || isConnected(world, row, client),
  );
}

/** By the last revision that was published. */
function plannedOwners(world: World, row: Int32Array): readonly number[] {
  const { control } = world.envs.get(row[0] as number);
  const latest = control
    .map((number) => world.control[number])
    .findLast((message) => message?.type === 'distribution');
  const ranges = latest?.type === 'distribution' ? latest.ranges : [];
  return Array.from({ length: world.options.partitions }, (_, p) => ownerIn(ranges, p) ?? -1);
}

/** Its successor fences a dead holder; somebody else would have to be told to. */
function isLeftByTheDead(world: World, row: Int32Array, partition: number, owner: number): boolean {
  const holder = world.logOf(row[1] as number).replica.holderOf(partition);
  if (holder === null) return false;
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    if (row[at.status] !== gone) continue;
    const isHolder = world.incarnationAt(row, slot) === holder.incarnation;
    if (isHolder && owner !== world.hostOf(row[at.host] as number).ordinal) return true;
  }
  return false;
}

function isConnected(world: World, row: Int32Array, client: number): boolean {
  const { state, wires } = world.clients.get(row[world.firstClient + client] as number);
  const [wire] = wires;
  if (state.phase !== 'welcomed' || wire === undefined || wire.connection === null) return false;
  if (wire.frames.length > 0) return false;
  const at = world.at(wire.slot);
  if (row[at.status] !== running) return false;
  const { reading } = world.hostOf(row[at.host] as number);
  return reading.some(([connection]) => connection === wire.connection);
}
