// Owns: one incarnation as exploration sees it: the real machines under the real driver, with the two
// outboxes and the sockets replaced by lists. Whatever it wants to happen outside is in `out` when an
// event is over; carrying it further, later or never is the world's business. Never looks at other
// incarnations.

import type { Connections, Identity } from '../../core/handover/connections.js';
import type { HandOver } from '../../core/handover/hand-over.js';
import type { OwnershipLog } from '../../core/handover/ownership-log.js';
import type { ControlMessage, OwnershipRecord } from '../../core/records.js';
import { instanceName } from '../../core/records.js';
import { Driver } from '../../instance/driver.js';
import type { Machines } from '../machines.js';
import { HostEffects, NoGaps, nothingOut, service, urlOf, Views, Wire } from './host-effects.js';
import type { HostOut } from './parts.js';
import type { WorldLimits } from './world-options.js';

export { service, urlOf } from './host-effects.js';

export class Host {
  readonly ordinal: number;
  readonly incarnation: string;
  readonly log: OwnershipLog;
  readonly handOver: HandOver;
  readonly connections: Connections;
  readonly driver: Driver;
  readonly effects: HostEffects;
  readonly wires = new Map<string, Wire>();
  started = false;
  /** Told to end. */
  leaving = false;
  controlAt = 0;

  constructor(
    who: { readonly ordinal: number; readonly incarnation: string },
    machines: Machines,
    limits: WorldLimits,
    log: OwnershipLog,
  ) {
    const { ordinal, incarnation } = who;
    const name = instanceName(service, ordinal);
    this.ordinal = ordinal;
    this.incarnation = incarnation;
    this.log = log;
    this.connections = machines.connections(limits);
    const self = { service, ordinal, incarnation, url: urlOf(ordinal) };
    this.handOver = machines.handOver(self, new Views(log, this.connections), limits);
    this.effects = new HostEffects(name);
    this.driver = new Driver(
      { instance: name, incarnation },
      { handOver: this.handOver, connections: this.connections, gaps: new NoGaps() },
      this.effects,
    );
  }

  start(): void {
    this.started = true;
    this.driver.act(this.handOver.onStarted(0));
  }

  readOwnership(record: OwnershipRecord, offset: number): void {
    const verdict = this.log.apply(record, offset);
    this.driver.act(this.handOver.onOwnership(record, verdict, 0));
  }

  readControl(message: ControlMessage): void {
    this.controlAt += 1;
    this.driver.control(message);
  }

  leave(): void {
    this.leaving = true;
    this.driver.act(this.handOver.onLeave(0));
  }

  warmed(partition: number): void {
    this.effects.forget([partition]);
    this.driver.act(this.handOver.onWarmed([partition], 0));
  }

  hello(id: string, identity: Identity, revision: number | null, next: number | null): void {
    const wire = new Wire(id, this.effects, next);
    this.wires.set(id, wire);
    this.effects.connectionId = id;
    this.driver.admit(identity, revision, wire);
    this.effects.connectionId = '';
  }

  socketClosed(id: string): void {
    const wire = this.wires.get(id);
    if (wire === undefined) return;
    this.wires.delete(id);
    this.driver.socketClosed(wire, 'lost');
  }

  /** Appends go out at the end of an event, if the lease is good then; ownership is not kept. */
  takeOut(): HostOut {
    const { effects } = this;
    const own = effects.ownership.take();
    if (effects.leaseIsGood) {
      effects.out.own.push(...own);
      for (const entry of effects.evidence.take()) effects.out.evidence.push(entry);
    }
    const out = effects.out;
    effects.out = nothingOut();
    effects.leaseIsGood = false;
    return out;
  }
}
