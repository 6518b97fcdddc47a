// Owns: walking through a space of states, breadth first, until nothing new is found, a property is
// violated or a bound is reached; and telling the shortest way to a violation. It knows nothing of
// what the states mean: a state is a row of numbers.

import { Ways } from './ways.js';
import { Visited } from './visited.js';

/** One event of a story, with the records that it put into a log of evidence. */
export interface Line {
  readonly text: string;
  readonly landed?: { readonly topic: 'ownership' | 'sessions'; readonly value: object };
}

/** Told once for each transition. `say` puts it into words, and is called only for a story. */
export type Emit = (
  kind: string,
  next: Int32Array,
  violation: string | null,
  say: () => Line,
) => void;

export interface Space {
  readonly initial: Int32Array;
  /** Every transition out of a state; `next` may be reused after `emit` returns. */
  successors(state: Int32Array, emit: Emit): void;
  /** What is wrong with a state, or null. */
  violation(state: Int32Array): string | null;
  /**
   * When given, every state must still have a way to one at rest, by events that are no faults;
   * otherwise something is stuck. Looked at when the space is closed: it takes 8 bytes a transition.
   */
  readonly rest?: {
    isAtRest(state: Int32Array): boolean;
    isFault(kind: string): boolean;
    /** What is wrong with a state from which none can be reached. */
    readonly stuck: string;
  };
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** Length of the longest shortest way. */
  readonly depth: number;
  /** Nothing was left to look at. */
  readonly closed: boolean;
  /** Transitions by kind: what the exploration really went through. */
  readonly kinds: ReadonlyMap<string, number>;
  readonly violation: Violation | null;
}

export interface Violation {
  readonly what: string;
  /** One line an event, from the beginning. */
  readonly story: readonly Line[];
}

export interface ExploreOptions {
  /** Stop, not closed, after so many states. */
  readonly statesMax?: number;
  readonly onProgress?: (states: number, depth: number) => void;
}

const progressEveryStates = 250_000;

export function explore(space: Space, options: ExploreOptions = {}): Exploration {
  const { statesMax = Number.POSITIVE_INFINITY, onProgress } = options;
  const visited = new Visited();
  const kinds = new Map<string, number>();
  const width = space.initial.length;
  let transitions = 0;
  let depth = 0;
  let wrong: { readonly at: number; readonly what: string; readonly last: boolean } | null = null;
  let present = new Frontier(width);
  let following = new Frontier(width);

  const { rest } = space;
  const ways = rest === undefined ? null : new Ways();
  const reached = (next: Int32Array, from: number, kind: string): void => {
    const before = visited.size;
    const index = visited.add(next, from);
    if (ways !== null && rest?.isFault(kind) === false) ways.add(from, index);
    if (visited.size === before) return;
    if (rest?.isAtRest(next) === true) ways?.rests(index);
    following.push(next, index);
    if (index % progressEveryStates === 0 && index > 0) onProgress?.(index, depth);
    const what = space.violation(next);
    if (what !== null) wrong ??= { at: index, what, last: false };
  };
  reached(space.initial, 0, '');

  const done = (closed: boolean): Exploration => ({
    ...{ states: visited.size, transitions, depth, closed, kinds },
    violation: wrong === null ? null : { what: wrong.what, story: storyOf(space, visited, wrong) },
  });

  while (following.size > 0) {
    [present, following] = [following, present];
    following.clear();
    for (let i = 0; i < present.size; i += 1) {
      const at = present.indexOf(i);
      space.successors(present.stateOf(i), (kind, next, violation) => {
        transitions += 1;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        if (violation !== null) wrong ??= { at, what: violation, last: true };
        else reached(next, at, kind);
      });
      if (wrong !== null || visited.size >= statesMax) return done(false);
    }
    if (following.size > 0) depth += 1;
  }
  const lost = ways?.firstLost(visited.size) ?? null;
  if (lost !== null) wrong = { at: lost, what: rest?.stuck ?? '', last: false };
  return done(true);
}

/** Goes the way again, this time in words. */
function storyOf(
  space: Space,
  visited: Visited,
  wrong: { readonly at: number; readonly what: string; readonly last: boolean },
): readonly Line[] {
  const way: number[] = [];
  for (let index = wrong.at; index !== 0; index = visited.parentOf(index)) way.unshift(index);
  const story: Line[] = [];
  let state = space.initial;
  for (const index of way) {
    let found: Int32Array | undefined;
    space.successors(state, (_kind, next, violation, say) => {
      if (found !== undefined || violation !== null || !visited.is(index, next)) return;
      found = next.slice();
      story.push(say());
    });
    if (found === undefined) throw new Error('a state cannot be reached again as it was before');
    state = found;
  }
  if (wrong.last) {
    space.successors(state, (_kind, _next, violation, say) => {
      if (violation === wrong.what && story.length === way.length) story.push(say());
    });
  }
  return story;
}

/** States of one depth, side by side in one array. */
class Frontier {
  private readonly width: number;
  private rows: Int32Array;
  private indices: Uint32Array;
  private count = 0;

  constructor(width: number) {
    this.width = width;
    this.rows = new Int32Array(width * 1_024);
    this.indices = new Uint32Array(1_024);
  }

  get size(): number {
    return this.count;
  }

  clear(): void {
    this.count = 0;
  }

  push(state: Int32Array, index: number): void {
    if (this.count >= this.indices.length) {
      const rows = new Int32Array(this.rows.length * 2);
      rows.set(this.rows);
      const indices = new Uint32Array(this.indices.length * 2);
      indices.set(this.indices);
      this.rows = rows;
      this.indices = indices;
    }
    this.rows.set(state, this.count * this.width);
    this.indices[this.count] = index;
    this.count += 1;
  }

  stateOf(i: number): Int32Array {
    return this.rows.subarray(i * this.width, (i + 1) * this.width);
  }

  indexOf(i: number): number {
    return this.indices[i] as number;
  }
}
