// One process of the simulated world: what reaches it is handled one by one, in the order in which it
// arrived, and not at all while it is paused or after it has ended. It has its own clock, which runs a
// little faster or slower than others'. Owns no rule of what a process does.

import type { Cancel, Kernel } from '../kernel.js';
import type { Clock } from '../../ports.js';

export class Process {
  readonly name: string;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly rate: number;
  /** Time that each event takes; 0 when the machine is not short of processor time. */
  costMs = 0;
  alive = true;
  paused = false;
  private readonly queue: (() => void)[] = [];
  private busyUntilMs = 0;
  private pumping = false;

  /** `rate`: of its clock; the leases' margin covers a bounded difference. */
  constructor(kernel: Kernel, name: string, clock: { rate: number; skewMs: number }) {
    this.kernel = kernel;
    this.name = name;
    this.rate = clock.rate;
    const startMs = kernel.nowMs;
    this.clock = {
      monotonicMs: () => (kernel.nowMs - startMs) * clock.rate,
      wallMs: () => Math.round(epochMs + kernel.nowMs + clock.skewMs),
    };
  }

  /** Something arrives: handled now, or when its turn comes. */
  deliver(run: () => void): void {
    if (!this.alive) return;
    const now = this.kernel.nowMs;
    const idle = this.queue.length === 0 && !this.paused && this.costMs === 0;
    if (idle && this.busyUntilMs <= now) {
      this.handle(run);
      return;
    }
    this.queue.push(run);
    this.pump();
  }

  /** In `delayMs` of its own clock. */
  readonly later = (run: () => void, delayMs: number): Cancel =>
    this.kernel.after(delayMs / this.rate, () => {
      this.deliver(run);
    });

  /** As an interval: beats that fall into a pause happen once, after it. */
  every(periodMs: number, run: () => void): Cancel {
    let cancelled = false;
    const beat = (): void => {
      if (cancelled) return;
      run();
      this.later(beat, periodMs);
    };
    this.later(beat, periodMs);
    return () => {
      cancelled = true;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.later(resolve, delayMs);
    });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.pump();
  }

  /** Ends it; nothing reaches it any more. */
  end(): void {
    this.alive = false;
    this.queue.length = 0;
  }

  private pump(): void {
    if (this.pumping || this.paused || this.queue.length === 0) return;
    this.pumping = true;
    this.busyUntilMs = Math.max(this.busyUntilMs, this.kernel.nowMs) + this.costMs;
    this.kernel.at(this.busyUntilMs, () => {
      this.pumping = false;
      if (!this.alive || this.paused) return;
      const run = this.queue.shift();
      if (run !== undefined) this.handle(run);
      this.pump();
    });
  }

  private handle(run: () => void): void {
    this.kernel.settle(this);
    run();
  }
}

/** Where virtual wall clocks begin. */
export const epochMs = 1_750_000_000_000;
