// Owns: one contiguous range for each instance, cut evenly by count, or by weight where there are
// weights. What a range assignor does; also the balanced start of most cases.
import type { Peer } from './peer.js';

export const evenRanges: Peer = {
  name: 'even ranges',
  version: 'own',
  stateful: false,
  assign: ({ partitions, instancesAfter, weights }) => {
    const total = weights?.reduce((a, b) => a + b, 0) ?? partitions;
    const owners = new Int32Array(partitions);
    let before = 0;
    for (let p = 0; p < partitions; p += 1) {
      const weight = weights?.[p] ?? 1;
      // A partition belongs where its middle lies.
      const at = ((before + weight / 2) * instancesAfter) / total;
      owners[p] = Math.min(instancesAfter - 1, Math.floor(at));
      before += weight;
    }
    return owners;
  },
};
