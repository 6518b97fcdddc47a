// Owns: a service in virtual time that is scaled by a policy of ours: the same `decide` as in production,
// one saga at a time, each as long as the model of changes says. Never reads a trace.

import { decide } from '../core/scaling/decide.js';
import { emptyMemory, type ScalingMemory } from '../core/scaling/memory.js';
import { movedBy } from '../core/scaling/limit.js';
import type { Policy } from '../core/scaling/policy.js';
import type { Sample, ScalingSnapshot } from '../core/scaling/snapshot.js';
import { Account, type Figures } from './account.js';
import { changeMs, type ChangeModel } from './change-model.js';
import { WarmSpares } from './spares.js';
import type { Tick, World } from './world.js';

export interface PolicyWorldOptions {
  readonly name: string;
  readonly policy: Policy;
  /** Connected users that an instance can serve. */
  readonly capacity: number;
  readonly change: ChangeModel;
  readonly stepMs: number;
  readonly ticksPerRow: number;
  /** To begin with. */
  readonly instances: number;
}

interface Saga {
  readonly to: number;
  readonly endsAtMs: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Observed = Mutable<Omit<ScalingSnapshot, 'samples'>> & { samples: readonly Mutable<Sample>[] };

export class PolicyWorld implements World {
  readonly name: string;
  readonly ticksPerRow: number;
  /** Changes for which the forecast asked for more than the load did, of those that are counted. */
  forecastActs = 0;
  private readonly account: Account;
  /** Looked at only while a decision is made, so one is enough for all of a replay. */
  private readonly snapshot: Observed;
  private memory: ScalingMemory = emptyMemory;
  private saga: Saga | undefined;
  private readonly spares: WarmSpares;
  private serving: number;

  constructor(private readonly options: PolicyWorldOptions) {
    const { name, capacity, stepMs, ticksPerRow, instances } = options;
    this.name = name;
    this.ticksPerRow = ticksPerRow;
    this.account = new Account(capacity, stepMs / ticksPerRow);
    this.serving = instances;
    this.spares = new WarmSpares(options.policy.warmSpares);
    this.snapshot = {
      members: null,
      ready: instances,
      samples: [],
      lastChangeAtMs: null,
      lastChangeUndone: false,
      rebalanceRunning: false,
      unfinished: null,
    };
    this.resize(instances);
  }

  /** Between two evaluations. */
  get everyMs(): number {
    return this.options.stepMs / this.ticksPerRow;
  }

  get instances(): number {
    return this.serving;
  }

  tick({ nowMs, load, forecast, counted }: Tick): void {
    const { account, snapshot, options } = this;
    if (this.saga !== undefined && this.saga.endsAtMs <= nowMs)
      this.finish(this.saga, load, counted);
    if (counted) {
      const preparing = Math.max(0, (this.saga?.to ?? 0) - this.serving) + this.spares.running;
      account.serve({ load, instances: this.serving, preparing });
    }

    const each = load / this.serving;
    for (const sample of snapshot.samples) sample.clients = each;
    if (forecast === undefined) delete snapshot.forecast;
    else snapshot.forecast = forecast;
    snapshot.rebalanceRunning = this.saga !== undefined;
    const { policy } = options;
    const { decision, memory } = decide({ snapshot, policy, memory: this.memory, nowMs });
    this.memory = memory;
    const acts = decision.kind === 'act';
    if (counted) {
      account.decide(acts, decision.reasons);
      const isAhead = decision.reasons.some(({ kind }) => kind === 'forecast-ahead');
      if (acts && isAhead) this.forecastActs += 1;
    }
    const { desired } = decision;
    if (acts && desired !== undefined) this.begin(desired, load, nowMs);
  }

  /** Who is warm needs no start. */
  private begin(to: number, clients: number, nowMs: number): void {
    const { change, policy } = this.options;
    const from = this.serving;
    const room = policy.instances.max - to;
    const startMs = change.fixedGrowthMs ?? change.startMs;
    const started = to <= from ? 0 : to - from - this.spares.take(to - from, nowMs, startMs, room);
    const model = started > 0 ? change : { ...change, startMs: 0, fixedGrowthMs: null };
    this.saga = { to, endsAtMs: nowMs + changeMs(model, { from, to, clients }) };
  }

  figures(): Figures {
    return this.account.figures(this.options.policy.price);
  }

  private finish({ to, endsAtMs }: Saga, load: number, counted: boolean): void {
    const from = this.serving;
    if (counted) this.account.change(from, to, movedBy(load, from, to));
    this.saga = undefined;
    this.snapshot.lastChangeAtMs = endsAtMs;
    if (to !== from) this.resize(to);
  }

  private resize(instances: number): void {
    this.serving = instances;
    const { service } = this.options.policy;
    const members = Array.from({ length: instances }, (_, ordinal) => `${service}-${ordinal}`);
    this.snapshot.members = members;
    this.snapshot.samples = members.map((instance) => ({ instance, clients: 0, ageMs: 0 }));
    this.snapshot.ready = instances;
  }
}
