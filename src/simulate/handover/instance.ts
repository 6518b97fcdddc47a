// One incarnation of one instance: the real machines, driver, outboxes, delivery and connections, put
// together in the order of src/instance/start.ts around a simulated network. Owns the wiring only.

import type { WebSocket } from 'ws';
import type { Connections } from '../../core/handover/connections.js';
import type { HandOver } from '../../core/handover/hand-over.js';
import type { OwnershipLog, OwnershipSnapshot } from '../../core/handover/ownership-log.js';
import type { ControlMessage, OwnershipRecord } from '../../core/records.js';
import { Driver } from '../../instance/driver.js';
import { Outbox } from '../../instance/outbox.js';
import * as limits from '../../limits.js';
import type { Appender } from '../../ports.js';
import { fence, record } from './fence.js';
import type { LogReader, SimKafka } from './kafka.js';
import { LeaseEnd } from './lease-end.js';
import { MessagingEnd } from './messaging-end.js';
import { evidencePartitionOf, nameOf, service, topics, urlOf } from './names.js';
import { PartitionReads } from './partition-reads.js';
import type { Process } from './process.js';
import type { Listener, Socket } from './sockets.js';
import type { Machines } from '../machines.js';

/** What an incarnation needs of the world around it. */
export interface Surroundings {
  readonly kafka: SimKafka;
  readonly machines: Machines;
  readonly partitions: number;
  readonly checkpoint: OwnershipSnapshot | undefined;
  /** Its report reaches ConfigDB. */
  readonly report: (instance: SimInstance) => void;
  readonly warmed: (instance: SimInstance, rebalance: string, partitions: number) => void;
  readonly wrote: (instance: SimInstance, socket: Socket, text: string) => void;
  readonly alarm: (instance: SimInstance, text: string) => void;
  /** The process must end: fenced, or given up. */
  readonly ended: (instance: SimInstance) => void;
  readonly say: (who: string, what: string) => void;
}

const leaseLimits = { ttlMs: limits.leaseTtlMs, lapseMaxMs: limits.leaseLapseMaxMs };

export type SimState = 'starting' | 'ready' | 'leaving' | 'fenced' | 'stopped';

export class SimInstance implements Listener {
  readonly name: string;
  readonly ordinal: number;
  readonly incarnation: string;
  readonly process: Process;
  readonly sockets = new Set<Socket>();
  readonly log: OwnershipLog;
  readonly lease: LeaseEnd;
  readonly handOver: HandOver;
  readonly connections: Connections;
  state: SimState = 'starting';
  /** Something that may change who holds what has happened since it was looked at from above. */
  isStirred = false;
  private readonly around: Surroundings;
  private readonly driver: Driver;
  private readonly reads: PartitionReads;
  private readonly messaging: MessagingEnd;
  private readonly ownership: Outbox;
  private readonly evidence: Outbox;
  private readonly ownershipAppender: Appender;
  private cancelGrace: () => void = () => undefined;
  private reportSoon = false;
  private connectionsMade = 0;

  constructor(ordinal: number, incarnation: string, process: Process, around: Surroundings) {
    const { kafka, machines, partitions } = around;
    this.around = around;
    this.ordinal = ordinal;
    this.name = nameOf(ordinal);
    this.incarnation = incarnation;
    this.process = process;
    this.lease = new LeaseEnd({
      kafka,
      process,
      ordinal,
      lease: machines.lease(this.name, incarnation, leaseLimits),
      onChange: (good) => this.onLease(good),
      onEnd: () => this.stopAs('fenced'),
    });
    this.log = machines.ownershipLog(partitions, around.checkpoint);
    this.connections = machines.connections(limits);
    this.ownershipAppender = kafka.appender(process);
    this.ownership = this.outbox(this.ownershipAppender, 'drop');
    this.evidence = this.outbox(kafka.appender(process), 'repeat');
    this.handOver = machines.handOver(
      { service, ordinal, incarnation, url: urlOf(ordinal) },
      {
        log: this.log,
        clientsOf: (p) => this.connections.clientsOf(p),
        positionOf: (p) => this.reads.positionOf(p),
      },
      { takeBackAfterMs: limits.takeBackAfterMs, repeatAfterMs: limits.repeatAppendAfterMs },
    );
    this.messaging = new MessagingEnd(this.name, process, kafka, partitions, {
      admit: (identity, revision, connection) => this.driver.admit(identity, revision, connection),
      closed: (connection, reason) => this.driver.socketClosed(connection, reason),
      maySpeak: (p) => this.driver.maySpeak(p),
    });
    this.reads = new PartitionReads(
      kafka,
      process,
      topics.messages,
      this.messaging.sink,
      (list) => {
        this.isStirred = true;
        this.driver.act(this.handOver.onWarmed(list, this.nowMs()));
      },
    );
    const machine = { handOver: this.handOver, connections: this.connections };
    const gaps = { left: () => undefined };
    this.driver = new Driver(
      { instance: this.name, incarnation },
      { ...machine, gaps },
      this.effects(),
    );
  }

  // ---------------------------------------------------------------- its life

