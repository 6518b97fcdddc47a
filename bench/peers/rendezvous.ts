// Owns: rendezvous hashing (highest random weight; Thaler and Ravishankar, 1998).
import type { Peer } from './peer.js';

/** Every partition asks every instance: a million partitions and 5 000 instances are 5 × 10⁹. */
const hashesMax = 20_000_000;

export const rendezvous: Peer = {
  name: 'rendezvous hashing',
  version: 'own',
  stateful: false,
  refuses: ({ partitions, instancesAfter }) =>
    partitions * instancesAfter > hashesMax
      ? `would need ${(partitions * instancesAfter).toExponential(0)} hashes a plan`
      : undefined,
  assign: ({ partitions, instancesAfter }) => {
    const owners = new Int32Array(partitions);
    for (let p = 0; p < partitions; p += 1) {
      let best = -1;
      for (let i = 0; i < instancesAfter; i += 1) {
        const score = mix(Math.imul(p + 1, 0x9e3779b1) ^ mix(i + 1));
        if (score <= best) continue;
        best = score;
        owners[p] = i;
      }
    }
    return owners;
  },
};

/** The finalizer of MurmurHash3. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
