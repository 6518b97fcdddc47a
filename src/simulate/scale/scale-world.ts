// A service of 10.2 million clients in virtual time: it grows by some instances and shrinks again.
// Plans, lanes, waves, pacing, acquire and release are the real machines'; clients, network and
// processors are the model's (model.ts). Owns the logs and the order of the story.

import {
  canonicalText,
  distributionFromRanges,
  type Distribution,
} from '../../core/distribution.js';
import { OwnershipLog } from '../../core/handover/ownership-log.js';
import { planDistribution } from '../../core/placement/plan.js';
import type { Plan } from '../../core/placement/types.js';
import type { Range } from '../../core/ranges.js';
import {
  instanceName,
  ordinalOf,
  type ControlMessage,
  type OwnershipRecord,
} from '../../core/records.js';
import { tickEveryMs } from '../../limits.js';
import { Kernel } from '../kernel.js';
import { realMachines, type Machines } from '../machines.js';
import { randomOf, type Random } from '../random.js';
import { Measures } from './measures.js';
import { appendMs, clientsOf, deliveryMs, type ScaleOptions } from './model.js';
import { ScaleInstance, service } from './scale-instance.js';

export interface ScaleChange {
  readonly from: number;
  readonly to: number;
  readonly moved: { readonly partitions: number; readonly clients: number };
  readonly preparedMs: number;
  /** From the word to strive for the revision until everything is held as planned. */
  readonly handedOverMs: number;
  /** … and until the last client is welcomed. */
  readonly tookMs: number;
  readonly waves: number;
  /** Ascending; and without each client's own network. */
  readonly gapsMs: Float64Array;
  readonly addedMs: Float64Array;
  readonly returned: number;
  readonly peakAcceptPerSecond: number;
  readonly series: ReturnType<Measures['acceptSeries']>;
}

/** Nothing of this takes longer, or it never ends. */
const changeMaxMs = 30 * 60_000;

export class ScaleWorld {
  readonly kernel = new Kernel();
  readonly random: Random;
  measures = new Measures();
  private readonly options: ScaleOptions;
  private readonly clients: number[];
  private readonly records: OwnershipRecord[] = [];
  private readonly readPlaces: number[] = [];
  private readonly reading = new Set<number>();
  private readonly control: OwnershipLog;
  private readonly instances: ScaleInstance[] = [];
  private distribution: Distribution;

  constructor(options: ScaleOptions, machines: Machines = realMachines) {
    this.options = options;
    this.random = randomOf(options.seed);
    const { partitions, instances, clientsPerInstance } = options;
    const mean = (instances * clientsPerInstance) / partitions;
    this.clients = Array.from({ length: partitions }, () => clientsOf(this.random, mean));
    this.control = new OwnershipLog(partitions);
    this.distribution = this.distributionOf(this.plan(instances));
    this.writePast();
    this.startAll(instances + options.by, machines);
  }

  clientsIn(partition: number): number {
    return this.clients[partition] ?? 0;
  }

  /** All clients of the service. */
  clientsTotal(): number {
    return this.clients.reduce((sum, n) => sum + n, 0);
  }

  instanceAt(url: string | null): ScaleInstance {
    const found = this.instances.find((instance) => instance.url === url);
    if (found === undefined) throw new Error(`nobody listens at ${String(url)}`);
    return found;
  }

  append(records: readonly OwnershipRecord[]): void {
    this.kernel.after(appendMs(this.random), () => {
      for (const record of records) {
        this.control.apply(record, this.records.length);
        this.records.push(record);
      }
      this.instances.forEach((_, i) => this.deliver(i));
    });
  }

  /** Prepares, commits and hands over until the last client is welcomed. */
  async change(to: number): Promise<ScaleChange> {
    const from = new Set(this.distribution.ranges.map(([, , ordinal]) => ordinal)).size;
    const before = this.distribution;
    const plan = this.plan(to);
    this.distribution = this.distributionOf(plan);
    const startedAtMs = this.kernel.nowMs;
    const gaining = gainers(before, this.distribution);
    this.tell('prepare');
    const id = this.rebalance();
    await this.until(() => gaining.every((o) => this.instances[o]?.isWarmFor === id));
    const preparedMs = this.kernel.nowMs - startedAtMs;
    this.measures = new Measures();
    this.measures.startedAtMs = this.kernel.nowMs;
    this.tell('distribution');
    await this.until(() => this.isHeld());
    const heldAtMs = this.kernel.nowMs;
    await this.until(() => this.measures.gapsMs.length === this.measures.told);
    const { measures } = this;
    return {
      from,
      to,
      moved: { partitions: plan.moved.partitions, clients: measures.told },
      preparedMs,
      handedOverMs: heldAtMs - measures.startedAtMs,
      tookMs: measures.lastWelcomeAtMs - measures.startedAtMs,
      waves: measures.waves,
      gapsMs: Float64Array.from(measures.gapsMs).sort(),
      addedMs: Float64Array.from(measures.addedMs).sort(),
      returned: measures.gapsMs.length,
      peakAcceptPerSecond: measures.peakAcceptPerSecond(),
      series: measures.acceptSeries(),
    };
  }

