// Owns: what the search asks a part again and again, read once from its machines. Never changes one.

import type { OwnershipLog } from '../../core/handover/ownership-log.js';
import type { OwnershipRecord } from '../../core/records.js';
import { copyOf } from './graph.js';
import type { Host } from './host.js';
import { heartbeatsUnderWay } from './lease-part.js';
import type { LeasePart } from './lease-part.js';
import type { World } from './world.js';

export interface HostFacts {
  readonly ordinal: number;
  readonly incarnation: string;
  readonly started: boolean;
  readonly leaving: boolean;
  /** Told to end, and nothing is left to do. */
  readonly mayEnd: boolean;
  readonly controlAt: number;
  /** Offset of the next record to read. */
  readonly position: number;
  /** Partitions that it may speak for while its lease is good, as bits. */
  readonly speaksFor: number;
  /** Partitions that it keeps although they are planned elsewhere, until it is told to go on, as bits. */
  readonly keeps: number;
  /** Holds, or still closes, at least one partition. */
  readonly holds: boolean;
  readonly warming: readonly number[];
  /** Partitions whose `acquired` or `released` it has handed over and not read back. */
  readonly appending: readonly number[];
  /** Every connection that it knows. */
  readonly connections: readonly string[];
  /** Those with a socket. */
  readonly sockets: readonly string[];
  /** Those whose socket it closes itself. */
  readonly ended: readonly string[];
  /** Welcomed connections with the next offset of each. */
  readonly reading: readonly (readonly [connection: string, next: number])[];
  readonly evidenceWaits: boolean;
  /** Revision and content of its goal. */
  readonly goal: { readonly revision: number; readonly hash: string } | null;
  /** A client left waiting although its partition is held. */
  readonly forgotten: string | null;
  readonly fencedItself: boolean;
}

export function hostFacts(host: Host): HostFacts {
  const { handOver, log, effects, wires } = host;
  const free = copyOf(host);
  free.effects.leaseIsGood = true;
  let speaksFor = 0;
  for (let p = 0; p < log.partitions; p += 1) if (free.driver.maySpeak(p)) speaksFor |= 1 << p;
  const { target } = handOver.goals;
  const all = [...wires.values()];
  const waiting = effects.evidence.waiting.map(({ connection }) => connection);
  return {
    ordinal: host.ordinal,
    incarnation: host.incarnation,
    started: host.started,
    leaving: host.leaving,
    mayEnd: host.leaving && handOver.isEmpty() && host.connections.counts().clients === 0,
    controlAt: host.controlAt,
    position: log.position(),
    speaksFor,
    keeps: handOver.goals.holding
      ? speaksFor
      : handOver.takenBackPartitions().reduce((bits, p) => bits | (1 << p), 0),
    holds: handOver.counts().held > 0,
    warming: [...effects.warming],
    appending: Array.from({ length: log.partitions }, (_, p) => p).filter((p) =>
      ['acquiring', 'releasing'].includes(handOver.phaseOf(p)),
    ),
    connections: [...connectionsOf(host).keys(), ...wires.keys(), ...waiting],
    sockets: [...wires.keys()],
    ended: all.filter(({ ended }) => ended).map(({ id }) => id),
    reading: all
      .filter(({ welcomed, ended }) => welcomed && !ended)
      .map(({ id, next }) => [id, next ?? 0] as const),
    evidenceWaits: waiting.length > 0,
    goal: target === null ? null : { revision: target.revision, hash: target.hash },
    forgotten: forgottenOf(host, speaksFor),
    fencedItself: log.isFenced(host.incarnation),
  };
}

/** What Connections keeps, read from inside: it has no reason to tell anybody else. */
type Known = Map<
  string,
  {
    readonly stage: string;
    readonly evicted: boolean;
    readonly identity: { readonly partition: number };
  }
>;
const connectionsOf = (host: Host): Known =>
  (host.connections as unknown as { readonly table: { readonly byId: Known } }).table.byId;

function forgottenOf(host: Host, speaksFor: number): string | null {
  for (const [id, { stage, evicted, identity }] of connectionsOf(host)) {
    const served = (speaksFor & (1 << identity.partition)) !== 0;
    if (served && stage === 'parked' && !evicted) return id;
  }
  return null;
}

export interface LeaseFacts {
  readonly good: boolean;
  readonly ended: boolean;
  readonly sends: boolean;
  readonly unread: boolean;
  readonly heartbeats: number;
  readonly acked: boolean;
}

export function leaseFacts(part: LeasePart): LeaseFacts {
  const { lease } = copyOf(part);
  return {
    good: lease.speaks(0),
    ended: lease.ended(0) !== null,
    sends: part.sending.length > 0,
    unread: part.unread.length > 0,
    heartbeats: heartbeatsUnderWay(part),
    acked: part.acked,
  };
}

export interface LogFacts {
  readonly replica: OwnershipLog;
  /** `partition|incarnation` of everybody who ever validly acquired. */
  readonly holders: ReadonlySet<string>;
  /** A valid record with a lower revision than one before it. */
  readonly backwards: string | null;
}

/** A replay of the whole log by the machine that instances run. */
export function logFacts(log: readonly OwnershipRecord[], world: World): LogFacts {
  const replica = world.machines.ownershipLog(world.options.partitions);
  const holders = new Set<string>();
  const highest = new Map<number, number>();
  let backwards: string | null = null;
  log.forEach((record, offset) => {
    const { valid } = replica.apply(record, offset);
    if (!valid || record.type === 'fenced') return;
    const { partition, revision, incarnation } = record;
    if (record.type === 'acquired') holders.add(`${partition}|${incarnation}`);
    const before = highest.get(partition) ?? 0;
    if (revision < before)
      backwards ??= `Monotone: p${partition} goes from revision ${before} back to ${revision}`;
    highest.set(partition, Math.max(before, revision));
  });
  return { replica, holders, backwards };
}
