// A simulated world: instances of the real machines, clients of the real state machine, the logs, a
// control plane that changes who owns what again and again, and everything that goes wrong. Puts the
// parts together, lets them run from a seed, and asks at the end what became of it.

import { checkEvidence } from '../../core/evidence/check.js';
import type { EvidenceReport } from '../../core/evidence/types.js';
import { partitionOf } from '../../core/murmur2.js';
import type { OwnershipRecord } from '../../core/records.js';
import { evidencePartitions } from '../../limits.js';
import { realMachines, type Machines } from '../machines.js';
import { MessageChecker } from './checker.js';
import { SimConfigDb } from './config-db.js';
import { ControlPlane } from './control-plane.js';
import { Crowd, type CrowdParts } from './crowd.js';
import { Directory } from './directory.js';
import { aimAt, startFaults, weatherOf } from './faults.js';
import { SimInstance } from './instance.js';
import { SimKafka } from './kafka.js';
import { Kernel } from '../kernel.js';
import { nameOf, service, topics } from './names.js';
import { Platform } from './platform.js';
import { epochMs, Process } from './process.js';
import { randomOf, type Random } from '../random.js';
import { ordinals, Saga, type Outcome } from './saga.js';
import { Story } from './story.js';
import { Watch } from './watch.js';
import type { Violated, WorldOptions, WorldResult } from './world-types.js';

export type { WorldOptions, WorldResult } from './world-types.js';

/** How long the world gets to come to rest. */
const restMs = 400_000;
/** Events told before a violation. */
const storyLines = 30;
/** A world that takes longer has come to a standstill. */
const virtualMaxMs = (rebalances: number): number => 2 * restMs + rebalances * 60_000;

export async function runWorld(options: WorldOptions): Promise<WorldResult> {
  const result = await new World(options).run();
  const { violated } = result;
  if (violated?.invariant !== 'Evidence') return result;
  // The logs are checked at the end: the same world once more, up to the record that does not hold.
  const story = await new World(withoutPrint(options)).storyUntil(violated.atMs);
  return { ...result, violated: { ...violated, story } };
}

function withoutPrint(options: WorldOptions): WorldOptions {
  const { print: _print, ...silent } = options;
  return silent;
}

class World {
  private readonly options: WorldOptions;
  private readonly kernel = new Kernel();
  private readonly random: Random;
  private readonly story: Story;
  private readonly kafka: SimKafka;
  private readonly configDb: SimConfigDb;
  private readonly platform: Platform;
  private readonly directory: Directory;
  private readonly directoryProcess: Process;
  private readonly control: ControlPlane;
  private readonly watch: Watch;
  private readonly checker: MessageChecker;
  private readonly crowd: Crowd;
  private readonly machines: Machines;
  private readonly outcomes: Partial<Record<Outcome, number>> = {};
  private readonly faultCounts = new Map<string, number>();
  private readonly byProcess = new Map<Process, SimInstance>();
  private violated: Violated | null = null;
  private isFaulty = false;

  constructor(options: WorldOptions) {
    this.options = options;
    this.machines = options.machines ?? realMachines;
    const { kernel } = this;
    this.random = randomOf(options.seed);
    this.story = new Story(() => kernel.nowMs, options.print ?? null);
    this.kafka = new SimKafka(kernel, this.random, weatherOf(this.random, options.faults));
    this.configDb = new SimConfigDb(this.violate);
    this.platform = new Platform(kernel, this.random, (o, life) => this.newInstance(o, life));
    this.directoryProcess = this.newProcess('directory');
    this.directory = new Directory(this.kafka, this.directoryProcess, options.partitions);
    this.control = new ControlPlane({
      kafka: this.kafka,
      process: this.newProcess('control'),
      configDb: this.configDb,
      platform: this.platform,
      partitions: options.partitions,
      weightOf: (p) => this.crowd.weights[p] ?? 0,
      say: this.story.say,
    });
    this.watch = new Watch(options.partitions, this.violate);
    const ofUser = (user: string): number => partitionOf(user, options.partitions);
    this.checker = new MessageChecker(this.kafka, ofUser, this.violate);
    this.crowd = this.newCrowd();
    kernel.onSettled = (touched) => {
      const instance = this.byProcess.get(touched as Process);
      if (instance !== undefined) this.watch.settled(instance);
    };
    this.kafka.onAppend = (topic, _partition, offset, record) => {
      if (topic === topics.messages) this.checker.appended(offset, record);
      if (topic === topics.ownership && this.isFaulty) {
        const { instance } = record.body as OwnershipRecord;
        aimAt(this.targets(), options.faults, instance);
      }
    };
  }

