// Owns: consistent hashing as services use it: a ring of virtual nodes; and the same with bounded
// loads (Mirrokni, Thorup, Zadimoghaddam: Consistent Hashing with Bounded Loads, 2016).
import { murmur2 } from '../../src/core/murmur2.js';
import type { Change } from '../plan/measures.js';
import type { Owners } from '../plan/owners.js';
import type { Peer } from './peer.js';

/** 100 to 200 is what libraries take. */
const virtualNodes = 128;
/** Room for an ordinal beside a 32-bit hash in a double. */
const ordinalsMax = 2 ** 16;
/** Least head-room of the bounded ring: with none it degenerates to a search for the last hole. */
const headRoomMin = 0.1;

const version = `own, ${virtualNodes} virtual nodes`;
const utf8 = new TextEncoder();

export const hashRing: Peer = {
  name: 'consistent hashing',
  version,
  stateful: false,
  assign: ({ partitions, instancesAfter }) => {
    const ring = ringOf(instancesAfter);
    const places = placesOf(partitions);
    const owners = new Int32Array(partitions);
    for (let p = 0; p < partitions; p += 1) {
      owners[p] = ownerAt(ring, pointOf(ring, places[p] as number));
    }
    return owners;
  },
};

export const boundedRing: Peer = {
  name: 'hashing, bounded load',
  version,
  stateful: false,
  assign: assignBounded,
};

function assignBounded({ partitions, instancesAfter, weights, tolerance }: Change): Owners {
  const ring = ringOf(instancesAfter);
  const places = placesOf(partitions);
  const total = weights?.reduce((a, b) => a + b, 0) ?? partitions;
  const capacity = Math.ceil((1 + Math.max(tolerance, headRoomMin)) * (total / instancesAfter));
  const load = new Float64Array(instancesAfter);
  const owners = new Int32Array(partitions);
  for (let p = 0; p < partitions; p += 1) {
    const weight = weights?.[p] ?? 1;
    const first = pointOf(ring, places[p] as number);
    let owner = ownerAt(ring, first);
    // Clockwise to the first instance with room; a partition that fits nowhere stays at the first.
    for (let step = 1; step < ring.length && (load[owner] ?? 0) + weight > capacity; step += 1) {
      owner = ownerAt(ring, (first + step) % ring.length);
    }
    load[owner] = (load[owner] ?? 0) + weight;
    owners[p] = owner;
  }
  return owners;
}

/** Virtual nodes as hash × ordinalsMax + ordinal, ascending. */
function ringOf(instances: number): Float64Array {
  return nodesOf(instances * virtualNodes)
    .slice(0, instances * virtualNodes)
    .sort();
}

// Neither hash ever changes, so a service computes it once; a plan must not pay for it here either.
let nodes = new Float64Array();
let allPlaces = new Float64Array();

function nodesOf(count: number): Float64Array {
  if (nodes.length < count) {
    nodes = Float64Array.from({ length: count }, (_, i) => {
      const ordinal = Math.floor(i / virtualNodes);
      return placeOf(`instance-${ordinal}#${i % virtualNodes}`) + ordinal;
    });
  }
  return nodes;
}

function placesOf(partitions: number): Float64Array {
  if (allPlaces.length < partitions) {
    allPlaces = Float64Array.from({ length: partitions }, (_, p) => placeOf(`partition-${p}`));
  }
  return allPlaces;
}

function placeOf(key: string): number {
  return murmur2(utf8.encode(key)) * ordinalsMax;
}

/** Index of the first virtual node clockwise from a place. */
function pointOf(ring: Float64Array, place: number): number {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ring[middle] as number) < place) low = middle + 1;
    else high = middle;
  }
  return low % ring.length;
}

function ownerAt(ring: Float64Array, point: number): number {
  return (ring[point] as number) % ordinalsMax;
}