  /** First the lease is read, then both logs up to the present, and only then it acts. */
  async start(): Promise<void> {
    const { kafka } = this.around;
    this.lease.start();
    this.process.every(limits.tickEveryMs, () => this.driver.tick());
    this.process.every(limits.reportEveryMs, () => this.around.report(this));
    const at = { topic: topics.ownership, partition: 0, from: this.log.position() };
    const ownership = kafka.open(this.process, at, (records, from) => {
      records.forEach(({ body }, i) => this.readOwnership(body as OwnershipRecord, from + i));
    });
    const said = { topic: topics.control, partition: 0, from: 0 };
    const control = kafka.open(this.process, said, (records) => {
      this.isStirred = true;
      for (const { body } of records) this.driver.control(body as ControlMessage);
    });
    await Promise.all([
      this.caughtUp(ownership, topics.ownership),
      this.caughtUp(control, topics.control),
    ]);
    while (!this.speaks() && this.state === 'starting') {
      await this.process.sleep(limits.caughtUpPollMs);
    }
    if (this.state !== 'starting') return;
    this.state = 'ready';
    this.isStirred = true;
    this.around.say(this.name, `ready as ${this.incarnation}`);
    this.driver.act(this.handOver.onStarted(this.nowMs()));
    this.around.report(this);
  }

  speaks(): boolean {
    return this.lease.speaks();
  }

  maySpeak(partition: number): boolean {
    return this.process.alive && this.driver.maySpeak(partition);
  }

  /** Told to terminate: gives everything away, as far as it can within the bound. */
  async leave(): Promise<void> {
    if (this.state !== 'ready') return;
    this.state = 'leaving';
    const untilMs = this.nowMs() + limits.leaveWithinMs;
    this.driver.act(this.handOver.onLeave(this.nowMs()));
    const isGone = (): boolean =>
      this.handOver.isEmpty() && this.connections.counts().clients === 0;
    while (this.nowMs() < untilMs && !isGone()) await this.process.sleep(limits.tickEveryMs);
    this.stopAs('stopped');
  }

  /** The process is gone at once; clients are told by their network, or find out by themselves. */
  crash(isTold: boolean): void {
    this.process.end();
    for (const socket of [...this.sockets]) socket.serverEnded(isTold);
  }

  accept(socket: WebSocket): void {
    this.messaging.accept(socket);
  }

  wrote(socket: Socket, text: string): void {
    this.around.wrote(this, socket, text);
  }

  private nowMs(): number {
    return this.process.clock.monotonicMs();
  }

  private async caughtUp(reader: LogReader, topic: string): Promise<void> {
    const { kafka } = this.around;
    const end = await new Promise<number>((resolve) => {
      kafka.reach(() => {
        const high = kafka.log(topic, 0).records.length;
        this.process.later(() => resolve(high), kafka.weather.requestMs());
      });
    });
    while (reader.position < end) await this.process.sleep(limits.caughtUpPollMs);
  }

  private stopAs(how: 'fenced' | 'stopped'): void {
    if (this.state === 'fenced' || this.state === 'stopped') return;
    this.state = how;
    this.around.say(this.name, `${how} (${this.incarnation})`);
    this.cancelGrace();
    this.driver.closeAll('this instance ends');
    this.ownership.close();
    this.evidence.close();
    this.process.later(() => this.around.ended(this), limits.closeHandshakeMs);
  }

  private onLease(good: boolean): void {
    this.around.say(this.name, good ? 'lease good' : 'lease lapsed');
    if (this.state === 'starting' && !good) return;
    this.driver.suspend(!good);
    this.cancelGrace();
    if (good) return;
    this.cancelGrace = this.process.later(
      () => this.driver.closeAll('the lease of this instance lapsed'),
      limits.suspendedGraceMs,
    );
  }

  // ---------------------------------------------------------------- logs and effects

  private readOwnership(body: OwnershipRecord, offset: number): void {
    this.isStirred = true;
    const verdict = this.log.apply(body, offset);
    this.driver.act(this.handOver.onOwnership(body, verdict, this.nowMs()));
    if (this.log.isFenced(this.incarnation)) this.stopAs('fenced');
  }

  private outbox(appender: Appender, onFailure: 'repeat' | 'drop'): Outbox {
    return new Outbox({
      appender,
      mayAppend: () => this.speaks(),
      onFailure,
      retryAfterMs: limits.repeatAppendAfterMs,
      later: this.process.later,
      onError: () => undefined,
    });
  }

  private effects(): ConstructorParameters<typeof Driver>[2] {
    return {
      nowMs: () => this.nowMs(),
      leaseGood: () => this.speaks(),
      newConnectionId: () => {
        this.connectionsMade += 1;
        return `${this.incarnation}/${this.connectionsMade}`;
      },
      ownership: this.ownership,
      evidence: this.evidence,
      ownershipRecord: (change) => {
        this.around.say(
          this.name,
          `appends ${change.type} ${change.partition} @${change.revision}`,
        );
        return record(topics.ownership, 0, change);
      },
      sessionRecord: (change) =>
        record(topics.sessions, evidencePartitionOf(change.partition), change),
      warm: (list) => this.reads.warm(list),
      forget: (list) => this.reads.forget(list),
      fence: (predecessor) => void this.fencePredecessor(predecessor),
      answerWarmed: (rebalance, partitions) => this.around.warmed(this, rebalance, partitions),
      report: () => this.report(),
      alarm: (text) => this.around.alarm(this, text),
    };
  }

  private report(): void {
    if (this.reportSoon) return;
    this.reportSoon = true;
    this.process.later(() => {
      this.reportSoon = false;
      this.around.report(this);
    }, limits.reportAtMostEveryMs);
  }

  private async fencePredecessor(incarnation: string): Promise<void> {
    const { kafka } = this.around;
    const { process, name, ownershipAppender: appender } = this;
    const by = `${name}/${this.incarnation}`;
    const { how } = await fence({
      kafka,
      process,
      appender,
      victim: { instance: name, incarnation },
      by,
    });
    this.around.say(name, `fenced ${incarnation}: ${how}`);
  }
}
