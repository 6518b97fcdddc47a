// Contiguous shares of the pool for instances that own nothing: of a piece that is worth k of them each
// of k gets one part, so that no more ranges are made than there are receivers. What is worth no whole
// number of them stays in the pool. Never takes from anybody.
import type { Compact } from './deal-compact.js';
import { give, pieceWeight, poolPieces } from './line.js';

/** The first distribution: contiguous, in order, each its share, cut at the nearest partition. */
export function dealFirst(c: Compact): void {
  const owners = c.bounds.mean.map((_, i) => i);
  cutPiece(c, 0, owners, c.bounds.mean);
}

/** What is dealt is between floor and ceiling of its receiver but for whole partitions. */
export function dealShares(c: Compact): void {
  const { bounds, line, floor, ceiling, epsilon } = c;
  const news = bounds.mean.flatMap((_, i) => (bounds.isNew[i] && line.count[i] === 0 ? [i] : []));
  const pieces = poolPieces(line);
  const sum = (of: readonly number[], count: number): number =>
    news.slice(at, at + count).reduce((all, i) => all + (of[i] as number), 0);
  let at = 0;
  const perMean =
    pieces.reduce((all, piece) => all + pieceWeight(line, piece), 0) /
    sum(bounds.mean, news.length);
  let dealtMeans = 0;
  let passed = 0;
  for (const piece of pieces) {
    const weight = pieceWeight(line, piece);
    passed += weight;
    // As many as bring all that was passed, in means, nearest to what it weighs.
    let count = 0;
    let ahead = passed / perMean - dealtMeans;
    for (; at + count < news.length; count += 1) {
      const mean = bounds.mean[news[at + count] as number] as number;
      if (ahead < mean / 2) break;
      ahead -= mean;
    }
    while (count > 0 && sum(floor, count) > weight + epsilon) count -= 1;
    while (
      at + count < news.length &&
      sum(ceiling, count) < weight - epsilon &&
      sum(floor, count + 1) <= weight + epsilon
    )
      count += 1;
    const owners = news.slice(at, at + count);
    const means = sum(bounds.mean, count);
    cutPiece(
      c,
      piece,
      owners,
      owners.map((i) =>
        Math.min(ceiling[i] as number, ((bounds.mean[i] as number) * weight) / means),
      ),
    );
    at += count;
    dealtMeans += means;
  }
}

/** Consecutive parts of a piece, each cut at the partition nearest to where its share ends. */
function cutPiece(
  c: Compact,
  piece: number,
  owners: readonly number[],
  shares: readonly number[],
): void {
  const { s, line, epsilon } = c;
  const begin = line.from[piece] as number;
  const last = line.to[piece] as number;
  const isAll =
    shares.reduce((a, b) => a + b, 0) >= pieceWeight(line, piece) * (1 - 1e-9) - epsilon;
  let until = 0;
  let from = begin;
  let rest = piece;
  owners.forEach((owner, k) => {
    until += shares[k] as number;
    const wanted = until - s.load.of(begin, from - 1);
    const isLast = isAll && k === owners.length - 1;
    let to = isLast ? last : from + s.load.fitLow(from, last, wanted + epsilon) - 1;
    if (to < last && !isLast) {
      const below = wanted - s.load.of(from, to);
      if (s.load.at(to + 1) - below < below - epsilon) to += 1;
    }
    if (to < from || from > last) return;
    // Giving may replace the columns: they are read afterwards.
    const own = give(line, rest, from, to, owner);
    rest = line.next[own] as number;
    from = to + 1;
  });
}