  async run(): Promise<WorldResult> {
    const story = this.live().catch((error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.violate('NoFault', text);
    });
    await this.kernel.run();
    if (this.violated === null) await story;
    const evidence = this.violated === null ? this.checkLogs() : null;
    const { options, kernel, outcomes, faultCounts } = this;
    return {
      options,
      virtualMs: kernel.nowMs,
      events: kernel.events,
      violated: this.violated,
      outcomes,
      faults: faultCounts,
      revisions: this.configDb.latest?.revision ?? 0,
      incarnations: this.platform.all.length,
      messages: this.checker.counts,
      gapsMs: this.crowd.gapsMs,
      evidence,
    };
  }

  /** The last events up to a moment. */
  async storyUntil(atMs: number): Promise<readonly string[]> {
    void this.live();
    this.kernel.at(atMs, () => this.kernel.stop());
    await this.kernel.run();
    return this.story.latest(storyLines);
  }

  /** The story of the world, in its order. */
  private async live(): Promise<void> {
    const { options, control, kernel } = this;
    const saga = new Saga(control, {
      random: this.random,
      instancesMax: options.instances,
      mishaps: { none: 0, some: 0.15, all: 0.3 }[options.faults],
      violate: this.violate,
    });
    kernel.at(virtualMaxMs(options.rebalances), () => {
      this.violate('Served', 'the rebalances do not come to an end');
    });
    const size = Math.max(1, Math.ceil(options.instances / 2));
    this.platform.scale(size);
    await saga.settle(ordinals(size));
    this.crowd.start();
    await control.until(() => this.crowd.isSettled(), restMs);
    this.crowd.beginToChat();
    this.isFaulty = true;
    const endFaults = startFaults(this.targets(), options.faults, this.faultCounts);
    for (let n = 0; n < options.rebalances && this.violated === null; n += 1) {
      const outcome = await saga.rebalance();
      this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
      this.story.say('control', `${control.rebalance()}: ${outcome}`);
      await control.parts.process.sleep(this.random.between(0, 1_500));
    }
    this.isFaulty = false;
    endFaults();
    await this.comeToRest(saga);
    kernel.stop();
  }

  private async comeToRest(saga: Saga): Promise<void> {
    const { control, crowd } = this;
    this.story.say('world', 'comes to rest');
    // Long pauses end, the broker is back, whoever was given up is there again.
    await control.parts.process.sleep(15_000);
    const isHeld = await saga.settle(ordinals(this.platform.replicas));
    if (!isHeld) this.violate('Served', 'not everything is held after the faults are over');
    crowd.endChat();
    const settled = await control.until(() => crowd.isSettled(), restMs);
    const waiting = crowd.clients.find((client) => !client.isSettled());
    if (!settled && waiting !== undefined) {
      this.violate('Served', `${waiting.user} is ${waiting.state.phase} and not welcomed`);
    }
    // What is in the logs reaches whoever it is for.
    await control.parts.process.sleep(5_000);
    this.checker.atTheEnd(crowd.clients);
  }

