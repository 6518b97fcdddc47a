// Owns: what is wrong with a state of an explored world, by the names of the invariants. What can only
// be seen when something happens (a connection opened twice, a message lost) is found where it happens.

import { running, paused } from './world.js';
import type { World } from './world.js';

export function violationOf(world: World, row: Int32Array): string | null {
  return twoOwners(world, row) ?? log(world, row) ?? twoMeanings(world, row) ?? clients(world, row);
}

/** Who stands still speaks when it goes on, so it counts like everybody else. */
function twoOwners(world: World, row: Int32Array): string | null {
  let all = 0;
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    const status = row[at.status];
    if (status !== running && status !== paused) continue;
    const { speaksFor, forgotten } = world.hostOf(row[at.host] as number);
    if (forgotten !== null)
      return `Bounded: ${forgotten} is left waiting although its partition is served`;
    if (!world.isGood(row, slot)) continue;
    if ((all & speaksFor) !== 0) return ownersInWords(world, row, all & speaksFor);
    all |= speaksFor;
  }
  return null;
}

function ownersInWords(world: World, row: Int32Array, shared: number): string {
  const partition = 31 - Math.clz32(shared);
  const owners: string[] = [];
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    const status = row[at.status];
    if ((status !== running && status !== paused) || !world.isGood(row, slot)) continue;
    const facts = world.hostOf(row[at.host] as number);
    if ((facts.speaksFor & (1 << partition)) !== 0) owners.push(facts.incarnation);
  }
  return `SingleOwner: ${owners.join(' and ')} may deliver for p${partition}`;
}

function log(world: World, row: Int32Array): string | null {
  return world.logOf(row[1] as number).backwards;
}

/** One number, one content, wherever it is in force. */
function twoMeanings(world: World, row: Int32Array): string | null {
  const contents = new Map<number, string>();
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    if (row[at.status] !== running) continue;
    const { goal } = world.hostOf(row[at.host] as number);
    if (goal === null) continue;
    const other = contents.get(goal.revision);
    if (other !== undefined && other !== goal.hash)
      return `Monotone: revision ${goal.revision} means two things at once`;
    contents.set(goal.revision, goal.hash);
  }
  return null;
}

function clients(world: World, row: Int32Array): string | null {
  for (let client = 0; client < world.options.clients.length; client += 1) {
    const { wires } = world.clients.get(row[world.firstClient + client] as number);
    if (wires.filter(({ welcomed }) => welcomed).length > 1)
      return `SingleSession: client c${client} is welcomed on two sockets at once`;
  }
  return null;
}
