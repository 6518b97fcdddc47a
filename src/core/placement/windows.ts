// What new instances take: windows of the line that begin and end inside ranges and swallow whole
// ranges between, because a window is one range of the new instance however many donors it spans.
// The best window first, by ranges saved and weight taken. Never takes more than is needed to bring
// new instances to their floor, and never brings a donor below its own.
import type { Compact } from './deal-compact.js';
import { fillFromPool, topUp } from './fill.js';
import { heapOf } from './heap.js';
import { isThere, none } from './line.js';
import { pairedBoundaries } from './pairs.js';
import { shed, shedHeavy } from './shed.js';
import { noWindow, windowHeap } from './window-heap.js';
import { windowSearch, type Window, type WindowSearch } from './window-search.js';

/** A range that a new instance has already counts as much as this share of what it needs. */
const rangeShare = 0.15;
/** Fewer windows are sooner searched again than set aside. */
const setAsideFrom = 4_096;
/** So many windows that begin too heavy for what is missing are tried. */
const unfitMax = 32;

export function takeWindows(c: Compact): void {
  const { bounds, epsilon } = c;
  const news = bounds.mean.flatMap((_, i) => (bounds.isNew[i] ? [i] : []));
  if (news.length === 0) return;
  shedHeavy(c);
  fillFromPool(c, news);
  const search = windowSearch(c, news);
  if (search.unit <= epsilon) return;
  takeBest(c, search, news);
  for (const i of news) topUp(c, i);
}

function takeBest(c: Compact, search: WindowSearch, news: readonly number[]): void {
  const { line, epsilon } = c;
  let heap = windowHeap(setAsideFrom);
  /** Windows that begin with a partition heavier than what donors may still give, and how much that is. */
  let resting = windowHeap(0);
  let restingAt: number | undefined;
  const putBack = ({ score, low, piece }: Window): void => {
    heap.push(score, low, piece);
  };
  const offer = (piece: number): void => {
    const window = piece === none ? undefined : search.at(piece, search.unit);
    if (window !== undefined) putBack(window);
  };
  const offerAll = (): void => {
    for (const piece of search.starts()) offer(piece);
  };
  /** Thousands of windows that nobody may give now are set aside, not searched again one by one. */
  const setAside = (): void => {
    if (restingAt !== undefined) {
      if (search.free() <= restingAt) return;
      heap.drain(resting, resting, () => true);
      [heap, resting] = [resting, heap];
      restingAt = undefined;
    }
    if (heap.size() < setAsideFrom || !search.isScarce()) return;
    restingAt = search.free();
    heap.drain(heap, resting, search.mayBeginAt);
  };
  /** What would have been chosen before, and could not be given, is given up. */
  const giveUpAbove = (score: number): void => {
    while (resting.topScore() > score) resting.pop();
  };
  /** Less than a partition is missing: the last one is chosen at the end. */
  const stalled = new Set<number>();
  const unfit: Window[] = [];
  const wish = (i: number): number =>
    search.need(i) / search.unit - rangeShare * (line.count[i] as number);
  const wishes = heapOf<readonly [i: number, wish: number]>((a, b) => a[1] - b[1] || b[0] - a[0]);
  for (const i of news) wishes.push([i, wish(i)]);
  /** Wishes only fall: the top is put back until it is up to date. */
  const neediest = (): number | undefined => {
    for (let top = wishes.pop(); top !== undefined; top = wishes.pop()) {
      const [i, before] = top;
      if (stalled.has(i) || search.need(i) <= epsilon) continue;
      wishes.push([i, wish(i)]);
      if (wish(i) >= before) return i;
    }
    return undefined;
  };

  const isOnlyRounding = (): boolean =>
    line.size >= setAsideFrom && news.every((i) => search.need(i) < search.partition);

  offerAll();
  let isRelaxed = false;
  let arePaired = !c.exact;
  for (let i = neediest(); i !== undefined; i = neediest()) {
    const piece = heap.pop();
    if (piece === noWindow) {
      if (isRelaxed) return;
      // Whole partitions did not come out even: first what must be given anyway, then from anybody.
      isRelaxed = true;
      resting.clear();
      restingAt = undefined;
      shed(c, 'pool');
      fillFromPool(c, news);
      search.relax();
      // For less than a partition each, thousands of windows are not searched: the last ones are chosen so.
      if (!isOnlyRounding()) offerAll();
      continue;
    }
    if (!isThere(line, piece)) continue;
    const fresh = search.at(piece, search.unit);
    if (fresh === undefined) continue;
    if (fresh.score < heap.topScore() - 1e-9) {
      putBack(fresh);
      continue;
    }
    giveUpAbove(fresh.score + 1e-9);
    if (!arePaired && fresh.saved === 0) {
      // Nothing is left to swallow: now who shares a window with whom decides how many there are.
      arePaired = true;
      takePairs(c, search, neediest);
      putBack(fresh);
      continue;
    }
    const window = search.at(piece, search.need(i));
    if (window === undefined) {
      // Its first partition is more than what is missing; another window may begin with a lighter one.
      unfit.push(fresh);
      if (unfit.length >= unfitMax || heap.size() === 0) {
        stalled.add(i);
        unfit.splice(0).forEach(putBack);
      }
      continue;
    }
    if (unfit.length > 0) unfit.splice(0).forEach(putBack);
    const own = search.take(window, i);
    setAside();
    offer(line.prev[own] as number);
    offer(own);
    offer(line.next[own] as number);
  }
}

function takePairs(
  { line }: Compact,
  search: WindowSearch,
  neediest: () => number | undefined,
): void {
  for (const piece of pairedBoundaries(line, search.due())) {
    const i = neediest();
    if (i === undefined) return;
    const window = isThere(line, piece) ? search.at(piece, search.need(i)) : undefined;
    if (window !== undefined) search.take(window, i);
  }
}
