// Owns: a service in virtual time that is scaled by a rule of others: what is asked for is started at once,
// however much is under way, and serves after its lead time; who is not wanted goes at once. Clients move
// as gently as ours: what differs is when, and how many instances. Never reads a trace.

import { movedBy } from '../core/scaling/limit.js';
import { Account, type Figures } from './account.js';
import { changeMs, type ChangeModel } from './change-model.js';
import type { Rule } from './rules.js';
import type { Tick, World } from './world.js';

export interface RuleWorldOptions {
  readonly name: string;
  readonly rule: Rule;
  readonly capacity: number;
  readonly change: ChangeModel;
  readonly stepMs: number;
  readonly ticksPerRow: number;
  readonly instances: number;
}

export class RuleWorld implements World {
  readonly name: string;
  readonly ticksPerRow: number;
  private readonly account: Account;
  /** Oldest first. */
  private starting: { readonly servesAtMs: number; count: number }[] = [];
  private serving: number;
  private asked: number;

  constructor(private readonly options: RuleWorldOptions) {
    const { name, capacity, stepMs, ticksPerRow, instances } = options;
    this.name = name;
    this.ticksPerRow = ticksPerRow;
    this.account = new Account(capacity, stepMs / ticksPerRow);
    this.serving = instances;
    this.asked = instances;
  }

  get instances(): number {
    return this.serving;
  }

  tick({ nowMs, load, counted }: Tick): void {
    const { account, options } = this;
    const ready = this.starting.filter(({ servesAtMs }) => servesAtMs <= nowMs);
    if (ready.length > 0) {
      this.starting = this.starting.filter(({ servesAtMs }) => servesAtMs > nowMs);
      this.serve(
        ready.reduce((sum, { count }) => sum + count, this.serving),
        load,
        counted,
      );
    }
    const { serving: instances, asked } = this;
    if (counted) account.serve({ load, instances, preparing: Math.max(0, asked - instances) });
    const wanted = options.rule.desired(nowMs, load, asked);
    if (counted) account.decide(wanted !== asked, []);
    if (wanted === asked) return;
    this.asked = wanted;
    if (wanted > asked) {
      const tookMs = changeMs(options.change, { from: asked, to: wanted, clients: load });
      this.starting.push({ servesAtMs: nowMs + tookMs, count: wanted - asked });
      return;
    }
    this.giveUp(asked - wanted, load, counted);
  }

  figures(): Figures {
    return this.account.figures(undefined);
  }

  /** Those that do not serve yet go first, newest first. */
  private giveUp(count: number, load: number, counted: boolean): void {
    let left = count;
    while (left > 0) {
      const newest = this.starting.at(-1);
      if (newest === undefined) break;
      const given = Math.min(left, newest.count);
      newest.count -= given;
      left -= given;
      if (newest.count === 0) this.starting.pop();
    }
    if (left > 0) this.serve(this.serving - left, load, counted);
  }

  private serve(to: number, load: number, counted: boolean): void {
    const from = this.serving;
    this.serving = to;
    if (counted && to !== from) this.account.change(from, to, movedBy(load, from, to));
  }
}
