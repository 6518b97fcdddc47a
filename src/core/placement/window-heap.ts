// A binary heap of windows, the best on top: the highest score, of as high ones the lowest first partition.
// In columns, which hold no object for each of thousands of windows. Owns nothing else.

export interface WindowHeap {
  readonly push: (score: number, low: number, piece: number) => void;
  /** Takes the top out; answers its piece, or {@link noWindow}. */
  readonly pop: () => number;
  /** Score of the top; -Infinity where there is none. */
  readonly topScore: () => number;
  readonly size: () => number;
  /** Moves all into others, in no order: into `chosen` those whose piece it says, into `rest` the others. */
  readonly drain: (
    chosen: WindowHeap,
    rest: WindowHeap,
    isChosen: (piece: number) => boolean,
  ) => void;
  readonly clear: () => void;
}

export const noWindow = -1;

/** `room`: so many windows fit before the columns grow. */
export function windowHeap(room: number): WindowHeap {
  let scores = new Float64Array(room);
  let lows = new Int32Array(room);
  let pieces = new Int32Array(room);
  let count = 0;

  const put = (at: number, score: number, low: number, piece: number): void => {
    scores[at] = score;
    lows[at] = low;
    pieces[at] = piece;
  };
  const copy = (to: number, from: number): void => {
    put(to, scores[from] as number, lows[from] as number, pieces[from] as number);
  };
  /** Whether the one at a place stands above what is given. Scores that are no numbers are as high as any. */
  const isAbove = (at: number, score: number, low: number): boolean => {
    const higher = (scores[at] as number) - score;
    return higher > 0 || (!(higher < 0) && (lows[at] as number) < low);
  };
  const grow = (): void => {
    const size = 2 * count + 1;
    const [oldScores, oldLows, oldPieces] = [scores, lows, pieces];
    scores = new Float64Array(size);
    lows = new Int32Array(size);
    pieces = new Int32Array(size);
    scores.set(oldScores);
    lows.set(oldLows);
    pieces.set(oldPieces);
  };

  const push = (score: number, low: number, piece: number): void => {
    if (count === scores.length) grow();
    let at = count;
    count += 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const higher = (scores[up] as number) - score;
      if (higher > 0 || (!(higher < 0) && (lows[up] as number) <= low)) break;
      copy(at, up);
      at = up;
    }
    put(at, score, low, piece);
  };

  const pop = (): number => {
    if (count === 0) return noWindow;
    const top = pieces[0] as number;
    count -= 1;
    if (count === 0) return top;
    const [score, low] = [scores[count] as number, lows[count] as number];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      const right = child + 1;
      if (right < count && isAbove(right, scores[child] as number, lows[child] as number)) {
        child = right;
      }
      if (!isAbove(child, score, low)) break;
      copy(at, child);
      at = child;
    }
    put(at, score, low, pieces[count] as number);
    return top;
  };

  return {
    push,
    pop,
    topScore: () => (count === 0 ? -Infinity : (scores[0] as number)),
    size: () => count,
    drain(chosen, rest, isChosen) {
      const all = count;
      count = 0;
      for (let i = 0; i < all; i += 1) {
        const piece = pieces[i] as number;
        const into = isChosen(piece) ? chosen : rest;
        into.push(scores[i] as number, lows[i] as number, piece);
      }
    },
    clear() {
      count = 0;
    },
  };
}