  /** The independent check on the logs that this world wrote. */
  private checkLogs(): EvidenceReport {
    const check = checkEvidence(service, this.options.partitions);
    const add = (topic: string, partition: number): void => {
      this.kafka.log(topic, partition).records.forEach(({ body, timestampMs }, offset) => {
        check.add({ topic, partition, offset, timestamp: timestampMs, value: body });
      });
    };
    add(topics.ownership, 0);
    for (let partition = 0; partition < evidencePartitions; partition += 1)
      add(topics.sessions, partition);
    const report = check.finish();
    if (!report.ok) {
      const { message, topic, partition, offset } = report.first ?? {};
      const record = this.kafka.log(topic ?? '', partition ?? 0).records[Number(offset)];
      const atMs = (record?.timestampMs ?? Number.POSITIVE_INFINITY) - epochMs + 1;
      this.violate('Evidence', message ?? 'the logs do not hold', atMs);
    }
    if (report.ownershipGaps.length > 0)
      this.violate('Served', 'a partition has no owner at the end');
    return report;
  }

  // ---------------------------------------------------------------- parts

  private readonly violate = (invariant: string, text: string, atMs = this.kernel.nowMs): void => {
    if (this.violated !== null) return;
    this.story.say('world', `${invariant}: ${text}`);
    this.violated = { invariant, text, atMs, story: this.story.latest(storyLines) };
    this.kernel.stop();
  };

  private newProcess(name: string): Process {
    const drift = { none: 0, some: 0.001, all: 0.02 }[this.options.faults];
    const rate = 1 + this.random.between(-drift, drift);
    return new Process(this.kernel, name, { rate, skewMs: this.random.between(-50, 50) });
  }

  private newInstance(ordinal: number, life: number): SimInstance {
    const incarnation = `${nameOf(ordinal)}#${life}`;
    const process = this.newProcess(incarnation);
    const { random, kernel } = this;
    const instance = new SimInstance(ordinal, incarnation, process, {
      kafka: this.kafka,
      machines: this.machines,
      partitions: this.options.partitions,
      checkpoint: random.chance(0.5) ? this.configDb.checkpoint : undefined,
      report: (from) => kernel.after(random.between(1, 20), () => this.configDb.report(from)),
      warmed: (from, rebalance) =>
        kernel.after(random.between(1, 20), () => this.configDb.saveWarmed(from, rebalance)),
      wrote: (from, socket, text) => this.wrote(from, socket.who, text),
      alarm: (from, text) => this.violate('Monotone', `${from.incarnation}: ${text}`),
      ended: (from) => this.platform.ended(from, true, random.between(50, 1_000)),
      say: this.story.say,
    });
    this.byProcess.set(process, instance);
    return instance;
  }

  private wrote(instance: SimInstance, client: number, text: string): void {
    const type = dataFrame.exec(text)?.[1];
    const partition = this.crowd.partitionOf(client);
    if (this.story.isPrinted() && type !== undefined)
      this.story.say(instance.name, `→ client ${client} ${text}`);
    if (type !== undefined) this.watch.wrote(instance, client, partition, type);
  }

  private newCrowd(): Crowd {
    const { kernel, random, machines, checker, directoryProcess, options, violate } = this;
    const session: CrowdParts['session'] = (client, answer) => {
      kernel.after(client.baseLatencyMs, () => {
        directoryProcess.deliver(() => {
          const found = this.directory.session(client.user, client.device);
          kernel.after(client.baseLatencyMs, () => answer(found));
        });
      });
    };
    const listenerAt: CrowdParts['listenerAt'] = (url) => this.platform.listenerAt(url);
    const parts = { kernel, random, machines, checker, partitions: options.partitions };
    const say = this.story.isPrinted() ? this.story.say : null;
    return new Crowd({ ...parts, listenerAt, session, say, violate }, options.clients);
  }

  private targets(): Parameters<typeof startFaults>[0] {
    const { kernel, random, kafka, platform, configDb } = this;
    const { clients } = this.crowd;
    const directory = this.directoryProcess;
    return { kernel, random, kafka, platform, configDb, directory, clients, say: this.story.say };
  }
}

const dataFrame = /^\{"type":"(welcome|message|accepted)"/;
