// A small world of real hand-over machines around simulated logs, in virtual time: instances read the
// control and the ownership log at their own pace, appends arrive late or twice, processes crash and
// come back. The invariant SingleOwner is checked after every step.

import { Connections } from '../../../src/core/handover/connections.js';
import type { ConnectionAction, Identity } from '../../../src/core/handover/connections.js';
import { HandOver } from '../../../src/core/handover/hand-over.js';
import { OwnershipLog } from '../../../src/core/handover/ownership-log.js';
import type { Action } from '../../../src/core/handover/phase.js';
import type {
  ControlMessage,
  OwnedRange,
  OwnershipRecord,
  SessionChange,
} from '../../../src/core/records.js';
import { instanceName } from '../../../src/core/records.js';
import type { Seeded } from '../../support/seeded.js';

export const limits = { takeBackAfterMs: 2_000, repeatAfterMs: 1_000 };

export class Node {
  readonly log: OwnershipLog;
  readonly handOver: HandOver;
  readonly connections = new Connections({ parkedMs: 5_000, parkedClientsMax: 100 });
  readonly name: string;
  readonly pending: (() => void)[] = [];
  readonly warmed: { rebalance: string; partitions: number }[] = [];
  readonly welcomed = new Set<string>();
  controlAt = 0;
  crashed = false;

  constructor(
    readonly world: World,
    readonly ordinal: number,
    readonly incarnation: string,
  ) {
    this.name = instanceName('s', ordinal);
    this.log = new OwnershipLog(world.partitions);
    this.handOver = new HandOver(
      { service: 's', ordinal, incarnation, url: `ws://${this.name}` },
      { log: this.log, clientsOf: (p) => this.connections.clientsOf(p), positionOf: () => 0 },
      limits,
    );
  }

  act(actions: readonly Action[]): void {
    for (const action of actions) this.actOn(action);
  }

  private actOn(action: Action): void {
    const { world } = this;
    switch (action.kind) {
      case 'append':
        this.pending.push(() => {
          for (const record of action.records) {
            world.append(record);
            if (world.random.below(10) === 0) world.append(record);
          }
        });
        return;
      case 'warm':
        this.pending.push(() => {
          this.act(this.handOver.onWarmed(action.partitions, world.nowMs));
        });
        return;
      case 'drain':
        this.carryOut(this.connections.drain(action.partitions, action));
        return;
      case 'serve':
        for (const p of action.partitions)
          this.carryOut(this.connections.serve(p, this.revision()));
        return;
      case 'turn-away':
        for (const p of action.partitions)
          this.carryOut(this.connections.turnAway(p, action.url, action.revision));
        return;
      case 'fence':
        world.fence(this.name, action.incarnation);
        return;
      case 'answer-warmed':
        this.warmed.push(action);
        return;
      default:
        return;
    }
  }

  carryOut(actions: readonly ConnectionAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'opened':
        case 'closed':
          this.pending.push(() => {
            this.world.evidence(this, action);
            this.carryOut(
              action.kind === 'opened'
                ? this.connections.openedAcknowledged(
                    action.id,
                    this.handOver.holds(action.identity.partition),
                  )
                : this.connections.closedAcknowledged(action.id),
            );
          });
          break;
        case 'welcome':
          this.welcomed.add(action.id);
          break;
        case 'drained':
          this.act(this.handOver.onDrained(action.partition, this.world.nowMs));
          break;
        case 'disconnect':
        case 'redirect':
        case 'refuse':
          this.pending.push(() => {
            this.welcomed.delete(action.id);
            this.carryOut(this.connections.socketClosed(action.id, 'lost'));
          });
          break;
      }
    }
  }

  admit(id: string, identity: Identity): void {
    const admission = this.handOver.admission(identity.partition, null);
    this.carryOut(this.connections.admit(id, identity, admission, this.world.nowMs));
  }

  revision(): number {
    return this.handOver.goals.target?.revision ?? 0;
  }

  /** Reads the next record of a log, if there is one. */
  readOwnership(): boolean {
    const offset = this.log.position();
    const record = this.world.ownership[offset];
    if (record === undefined) return false;
    const verdict = this.log.apply(record, offset);
    this.act(this.handOver.onOwnership(record, verdict, this.world.nowMs));
    return true;
  }

  readControl(): boolean {
    const message = this.world.control[this.controlAt];
    if (message === undefined) return false;
    this.controlAt += 1;
    this.act(this.handOver.onControl(message, this.world.nowMs));
    return true;
  }

  runPending(): boolean {
    const job = this.pending.shift();
    job?.();
    return job !== undefined;
  }
}

