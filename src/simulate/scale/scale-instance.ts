// One instance of the world at scale: the real hand-over machine and its own replica of the ownership
// log, with clients that exist only as numbers until they move. Its lease is always good.

import type { HandOver } from '../../core/handover/hand-over.js';
import type { OwnershipLog, OwnershipSnapshot } from '../../core/handover/ownership-log.js';
import type { Action } from '../../core/handover/phase.js';
import { instanceName, type ControlMessage, type OwnershipRecord } from '../../core/records.js';
import { repeatAppendAfterMs, takeBackAfterMs } from '../../limits.js';
import type { Machines } from '../machines.js';
import type { ScaleWorld } from './scale-world.js';
import {
  acceptMs,
  appendMs,
  closeHandshakeMs,
  closeMs,
  dialOneWays,
  latencyMs,
  warmMs,
} from './model.js';

export const service = 'sim';

/** A client on its way: told to move, heard of at the receiver, waiting for the partition. */
interface Waiting {
  readonly noticeAtMs: number;
  readonly acceptedAtMs: number;
  readonly latencyMs: number;
}

export class ScaleInstance {
  readonly ordinal: number;
  readonly name: string;
  readonly incarnation: string;
  readonly url: string;
  readonly handOver: HandOver;
  readonly log: OwnershipLog;
  isWarmFor: string | null = null;
  private readonly world: ScaleWorld;
  private readonly served = new Set<number>();
  private readonly waiting = new Map<number, Waiting[]>();
  private acceptFreeAtMs = 0;
  private closeFreeAtMs = 0;

  constructor(world: ScaleWorld, ordinal: number, machines: Machines, past: OwnershipSnapshot) {
    this.world = world;
    this.ordinal = ordinal;
    this.name = instanceName(service, ordinal);
    this.incarnation = `${this.name}#1`;
    this.url = `ws://${this.name}`;
    this.log = machines.ownershipLog(past.partitions, past);
    this.handOver = machines.handOver(
      { service, ordinal, incarnation: this.incarnation, url: this.url },
      {
        log: this.log,
        clientsOf: (p) => (this.served.has(p) ? this.world.clientsIn(p) : 0),
        positionOf: () => 0,
      },
      { takeBackAfterMs, repeatAfterMs: repeatAppendAfterMs },
    );
  }

  /** Began before this story does, and holds what the log says. */
  begin(told: ControlMessage, own: readonly (readonly [OwnershipRecord, number])[]): void {
    this.handOver.onControl(told, 0);
    this.handOver.onStarted(0);
    this.handOver.onWarmed(
      own.map(([record]) => (record.type === 'fenced' ? -1 : record.partition)),
      0,
    );
    for (const [record, offset] of own) {
      const verdict = this.log.apply(record, offset);
      this.act(
        this.handOver.onOwnership(record, verdict, 0).filter(({ kind }) => kind === 'serve'),
      );
    }
  }

  control(message: ControlMessage): void {
    this.act(this.handOver.onControl(message, this.world.kernel.nowMs));
  }

  read(record: OwnershipRecord, offset: number): void {
    const verdict = this.log.apply(record, offset);
    this.act(this.handOver.onOwnership(record, verdict, this.world.kernel.nowMs));
  }

  tick(): void {
    this.act(this.handOver.onTick(this.world.kernel.nowMs));
  }

  private act(actions: readonly Action[]): void {
    const { kernel, random } = this.world;
    for (const action of actions) {
      switch (action.kind) {
        case 'append':
          this.world.append(action.records);
          break;
        case 'warm': {
          const { partitions } = action;
          kernel.after(warmMs(random), () => {
            this.act(this.handOver.onWarmed(partitions, kernel.nowMs));
          });
          break;
        }
        case 'drain':
          this.drain(action.partitions, action.url);
          break;
        case 'serve':
          for (const partition of action.partitions) this.serve(partition);
          break;
        case 'answer-warmed':
          this.isWarmFor = action.rebalance;
          break;
        default:
          break;
      }
    }
  }

  /** Every client is told and dials the receiver; the partition is drained when the last has closed. */
  private drain(partitions: readonly number[], url: string | null): void {
    const { kernel, random, measures } = this.world;
    const receiver = this.world.instanceAt(url);
    measures.waves += 1;
    measures.partitions += partitions.length;
    for (const partition of partitions) {
      let drainedAtMs = kernel.nowMs;
      for (let n = this.world.clientsIn(partition); n > 0; n -= 1) {
        this.closeFreeAtMs = Math.max(kernel.nowMs, this.closeFreeAtMs) + closeMs;
        const toldAtMs = this.closeFreeAtMs;
        const oneWayMs = latencyMs(random);
        const noticeAtMs = toldAtMs + oneWayMs;
        drainedAtMs = Math.max(drainedAtMs, toldAtMs + Math.min(2 * oneWayMs, closeHandshakeMs));
        measures.notice(toldAtMs);
        kernel.at(noticeAtMs + dialOneWays * oneWayMs, () => {
          receiver.arrive(partition, noticeAtMs, oneWayMs);
        });
      }
      this.served.delete(partition);
      kernel.at(drainedAtMs + appendMs(random), () => {
        this.act(this.handOver.onDrained(partition, kernel.nowMs));
      });
    }
  }

  /** A client has dialled and said hello: one after the other, each takes the receiver's processor. */
  private arrive(partition: number, noticeAtMs: number, oneWayMs: number): void {
    const { nowMs } = this.world.kernel;
    this.acceptFreeAtMs = Math.max(nowMs, this.acceptFreeAtMs) + acceptMs;
    const acceptedAtMs = this.acceptFreeAtMs;
    this.world.measures.accept(this.ordinal, acceptedAtMs);
    const client = { noticeAtMs, acceptedAtMs, latencyMs: oneWayMs };
    if (this.served.has(partition)) {
      this.welcome(client);
      return;
    }
    const parked = this.waiting.get(partition);
    if (parked === undefined) this.waiting.set(partition, [client]);
    else parked.push(client);
  }

  private serve(partition: number): void {
    this.served.add(partition);
    for (const client of this.waiting.get(partition) ?? []) this.welcome(client);
    this.waiting.delete(partition);
  }

  /** `opened` is acknowledged before the welcome goes out. */
  private welcome({ noticeAtMs, acceptedAtMs, latencyMs: oneWayMs }: Waiting): void {
    const { kernel, random, measures } = this.world;
    const atMs = Math.max(kernel.nowMs, acceptedAtMs) + appendMs(random) + oneWayMs;
    measures.welcome(atMs - noticeAtMs, (dialOneWays + 1) * oneWayMs, atMs);
  }
}
