// What new instances take: windows of the line that begin and end inside ranges and swallow whole
// ranges between, because a window is one range of the new instance however many donors it spans.
// The best window first, by ranges saved and weight taken. Never takes more than is needed to bring
// new instances to their floor, and never brings a donor below its own.
import type { Compact } from './deal-compact.js';
import { give, isThere, none, pool, type Line } from './line.js';
import { fillFromPool, topUp } from './fill.js';
import { heapOf } from './heap.js';
import { pairedBoundaries } from './pairs.js';
import { shed } from './shed.js';
import { weightOf } from './situation.js';

interface Window {
  /** Partitions, inclusive. */
  readonly low: number;
  readonly high: number;
  readonly piece: number;
  readonly score: number;
  readonly saved: number;
}

/** What a whole range would be worth of which only a part is taken: a later window has less to take. */
const eatenWorth = 0.2;
/** A range more than this many on one instance makes swallowing one of its ranges worth two. */
const crowdedFrom = 4;

export function takeWindows(c: Compact): void {
  const { s, bounds, line, floor, ceiling, epsilon } = c;
  const news = bounds.mean.flatMap((_, i) => (bounds.isNew[i] ? [i] : []));
  if (news.length === 0) return;
  for (const i of news) fillFromPool(c, i);
  const need = (i: number): number => (floor[i] as number) - (line.weight[i] as number);
  const over = (i: number): number =>
    Math.max(0, (line.weight[i] as number) - (ceiling[i] as number));
  let extra = news.reduce((sum, i) => sum + Math.max(0, need(i)), 0);
  const unit = extra / news.length;
  if (unit <= epsilon) return;
  extra = Math.max(0, extra - line.weight.reduce((sum, _, i) => sum + over(i), 0));

  // Rounding up to whole partitions needs some of what is taken beyond what must be given.
  const due = new Set(line.weight.flatMap((_, i) => (over(i) > epsilon ? [i] : [])));
  const rounding = s.load.uniform
    ? 0
    : (2 * weightOf(s.load, [[0, s.partitions - 1]])) / s.partitions;

  const used = line.weight.map(() => 0);
  let touched: number[] = [];
  let usedExtra = 0;
  const use = (owner: number, weight: number): void => {
    if (used[owner] === 0) touched.push(owner);
    const before = Math.max(0, (used[owner] as number) - over(owner));
    used[owner] = (used[owner] as number) + weight;
    usedExtra += Math.max(0, used[owner] - over(owner)) - before;
  };
  const allowed = (owner: number): number => {
    const spent = used[owner] as number;
    const can = (line.weight[owner] as number) - (floor[owner] as number) - spent;
    const free = Math.max(0, extra - usedExtra - rounding * due.size);
    return Math.min(can, Math.max(0, over(owner) - spent) + free);
  };
  /** The window around the end of a piece, as wide as its donors and `room` allow. */
  const windowAt = (piece: number, room: number): Window | undefined => {
    let left = room;
    let saved = 0;
    let must = 0;
    let eaten = 0;
    let above = 0;
    const start = line.to[piece] as number;
    let [low, high] = [start + 1, start];
    const grow = (from: number, up: boolean): void => {
      for (let p = from; p !== none && left > epsilon;) {
        const owner = line.owner[p] as number;
        if (owner === pool || line.fixed[p] || bounds.isNew[owner]) return;
        const mine = Math.min(left, allowed(owner));
        const lost = over(owner) - (used[owner] as number);
        const can =
          (line.weight[owner] as number) - (floor[owner] as number) - (used[owner] as number);
        const most = Math.max(0, extra - usedExtra) + c.spare;
        const [first, last] = [line.from[p] as number, line.to[p] as number];
        const count = countAt(c, p, up, { mine, lost, can, left, above: most });
        if (count === 0) return;
        const taken = up ? s.load.of(first, first + count - 1) : s.load.of(last - count + 1, last);
        must += Math.min(Math.max(0, lost), taken);
        above += taken * ((line.weight[owner] as number) / (ceiling[owner] as number) - 1);
        use(owner, taken);
        left -= taken;
        if (up) high = first + count - 1;
        else low = last - count + 1;
        if (count < last - first + 1) {
          eaten += count / (last - first + 1);
          return;
        }
        saved += (line.count[owner] as number) > crowdedFrom ? 2 : 1;
        p = (up ? line.next[p] : line.prev[p]) as number;
      }
    };
    grow(piece, false);
    grow(line.next[piece] as number, true);
    for (const owner of touched) used[owner] = 0;
    touched = [];
    usedExtra = 0;
    if (low > high) return undefined;
    const weighed = 3 * (room - left) + 3 * must + c.levelling * above;
    const score = saved + eatenWorth * eaten + weighed / unit;
    return { low, high, piece, score, saved };
  };

  const heap = heapOf<Window>((a, b) => a.score - b.score || b.low - a.low);
  const offer = (piece: number): void => {
    if (piece === none) return;
    const window = windowAt(piece, unit);
    if (window !== undefined) heap.push(window);
  };
  const offerAll = (): void => {
    for (let p = 0; p !== none; p = line.next[p] as number) offer(p);
  };
  const stalled = new Set<number>();
  const neediest = (): number | undefined => {
    let best: number | undefined;
    let bestScore = -Infinity;
    for (const i of news) {
      if (stalled.has(i) || need(i) <= epsilon) continue;
      const score = need(i) / unit - 0.15 * (line.count[i] as number);
      if (score > bestScore + 1e-9) [best, bestScore] = [i, score];
    }
    return best;
  };
  const take = (window: Window, i: number): number => {
    const weight = s.load.of(window.low, window.high);
    const donors = spanOwners(line, window);
    const sum = (): number => donors.reduce((all, k) => all + over(k), 0);
    const before = sum();
    const own = takeSpan(line, window, i);
    extra -= weight - (before - sum());
    if (extra < 0) [extra, c.spare] = [0, Math.max(0, c.spare + extra)];
    for (const k of donors) if (over(k) <= epsilon) due.delete(k);
    return own;
  };
  offerAll();
  let relaxed = false;
  let paired = !c.exact;
  for (let i = neediest(); i !== undefined; i = neediest()) {
    const top = heap.pop();
    if (top === undefined) {
      if (relaxed) break;
      // Whole partitions did not come out even: first what must be given anyway, then from anybody.
      relaxed = true;
      shed(c, 'pool');
      let k = neediest();
      while (k !== undefined && fillFromPool(c, k)) k = neediest();
      extra = Infinity;
      offerAll();
      continue;
    }
    if (!isThere(line, top.piece)) continue;
    const fresh = windowAt(top.piece, unit);
    if (fresh === undefined) continue;
    const next = heap.top();
    if (next !== undefined && fresh.score < next.score - 1e-9) {
      heap.push(fresh);
      continue;
    }
    if (!paired && fresh.saved === 0) {
      paired = true;
      for (const piece of pairedBoundaries(line, (k) => over(k) > epsilon)) {
        const k = neediest();
        const w = k !== undefined && isThere(line, piece) ? windowAt(piece, need(k)) : undefined;
        if (k !== undefined && w !== undefined) take(w, k);
      }
      heap.push(fresh);
      continue;
    }
    const now = windowAt(top.piece, need(i));
    if (now === undefined) {
      // Less than a partition is missing: the last one is chosen at the end.
      stalled.add(i);
      heap.push(fresh);
      continue;
    }
    const own = take(now, i);
    offer(line.prev[own] as number);
    offer(own);
    offer(line.next[own] as number);
  }
  for (const i of news) topUp(c, i);
}

