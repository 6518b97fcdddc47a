// A binary heap: what is greatest by a comparison comes first. Owns nothing else.

export interface Heap<T> {
  push(item: T): void;
  pop(): T | undefined;
  top(): T | undefined;
  size(): number;
  /** Takes out all of it, in no order. */
  clear(): T[];
}

/** A binary heap, the greatest on top. */
export function heapOf<T>(compare: (a: T, b: T) => number): Heap<T> {
  const items: T[] = [];
  return {
    top: () => items[0],
    size: () => items.length,
    clear: () => items.splice(0),
    push(item) {
      let at = items.length;
      items.push(item);
      while (at > 0) {
        const up = (at - 1) >> 1;
        if (compare(item, items[up] as T) <= 0) break;
        items[at] = items[up] as T;
        at = up;
      }
      items[at] = item;
    },
    pop() {
      const top = items[0];
      const last = items.pop();
      if (items.length === 0 || last === undefined) return top;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && compare(items[child + 1] as T, items[child] as T) > 0)
          child += 1;
        if (compare(items[child] as T, last) <= 0) break;
        items[at] = items[child] as T;
        at = child;
      }
      items[at] = last;
      return top;
    },
  };
}
