// Owns: the form in which distributions of every planner are compared: the owner of each partition.
// Ranges and plans are turned into it outside of the time that is measured. Decides nothing.
import type { Ranges } from '../../src/core/ranges.js';

/** Partition → ordinal of its instance. */
export type Owners = Int32Array;

/** Ordinal → its ranges, sorted and joined. */
export function rangesOf(owners: Owners, instances: number): Ranges[] {
  const ranges: [number, number][][] = Array.from({ length: instances }, () => []);
  let from = 0;
  for (let p = 1; p <= owners.length; p += 1) {
    if (p < owners.length && owners[p] === owners[from]) continue;
    ranges[owners[from] as number]?.push([from, p - 1]);
    from = p;
  }
  return ranges;
}

/** As a StatefulSet names its pods. */
export function nameOf(ordinal: number): string {
  return `messaging-${ordinal}`;
}

/** -1 where nobody owns. */
export function ownersOf(partitions: number, instances: Readonly<Record<string, Ranges>>): Owners {
  const owners = new Int32Array(partitions).fill(-1);
  for (const [name, ranges] of Object.entries(instances)) {
    const ordinal = Number(name.slice(name.lastIndexOf('-') + 1));
    for (const [from, to] of ranges) owners.fill(ordinal, from, to + 1);
  }
  return owners;
}

/** Throws unless every partition is owned by one of the ordinals 0..instances-1. */
export function assertTiling(who: string, owners: Owners, partitions: number, instances: number) {
  if (owners.length !== partitions) {
    throw new Error(`${who} answered ${owners.length} of ${partitions} partitions`);
  }
  const wrong = owners.findIndex((owner) => owner < 0 || owner >= instances);
  if (wrong >= 0) throw new Error(`${who} gave partition ${wrong} to ${owners[wrong] ?? '?'}`);
}
