// Which donors share a window: a window at the boundary of two ranges is one range of the new instance
// and serves both owners, so the more owners are paired, the fewer pieces it gets. A matching of the
// owners that still must give, those with the fewest possible partners first (Karp and Sipser 1981).
// Takes nothing itself.
import { movablePieces, none, ownerAt, type Line } from './line.js';

/**
 * Pieces at whose upper end a pair meets, ascending; each owner is in one pair at most.
 * `owners`: who must give. O(R log R) for their R pieces.
 */
export function pairedBoundaries(line: Line, owners: readonly number[]): number[] {
  const partners = partnersOf(line, new Set(owners));
  const degree = new Map([...partners].map(([owner, of]) => [owner, of.size]));
  const byDegree: number[][] = [];
  const queue = (owner: number): void => {
    (byDegree[degree.get(owner) as number] ??= []).push(owner);
  };
  // Highest owner last in, first out of its bucket: the order is that of the line alone.
  for (const owner of [...partners.keys()].sort((a, b) => b - a)) queue(owner);
  const leave = (owner: number): void => {
    const own = partners.get(owner) as Map<number, number>;
    degree.delete(owner);
    for (const other of own.keys()) {
      const before = degree.get(other);
      if (before === undefined) continue;
      degree.set(other, before - 1);
      queue(other);
    }
  };
  const boundaries: number[] = [];
  for (let least = 1; least < byDegree.length;) {
    const owner = byDegree[least]?.pop();
    if (owner === undefined) {
      least += 1;
      continue;
    }
    if (degree.get(owner) !== least) continue; // Gone, or queued again with fewer partners.
    let best = none;
    for (const other of (partners.get(owner) as Map<number, number>).keys()) {
      const of = degree.get(other);
      if (of === undefined) continue;
      if (best === none || of < (degree.get(best) as number)) best = other;
    }
    boundaries.push((partners.get(owner) as Map<number, number>).get(best) as number);
    leave(owner);
    leave(best);
    least = 1;
  }
  return boundaries.sort((a, b) => (line.from[a] as number) - (line.from[b] as number));
}

/** Owner → owner of a range that touches one of its own → piece below that boundary. */
function partnersOf(
  line: Line,
  owners: ReadonlySet<number>,
): ReadonlyMap<number, Map<number, number>> {
  const partners = new Map<number, Map<number, number>>();
  const note = (a: number, b: number, piece: number): void => {
    const of = partners.get(a);
    if (of === undefined) partners.set(a, new Map([[b, piece]]));
    else if (!of.has(b)) of.set(b, piece);
  };
  for (const owner of owners) {
    for (const p of movablePieces(line, owner)) {
      const next = line.next[p] as number;
      const other = ownerAt(line, next);
      if (other === owner || !owners.has(other) || line.fixed[next] === 1) continue;
      note(owner, other, p);
      note(other, owner, p);
    }
  }
  return partners;
}
