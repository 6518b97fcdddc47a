// Owns: the warm spares of a service in virtual time: how many are Ready, and how many are on their way to
// be. A growth uses them first and asks for their successors at once, as the saga does. Never decides.

export class WarmSpares {
  private ready: number;
  /** Oldest first. */
  private starting: { readonly readyAtMs: number; readonly count: number }[] = [];

  constructor(private readonly wanted: number) {
    this.ready = wanted;
  }

  /** Running, whether Ready or not: all of them are paid for. */
  get running(): number {
    return this.starting.reduce((sum, { count }) => sum + count, this.ready);
  }

  /** So many of `count` need no start. Successors are Ready after `startMs`, at most up to `room` spares. */
  take(count: number, nowMs: number, startMs: number, room: number): number {
    for (const { readyAtMs, count: more } of this.starting)
      if (readyAtMs <= nowMs) this.ready += more;
    this.starting = this.starting.filter(({ readyAtMs }) => readyAtMs > nowMs);
    const taken = Math.min(count, this.ready);
    this.ready -= taken;
    const missing = Math.min(this.wanted, room) - this.running;
    if (missing > 0) this.starting.push({ readyAtMs: nowMs + startMs, count: missing });
    return taken;
  }
}
