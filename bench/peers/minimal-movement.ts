// Owns: the obvious way to move the fewest partitions: whoever has more than its share by count gives
// its highest partitions, and they are dealt in ascending order. Knows neither weights nor ranges.
import type { Owners } from '../plan/owners.js';
import type { Peer } from './peer.js';

export const minimalMovement: Peer = {
  name: 'naive minimal movement',
  version: 'own',
  stateful: true,
  assign: ({ partitions, instancesAfter }, before) => {
    const room = roomOf(partitions, instancesAfter, before);
    const owners = before.slice();
    for (let p = 0; p < partitions; p += 1) {
      const owner = owners[p] as number;
      if (owner >= instancesAfter) owners[p] = -1;
      else if (owner >= 0) room[owner] = (room[owner] as number) - 1;
    }
    for (let p = partitions - 1; p >= 0; p -= 1) {
      const owner = owners[p] as number;
      if (owner < 0 || (room[owner] as number) >= 0) continue;
      owners[p] = -1;
      room[owner] = (room[owner] as number) + 1;
    }
    let receiver = 0;
    for (let p = 0; p < partitions; p += 1) {
      if ((owners[p] as number) >= 0) continue;
      while ((room[receiver] as number) <= 0) receiver += 1;
      owners[p] = receiver;
      room[receiver] = (room[receiver] as number) - 1;
    }
    return owners;
  },
};

/** Share of each instance: those that have most get the larger ones, so that the fewest move. */
function roomOf(partitions: number, instances: number, before: Owners): Int32Array {
  const count = new Int32Array(instances);
  for (const owner of before) {
    if (owner >= 0 && owner < instances) count[owner] = (count[owner] as number) + 1;
  }
  const share = Math.floor(partitions / instances);
  const room = new Int32Array(instances).fill(share);
  const most = [...count.keys()].sort((a, b) => (count[b] as number) - (count[a] as number));
  for (const i of most.slice(0, partitions % instances)) room[i] = share + 1;
  return room;
}
