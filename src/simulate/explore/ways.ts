// Owns: which states have a way to one at rest: the transitions of a space, looked at backwards once
// the space is closed. A state without one is stuck, however long it waits.

export class Ways {
  private from = new Uint32Array(1 << 16);
  private to = new Uint32Array(1 << 16);
  private count = 0;
  private readonly resting: number[] = [];

  add(from: number, to: number): void {
    if (from === to) return;
    if (this.count >= this.from.length) {
      this.from = longer(this.from);
      this.to = longer(this.to);
    }
    this.from[this.count] = from;
    this.to[this.count] = to;
    this.count += 1;
  }

  rests(state: number): void {
    this.resting.push(state);
  }

  /** The first of so many states, in the order in which they were found, that is stuck; or null. */
  firstLost(states: number): number | null {
    const { starts, sources } = this.backwards(states);
    const saved = new Uint8Array(states);
    const open = [...this.resting];
    for (const state of open) saved[state] = 1;
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      const end = starts[state + 1] as number;
      for (let i = starts[state] as number; i < end; i += 1) {
        const source = sources[i] as number;
        if (saved[source] === 1) continue;
        saved[source] = 1;
        open.push(source);
      }
    }
    const lost = saved.indexOf(0);
    return lost === -1 ? null : lost;
  }

  /** For each state, where it is reached from: `sources` from `starts[state]` on. */
  private backwards(states: number): { starts: Uint32Array; sources: Uint32Array } {
    const starts = new Uint32Array(states + 2);
    for (let i = 0; i < this.count; i += 1) {
      const at = (this.to[i] as number) + 2;
      starts[at] = (starts[at] as number) + 1;
    }
    for (let i = 1; i < starts.length; i += 1)
      starts[i] = (starts[i] as number) + (starts[i - 1] as number);
    const sources = new Uint32Array(this.count);
    for (let i = 0; i < this.count; i += 1) {
      const at = (this.to[i] as number) + 1;
      sources[starts[at] as number] = this.from[i] as number;
      starts[at] = (starts[at] as number) + 1;
    }
    return { starts, sources };
  }
}

function longer(old: Uint32Array): Uint32Array<ArrayBuffer> {
  const array = new Uint32Array(old.length * 2);
  array.set(old);
  return array;
}