/**
 * How many partitions from the near end of a piece: those that weigh at most `mine`, and one more
 * where that rounds up what the donor must lose, or what a new instance needs and the donor must
 * lose anyway.
 */
function countAt(
  { s, line, epsilon }: Compact,
  piece: number,
  up: boolean,
  limits: Readonly<Record<'mine' | 'lost' | 'can' | 'left' | 'above', number>>,
): number {
  const [first, last] = [line.from[piece] as number, line.to[piece] as number];
  const weigh = (count: number): number =>
    up ? s.load.of(first, first + count - 1) : s.load.of(last - count + 1, last);
  const size = last - first + 1;
  const { mine, lost, can, left, above } = limits;
  if (weigh(size) <= mine + epsilon) return size;
  const count = (up ? s.load.fitLow : s.load.fitHigh)(first, last, mine + epsilon);
  if (s.load.uniform) return count;
  const next = weigh(count + 1);
  if (mine >= left - epsilon) return next <= lost + epsilon ? count + 1 : count;
  const covers = lost > weigh(count) + epsilon && next > lost && lost <= left + epsilon;
  return covers && next <= can && next <= left && next - lost <= above ? count + 1 : count;
}

function spanOwners(line: Line, { low, high, piece }: Window): number[] {
  let p = piece;
  while ((line.from[p] as number) > low) p = line.prev[p] as number;
  const owners = new Set<number>();
  for (; p !== none && (line.from[p] as number) <= high; p = line.next[p] as number) {
    if ((line.to[p] as number) >= low) owners.add(line.owner[p] as number);
  }
  return [...owners];
}

/** Gives low..high, which may span many pieces, to a new instance. */
function takeSpan(line: Line, { low, high, piece }: Window, receiver: number): number {
  let p = piece;
  while ((line.from[p] as number) > low) p = line.prev[p] as number;
  if ((line.to[p] as number) < low) p = line.next[p] as number;
  let at = low;
  let own = p;
  while (at <= high) {
    const to = Math.min(line.to[p] as number, high);
    own = give(line, p, at, to, receiver);
    at = to + 1;
    p = line.next[own] as number;
  }
  return own;
}
