// The control plane of the simulated world: what the saga of the workflows does, as far as instances
// can notice it. Plans with the real planner from what its replica of the ownership log says, prepares,
// commits, tells, watches the hand-over, fences who is lost, and takes a change back by a new, higher
// revision from actual ownership. Owns the epoch and the next revision.

import {
  canonicalText,
  distributionFromRanges,
  ownerOf,
  type Distribution,
} from '../../core/distribution.js';
import { OwnershipLog } from '../../core/handover/ownership-log.js';
import { planDistribution } from '../../core/placement/plan.js';
import type { Range } from '../../core/ranges.js';
import {
  ordinalOf,
  type ControlMessage,
  type OwnershipRecord,
  type Pace,
} from '../../core/records.js';
import type { Appender } from '../../ports.js';
import type { SimConfigDb } from './config-db.js';
import { fence, record } from './fence.js';
import type { LogReader, SimKafka } from './kafka.js';
import { nameOf, service, topics, urlOf } from './names.js';
import type { Platform } from './platform.js';
import type { Process } from './process.js';
import { Watcher } from './watcher.js';

/** A plan that can be told: the distribution, its members, and who gains by it. */
export interface Planned {
  readonly distribution: Distribution;
  readonly members: readonly number[];
  readonly gaining: readonly string[];
}

export interface ControlParts {
  readonly kafka: SimKafka;
  readonly process: Process;
  readonly configDb: SimConfigDb;
  readonly platform: Platform;
  readonly partitions: number;
  readonly weightOf: (partition: number) => number;
  readonly say: (who: string, what: string) => void;
}

const pollMs = 25;
const resumeEveryMs = 1_000;
const checkpointEveryRecords = 500;

export class ControlPlane {
  epoch = 0;
  readonly log: OwnershipLog;
  pace: Pace = { clientsPerWave: 10, acceptPerSecond: 200, partitionsPerWave: 4 };
  readonly parts: ControlParts;
  private readonly reader: LogReader;
  private readonly appender: Appender;
  private readonly watcher: Watcher;
  private checkpointAt = 0;

  constructor(parts: ControlParts) {
    this.parts = parts;
    const { kafka, process, partitions } = parts;
    this.log = new OwnershipLog(partitions);
    this.appender = kafka.appender(process);
    this.watcher = new Watcher(kafka, process);
    const at = { topic: topics.ownership, partition: 0, from: 0 };
    this.reader = kafka.open(process, at, (records, from) => {
      records.forEach(({ body }, i) => this.log.apply(body as OwnershipRecord, from + i));
      this.keepCheckpoint();
    });
  }

  // ---------------------------------------------------------------- saying

  async publish(message: ControlMessage): Promise<void> {
    for (;;) {
      try {
        await this.appender.append([record(topics.control, 0, message)]);
        return;
      } catch {
        await this.parts.process.sleep(100);
      }
    }
  }

  tell(type: 'prepare' | 'distribution', { distribution }: Planned): ControlMessage {
    const { revision, ranges } = distribution;
    const { platform } = this.parts;
    const instances = Object.fromEntries(
      platform
        .live()
        .map(({ name, ordinal, incarnation }) => [name, { url: urlOf(ordinal), incarnation }]),
    );
    const hash = canonicalText(distribution);
    const said = { epoch: this.epoch, revision, rebalance: this.rebalance() };
    return { type, ...said, hash, ranges, instances, pace: this.pace };
  }

  say(type: 'cancel-prepare' | 'hold' | 'resume' | 'report'): Promise<void> {
    const revision = this.parts.configDb.latest?.revision ?? 0;
    return this.publish({ type, epoch: this.epoch, revision, rebalance: this.rebalance() });
  }

  rebalance(): string {
    return `${service}@${this.epoch}`;
  }

  // ---------------------------------------------------------------- planning

  /** From actual ownership, read to the end of the log. */
  async plan(members: readonly number[], weighted: boolean): Promise<Planned> {
    await this.caughtUp();
    const { partitions, weightOf, configDb } = this.parts;
    const current: Record<string, Range[]> = {};
    for (const { from, to, holder } of this.log.holdings()) {
      if (holder === null) continue;
      (current[holder.instance] ??= []).push([from, to]);
    }
    const weights = Array.from({ length: partitions }, (_, p) => weightOf(p));
    const plan = planDistribution({
      partitions,
      instances: members.map(nameOf),
      current,
      ...(weighted ? { weights, tolerance: 0.1 } : {}),
    });
    const latest = configDb.latest?.revision ?? 0;
    const revision = Math.max(latest, this.log.highestRevision()) + 1;
    const owned = Object.entries(plan.instances).map(
      ([name, ranges]) => [ordinalOf(name) as number, ranges] as const,
    );
    const distribution = distributionFromRanges({ service, revision, partitions }, owned);
    const gaining = new Set<string>();
    for (let p = 0; p < partitions; p += 1) {
      const name = nameOf(ownerOf(distribution, p) as number);
      if (this.log.holderOf(p)?.instance !== name) gaining.add(name);
    }
    return { distribution, members, gaining: [...gaining].sort() };
  }

