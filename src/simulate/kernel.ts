// Virtual time: events in the order of their time, ties in the order in which they were planned. Owns
// the queue and the present moment; never a rule of the world.
//
// What instances run waits on promises. So after an event that may have settled one, everything that
// follows from it at the same moment runs before the next event is taken.

interface Planned {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

export type Cancel = () => void;

export class Kernel {
  nowMs = 0;
  events = 0;
  private order = 0;
  private readonly heap: Planned[] = [];
  private stopped = false;
  private unsettled = false;
  private touched: unknown = null;
  /** Looks at what an event did, once all that follows from it at the same moment is done. */
  onSettled: (touched: unknown) => void = () => undefined;

  /** Plans an event; one in the past happens now, after what is planned for now already. */
  at(atMs: number, run: () => void): Cancel {
    const planned: Planned = { atMs: Math.max(atMs, this.nowMs), order: this.order, run };
    this.order += 1;
    this.push(planned);
    return () => {
      planned.run = null;
    };
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.at(this.nowMs + delayMs, run);
  }

  /** For code of the world that is written as a story. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, () => {
        this.settle();
        resolve();
      });
    });
  }

  /** The present event may have settled promises: what waits for them comes before the next one. */
  settle(touched: unknown = null): void {
    this.unsettled = true;
    this.touched ??= touched;
  }

  stop(): void {
    this.stopped = true;
  }

  /** Runs until it is stopped or nothing is planned any more. */
  async run(): Promise<void> {
    this.stopped = false;
    await settled();
    for (;;) {
      if (this.stopped) return;
      const planned = this.pop();
      if (planned === undefined) return;
      if (planned.run === null) continue;
      this.nowMs = planned.atMs;
      this.events += 1;
      planned.run();
      if (!this.unsettled) continue;
      this.unsettled = false;
      await settled();
      const { touched } = this;
      this.touched = null;
      if (touched !== null) this.onSettled(touched);
    }
  }

  private push(planned: Planned): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = heap[up] as Planned;
      if (!isBefore(planned, above)) break;
      heap[at] = above;
      at = up;
    }
    heap[at] = planned;
  }

  private pop(): Planned | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && isBefore(heap[down + 1] as Planned, heap[down] as Planned))
        down += 1;
      const below = heap[down] as Planned;
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = down;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A turn of the event loop comes after every promise that follows from settled ones. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
