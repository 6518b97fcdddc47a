// Owns: the partition space as the page draws it: pieces of one owner and one target, and who gives what
// to whom. Pure; where a service is cut finer than a screen can show, the picture is coarser, and the
// moves stay exact.

import { formatRanges, fromPartitions, type Range } from '../core/ranges.js';
import { consoleRangesMaxChars, consoleSegmentsMax } from './limits.js';
import type { Move, Segment } from './picture.js';

type Owned = Readonly<Record<string, readonly Range[]>>;

/** Per partition its owner by name; null for what nobody has, also under the name `nobody`. */
function byPartition(partitions: number, owned: Owned): (string | null)[] {
  const owners = new Array<string | null>(partitions).fill(null);
  for (const [name, ranges] of Object.entries(owned)) {
    if (name === 'nobody') continue;
    for (const [from, to] of ranges) owners.fill(name, from, to + 1);
  }
  return owners;
}

/** At most `consoleSegmentsMax` pieces: of more, each shows the first partition of what it covers. */
export function segmentsOf(partitions: number, owned: Owned, planned: Owned): readonly Segment[] {
  const owners = byPartition(partitions, owned);
  const targets = byPartition(partitions, planned);
  const exact = joined(owners, targets, 1);
  if (exact.length <= consoleSegmentsMax) return exact;
  return joined(owners, targets, Math.ceil(partitions / consoleSegmentsMax));
}

function joined(
  owners: readonly (string | null)[],
  targets: readonly (string | null)[],
  pitch: number,
): readonly Segment[] {
  const segments: [number, number, string | null, string | null][] = [];
  for (let p = 0; p < owners.length; p += pitch) {
    const to = Math.min(owners.length, p + pitch) - 1;
    const [owner, target] = [owners[p] ?? null, targets[p] ?? null];
    const last = segments.at(-1);
    if (last !== undefined && last[2] === owner && last[3] === target) last[1] = to;
    else segments.push([p, to, owner, target]);
  }
  return segments;
}

/** Who gives what to whom, most connections first. `clients`: connections per partition. */
export function movesOf(
  partitions: number,
  owned: Owned,
  planned: Owned,
  clients: ReadonlyMap<number, number>,
): readonly Move[] {
  const owners = byPartition(partitions, owned);
  const targets = byPartition(partitions, planned);
  const pairs = new Map<string, { from: string | null; to: string | null; of: number[] }>();
  targets.forEach((to, partition) => {
    const from = owners[partition] ?? null;
    if (from === to) return;
    const key = JSON.stringify([from, to]);
    const pair = pairs.get(key) ?? { from, to, of: [] };
    pair.of.push(partition);
    pairs.set(key, pair);
  });
  return [...pairs.values()]
    .map(({ from, to, of }) => ({
      from,
      to,
      partitions: of.length,
      clients: of.reduce((sum, partition) => sum + (clients.get(partition) ?? 0), 0),
      ranges: rangesText(fromPartitions(of)),
    }))
    .sort((a, b) => b.clients - a.clients || b.partitions - a.partitions);
}

export function rangesText(ranges: readonly Range[]): string {
  const text = formatRanges(ranges).slice(1, -1);
  if (text.length <= consoleRangesMaxChars) return text;
  return `${text.slice(0, consoleRangesMaxChars)}…`;
}