  // ---------------------------------------------------------------- plans and logs

  private plan(instances: number): Plan {
    const current: Record<string, Range[]> = {};
    for (const { from, to, holder } of this.control.holdings()) {
      if (holder !== null) (current[holder.instance] ??= []).push([from, to]);
    }
    const names = Array.from({ length: instances }, (_, o) => instanceName(service, o));
    const { partitions } = this.options;
    return planDistribution({ partitions, instances: names, current });
  }

  private distributionOf(plan: Plan): Distribution {
    const revision = this.control.highestRevision() + 1;
    const owned = Object.entries(plan.instances).map(
      ([name, ranges]) => [ordinalOf(name) as number, ranges] as const,
    );
    const { partitions } = this.options;
    return distributionFromRanges({ service, revision, partitions }, owned);
  }

  private rebalance(): string {
    return `${service}@${this.distribution.revision}`;
  }

  private message(type: 'prepare' | 'distribution', count: number): ControlMessage {
    const { revision, ranges } = this.distribution;
    const names = Array.from({ length: count }, (_, o) => instanceName(service, o));
    const instances = Object.fromEntries(names.map((name) => [name, { url: `ws://${name}` }]));
    const hash = canonicalText(this.distribution);
    const said = { epoch: revision, revision, rebalance: this.rebalance() };
    return { type, ...said, hash, ranges, instances, pace: this.options.pace };
  }

  private tell(type: 'prepare' | 'distribution'): void {
    const message = this.message(type, this.instances.length);
    for (const instance of this.instances) {
      this.kernel.after(appendMs(this.random) + deliveryMs(this.random), () => {
        instance.control(message);
      });
    }
  }

  /** What was acquired before this story begins. */
  private writePast(): void {
    const { revision, ranges } = this.distribution;
    for (const [from, to, ordinal] of ranges) {
      const instance = instanceName(service, ordinal);
      const said = { instance, incarnation: `${instance}#1`, url: `ws://${instance}` };
      for (let partition = from; partition <= to; partition += 1) {
        const record = { type: 'acquired', partition, revision, prev: null, next: '0' } as const;
        this.control.apply({ ...record, ...said }, this.records.length);
        this.records.push({ ...record, ...said });
      }
    }
  }

  private startAll(count: number, machines: Machines): void {
    const past = this.control.snapshot();
    const told = this.message('distribution', count);
    for (let ordinal = 0; ordinal < count; ordinal += 1) {
      const name = instanceName(service, ordinal);
      const others = past.last.filter(([, last]) => last.instance !== name);
      const own = past.last
        .filter(([, last]) => last.instance === name)
        .map(([, { offset }]) => [this.records[offset] as OwnershipRecord, offset] as const);
      const instance = new ScaleInstance(this, ordinal, machines, { ...past, last: others });
      this.instances.push(instance);
      this.readPlaces.push(this.records.length);
      instance.begin(told, own);
      const tick = (): void => {
        instance.tick();
        this.kernel.after(tickEveryMs, tick);
      };
      this.kernel.after(this.random.between(0, tickEveryMs), tick);
    }
  }

  /** Each instance reads the log at its own pace, in batches. */
  private deliver(index: number): void {
    if (this.reading.has(index)) return;
    this.reading.add(index);
    this.kernel.after(deliveryMs(this.random), () => {
      this.reading.delete(index);
      const from = this.readPlaces[index] as number;
      const batch = this.records.slice(from);
      this.readPlaces[index] = from + batch.length;
      batch.forEach((record, i) => this.instances[index]?.read(record, from + i));
    });
  }

  private isHeld(): boolean {
    return this.distribution.ranges.every(([from, to, ordinal]) => {
      const name = instanceName(service, ordinal);
      for (let p = from; p <= to; p += 1) {
        if (this.control.holderOf(p)?.instance !== name) return false;
      }
      return true;
    });
  }

  private async until(condition: () => boolean): Promise<void> {
    const { kernel } = this;
    const untilMs = kernel.nowMs + changeMaxMs;
    const look = (): void => {
      if (condition() || kernel.nowMs > untilMs) kernel.stop();
      else kernel.after(20, look);
    };
    kernel.after(0, look);
    await kernel.run();
    if (!condition()) throw new Error('the change does not come to an end');
  }
}

/** Ordinals that get something they do not have. */
function gainers(before: Distribution, after: Distribution): readonly number[] {
  const had = new Map<number, number>();
  for (const [from, to, ordinal] of before.ranges)
    for (let p = from; p <= to; p += 1) had.set(p, ordinal);
  const gaining = new Set<number>();
  for (const [from, to, ordinal] of after.ranges)
    for (let p = from; p <= to; p += 1) if (had.get(p) !== ordinal) gaining.add(ordinal);
  return [...gaining];
}