export class World {
  nowMs = 0;
  readonly ownership: OwnershipRecord[] = [];
  readonly control: ControlMessage[] = [];
  readonly sessions: SessionChange[] = [];
  readonly nodes: Node[] = [];
  private lives = 0;

  constructor(
    readonly partitions: number,
    readonly random: Seeded,
  ) {}

  /** A new process of an ordinal that has read both logs. */
  start(ordinal: number): Node {
    this.lives += 1;
    const node = new Node(this, ordinal, `${instanceName('s', ordinal)}#${this.lives}`);
    this.nodes.push(node);
    while (node.readControl() || node.readOwnership());
    node.act(node.handOver.onStarted(this.nowMs));
    return node;
  }

  crash(node: Node): void {
    node.crashed = true;
    node.pending.length = 0;
  }

  append(record: OwnershipRecord): void {
    this.ownership.push(record);
  }

  fence(instance: string, incarnation: string): void {
    const victim = this.nodes.find((node) => node.incarnation === incarnation);
    if (victim !== undefined) this.crash(victim);
    this.append({ type: 'fenced', instance, incarnation, how: 'process-ended' });
  }

  evidence(node: Node, action: ConnectionAction & { kind: 'opened' | 'closed' }): void {
    this.sessions.push({
      ...action.identity,
      type: action.kind,
      connection: action.id,
      instance: node.name,
      incarnation: node.incarnation,
      revision: action.revision,
    });
  }

  distribution(
    revision: number,
    ranges: readonly OwnedRange[],
    epoch = 1,
  ): ControlMessage & { type: 'distribution' } {
    const ordinals = new Set(ranges.map((range) => range[2]));
    return {
      type: 'distribution',
      epoch,
      revision,
      rebalance: `r${revision}`,
      hash: JSON.stringify(ranges),
      ranges,
      instances: Object.fromEntries(
        [...ordinals].map((o) => [instanceName('s', o), { url: `ws://s-${o}` }]),
      ),
      pace: { clientsPerWave: 3, acceptPerSecond: 100, partitionsPerWave: 4 },
    };
  }

  live(): readonly Node[] {
    return this.nodes.filter((node) => !node.crashed);
  }

  /** One random thing happens. False when there was nothing left to do. */
  step(): boolean {
    const live = this.live();
    const first = this.random.below(Math.max(1, live.length));
    for (let i = 0; i < live.length; i += 1) {
      const node = live[(first + i) % live.length] as Node;
      const doings = [
        () => node.readOwnership(),
        () => node.readControl(),
        () => node.runPending(),
      ];
      const from = this.random.below(3);
      for (let j = 0; j < 3; j += 1) {
        if (doings[(from + j) % 3]?.() === true) {
          this.checkSingleOwner();
          return true;
        }
      }
    }
    return false;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const node of this.live()) {
      node.act(node.handOver.onTick(this.nowMs));
      node.carryOut(node.connections.tick(this.nowMs));
    }
    this.checkSingleOwner();
  }

  /** Runs until nothing happens any more over some seconds of virtual time. */
  settle(): void {
    for (let quiet = 0, steps = 0; quiet < 8; steps += 1) {
      if (steps > 200_000) throw new Error('the world does not come to rest');
      if (this.step()) quiet = 0;
      else {
        quiet += 1;
        this.advance(600);
      }
    }
  }

  /** Which ordinal holds each partition by the whole log; null where nobody. */
  owners(): readonly (number | null)[] {
    const log = new OwnershipLog(this.partitions);
    this.ownership.forEach((record, offset) => log.apply(record, offset));
    return Array.from({ length: this.partitions }, (_, p) => {
      const holder = log.holderOf(p);
      return holder === null ? null : Number(holder.instance.slice(2));
    });
  }

  private checkSingleOwner(): void {
    for (let p = 0; p < this.partitions; p += 1) {
      const holders = this.live().filter((node) => node.handOver.holds(p));
      if (holders.length > 1) {
        throw new Error(
          `SingleOwner: partition ${p} is held by ${holders.map((n) => n.incarnation).join(' and ')}`,
        );
      }
    }
  }
}