  async commit(planned: Planned): Promise<Planned> {
    await this.parts.process.sleep(this.parts.kafka.random.between(1, 10));
    this.parts.configDb.insert(planned.distribution);
    return planned;
  }

  // ---------------------------------------------------------------- waiting

  /** True when it came true within the bound. */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const { process } = this.parts;
    const untilMs = process.kernel.nowMs + withinMs;
    while (!condition()) {
      if (process.kernel.nowMs > untilMs) return false;
      await process.sleep(pollMs);
    }
    return true;
  }

  isWarm({ gaining }: Planned): boolean {
    const { configDb, platform } = this.parts;
    const answers = configDb.warmed.get(this.rebalance());
    return gaining.every((name) => {
      const present = platform.at(ordinalOf(name) ?? -1)?.incarnation;
      return present !== undefined && answers?.get(name) === present;
    });
  }

  isApplied({ distribution }: Planned): boolean {
    const { configDb, platform } = this.parts;
    return platform.live().every(({ name, incarnation }) => {
      const report = configDb.reports.get(name);
      return report?.incarnation === incarnation && report.revision >= distribution.revision;
    });
  }

  /**
   * Watches until everything is held as planned. `lost`: somebody had to be fenced, plan again;
   * `stalled`: nothing moved for too long; `aborted`: the word came from outside.
   */
  async handOver(
    planned: Planned,
    stallMs: number,
    aborts: () => boolean = () => false,
  ): Promise<'held' | 'stalled' | 'lost' | 'aborted'> {
    const { process, configDb } = this.parts;
    const { kernel } = process;
    let best = -1;
    let progressAtMs = kernel.nowMs;
    let resumedAtMs = kernel.nowMs;
    for (;;) {
      const held = this.heldOf(planned.distribution);
      if (held === this.parts.partitions) return 'held';
      if (held > best) {
        best = held;
        progressAtMs = kernel.nowMs;
      }
      if (aborts()) return 'aborted';
      if (kernel.nowMs - progressAtMs > stallMs) return 'stalled';
      if (await this.fenceTheLost()) return 'lost';
      if (kernel.nowMs - resumedAtMs > resumeEveryMs) {
        resumedAtMs = kernel.nowMs;
        const back = [...configDb.reports.values()].some(({ takenBack }) => takenBack > 0);
        if (back) await this.say('resume');
      }
      await process.sleep(pollMs);
    }
  }

  /** Fences every suspect; true when there was one. */
  async fenceTheLost(): Promise<boolean> {
    const { kafka, process, platform, say } = this.parts;
    let suspects = this.watcher.suspects(this.log);
    if (suspects.length > 1) {
      // A broker away looks like everybody dead: look again.
      await process.sleep(1_000);
      suspects = this.watcher.suspects(this.log);
    }
    for (const victim of suspects) {
      say('control', `fences ${victim.incarnation}, silent for too long`);
      const isTold = kafka.random.chance(0.5);
      const hasEnded = (): boolean =>
        isTold && !platform.live().some(({ incarnation }) => incarnation === victim.incarnation);
      const order = { kafka, process, appender: this.appender, victim, by: 'control', hasEnded };
      const { how } = await fence(order);
      await this.until(() => this.log.isFenced(victim.incarnation), 60_000);
      say('control', `fenced ${victim.incarnation}: ${how}`);
    }
    return suspects.length > 0;
  }

  heldBy(name: string): number {
    let held = 0;
    for (const { from, to, holder } of this.log.holdings()) {
      if (holder?.instance === name) held += to - from + 1;
    }
    return held;
  }

  async caughtUp(): Promise<void> {
    const { kafka } = this.parts;
    const end = kafka.log(topics.ownership, 0).records.length;
    await this.until(() => this.reader.position >= end, 120_000);
  }

  private heldOf(distribution: Distribution): number {
    let held = 0;
    for (const [from, to, ordinal] of distribution.ranges) {
      const name = nameOf(ordinal);
      const present = this.parts.platform.at(ordinal)?.incarnation;
      for (let p = from; p <= to; p += 1) {
        const holder = this.log.holderOf(p);
        if (holder?.instance === name && holder.incarnation === present) held += 1;
      }
    }
    return held;
  }

  private keepCheckpoint(): void {
    if (this.log.position() - this.checkpointAt < checkpointEveryRecords) return;
    this.checkpointAt = this.log.position();
    this.parts.configDb.checkpoint = this.log.snapshot();
  }
}
