// Owns: the numbers of the parts of explored states. Equal parts have one number, so that a whole
// state is a few numbers, and what a part does is computed once. Parts never change once numbered.

import { textOf } from './graph.js';

export class Interner<T> {
  private readonly ids = new Map<string, number>();
  private readonly values: T[] = [];

  /** Number of an equal value; the first of them is kept. */
  idOf(value: T): number {
    const text = textOf(value);
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.values.length;
    this.ids.set(text, id);
    this.values.push(value);
    return id;
  }

  get(id: number): T {
    return this.values[id] as T;
  }

  /** Numbers of parts that are not what they were when they were numbered: there must be none. */
  changed(): readonly number[] {
    return [...this.ids]
      .filter(([text, id]) => textOf(this.values[id]) !== text)
      .map(([, id]) => id);
  }

  get size(): number {
    return this.values.length;
  }
}

/** A function of numbers, computed once for each; `undefined` is not an answer. */
export function remembered<T>(compute: (id: number) => T): (id: number) => T {
  const known: T[] = [];
  return (id) => {
    const found = known[id];
    if (found !== undefined) return found;
    const made = compute(id);
    known[id] = made;
    return made;
  };
}
