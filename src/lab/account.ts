// Owns: what a replay counts of one policy or rule, and its sums. Never decides anything.

import type { Price } from '../core/scaling/policy.js';
import type { Reason } from '../core/scaling/reasons.js';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** What is counted from the first row that is scored. */
export interface Figures {
  readonly ticks: number;
  readonly decisions: { readonly act: number; readonly skip: number };
  /** Instances that serve. */
  readonly instances: { readonly min: number; readonly max: number; readonly mean: number };
  /** Minutes in which the load was above instances × capacity. */
  readonly overloadMinutes: number;
  /** Of instances that serve. */
  readonly instanceHours: number;
  /** Of instances that were asked for and did not serve yet. */
  readonly preparingHours: number;
  readonly scaleEvents: { readonly up: number; readonly down: number };
  /** Clients that were told to move, each time counted. */
  readonly clientsMoved: number;
  /** All instance-hours and all moves at the policy's price; null without one. */
  readonly cost: number | null;
  /** How often each reason was given. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface Serving {
  /** Connected users. */
  readonly load: number;
  readonly instances: number;
  /** Asked for, not serving. */
  readonly preparing: number;
}

export class Account {
  private ticks = 0;
  private acts = 0;
  private min = Infinity;
  private max = 0;
  private overloadMs = 0;
  private servingMs = 0;
  private preparingMs = 0;
  private ups = 0;
  private downs = 0;
  private moved = 0;
  private readonly reasons = new Map<string, number>();

  constructor(
    private readonly capacity: number,
    /** Each tick stands for so long. */
    private readonly tickMs: number,
  ) {}

  serve({ load, instances, preparing }: Serving): void {
    this.ticks += 1;
    if (instances < this.min) this.min = instances;
    if (instances > this.max) this.max = instances;
    if (load > instances * this.capacity) this.overloadMs += this.tickMs;
    this.servingMs += instances * this.tickMs;
    this.preparingMs += preparing * this.tickMs;
  }

  decide(acts: boolean, reasons: readonly Reason[]): void {
    if (acts) this.acts += 1;
    for (const { kind } of reasons) this.reasons.set(kind, (this.reasons.get(kind) ?? 0) + 1);
  }

  change(from: number, to: number, moved: number): void {
    if (to > from) this.ups += 1;
    if (to < from) this.downs += 1;
    this.moved += moved;
  }

  figures(price: Price | undefined): Figures {
    const { ticks, acts, tickMs } = this;
    const instanceHours = this.servingMs / hourMs;
    const preparingHours = this.preparingMs / hourMs;
    const { perInstanceHour = 0, perDisconnect = 0 } = price ?? {};
    const isPriced = perInstanceHour > 0 || perDisconnect > 0;
    const cost = (instanceHours + preparingHours) * perInstanceHour + this.moved * perDisconnect;
    const byCount = [...this.reasons].sort((a, b) => b[1] - a[1]);
    return {
      ticks,
      decisions: { act: acts, skip: ticks - acts },
      instances: {
        min: ticks === 0 ? 0 : this.min,
        max: this.max,
        mean: ticks === 0 ? 0 : this.servingMs / tickMs / ticks,
      },
      overloadMinutes: this.overloadMs / minuteMs,
      instanceHours,
      preparingHours,
      scaleEvents: { up: this.ups, down: this.downs },
      clientsMoved: this.moved,
      cost: isPriced ? cost : null,
      reasons: Object.fromEntries(byCount),
    };
  }
}
