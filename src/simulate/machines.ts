// Owns: which state machines a simulated world is built from. A simulation and an exploration take
// them from here, so that a test can put a broken one in its place. Never changes what they do.
import {
  clientStep,
  type ClientEvent,
  type ClientState,
  type ClientStep,
} from '../core/handover/client.js';
import { Connections, type ConnectionLimits } from '../core/handover/connections.js';
import { Fencing, type FencingLimits, type Victim } from '../core/handover/fencing.js';
import { HandOver } from '../core/handover/hand-over.js';
import { Lease, type LeaseLimits } from '../core/handover/lease.js';
import { OwnershipLog, type OwnershipSnapshot } from '../core/handover/ownership-log.js';
import type { HandOverLimits, HandOverViews, Self } from '../core/handover/phase.js';

export interface Machines {
  /** Each instance's own replica of the ownership log, perhaps from a checkpoint on. */
  readonly ownershipLog: (partitions: number, from?: OwnershipSnapshot) => OwnershipLog;
  readonly handOver: (self: Self, views: HandOverViews, limits: HandOverLimits) => HandOver;
  readonly connections: (limits: ConnectionLimits) => Connections;
  readonly lease: (instance: string, incarnation: string, limits: LeaseLimits) => Lease;
  readonly fencing: (victim: Victim, limits: FencingLimits) => Fencing;
  readonly client: (state: ClientState, event: ClientEvent, nowMs: number) => ClientStep;
}

/** The ones that instances and clients run. */
export const realMachines: Machines = {
  ownershipLog: (partitions, from) => new OwnershipLog(partitions, from),
  handOver: (self, views, limits) => new HandOver(self, views, limits),
  connections: (limits) => new Connections(limits),
  lease: (instance, incarnation, limits) => new Lease(instance, incarnation, limits),
  fencing: (victim, limits) => new Fencing(victim, limits),
  client: clientStep,
};
