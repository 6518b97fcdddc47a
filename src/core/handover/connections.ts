// The client connections of one instance, as a passive state machine. It owns the order that makes
// *no client on two instances* a property of a log: `opened` is acknowledged before a welcome, `closed`
// is appended after the socket is closed, and a partition is drained only when every connection that
// was ever *sent* an `opened` has its `closed` acknowledged. It never touches a socket.
//
//   parked ──admitted──► opening ──acked──► open ──socket closed──► closing ──acked──► (gone)
//      └─ redirected, refused           evicted: closed as soon as its `opened` is acknowledged
//
// Every call returns the actions that follow; the driver carries them out in order.

import type { ClosedReason } from '../records.js';
import { arrivalDelays } from './arrival-delay.js';
import { isNewer, keyOf } from './connection.js';
import type { Admission } from './phase.js';
import type {
  Connection,
  ConnectionAction,
  ConnectionLimits,
  Identity,
  Notice,
} from './connection.js';

export type { ConnectionAction, ConnectionLimits, Identity } from './connection.js';

export class Connections {
  private readonly limits: ConnectionLimits;
  private readonly byId = new Map<string, Connection>();
  private readonly byPartition = new Map<number, Set<Connection>>();
  /** The newest session of each (user, client). */
  private readonly newest = new Map<string, Connection>();
  private readonly draining = new Set<number>();
  private parked = 0;

  constructor(limits: ConnectionLimits) {
    this.limits = limits;
  }

  /** A verified hello. `admission` is where its partition stands on this instance. */
  admit(
    id: string,
    identity: Identity,
    admission: Admission,
    nowMs: number,
  ): readonly ConnectionAction[] {
    const older = this.newest.get(keyOf(identity));
    if (older !== undefined && !older.evicted && isNewer(older.identity, identity)) {
      return this.turned(id, identity, nowMs, { kind: 'refuse', id, code: 'superseded' });
    }
    if (admission.kind === 'redirect') {
      return this.turned(id, identity, nowMs, {
        kind: 'redirect',
        id,
        url: admission.url,
        revision: admission.revision,
      });
    }
    if (admission.kind === 'unavailable') {
      return this.turned(id, identity, nowMs, { kind: 'refuse', id, code: 'unavailable' });
    }
    if (this.parked >= this.limits.parkedClientsMax) {
      return this.turned(id, identity, nowMs, { kind: 'refuse', id, code: 'too-many' });
    }
    const connection = this.add(id, identity, nowMs);
    const actions: ConnectionAction[] = [];
    if (older !== undefined) actions.push(...this.replace(older));
    this.newest.set(keyOf(identity), connection);
    if (admission.kind === 'serve') actions.push(...this.open(connection, admission.revision));
    return actions;
  }

  /** The partition is held from now on: whoever is parked may come in. */
  serve(partition: number, revision: number): readonly ConnectionAction[] {
    this.draining.delete(partition);
    return this.of(partition).flatMap((connection) =>
      connection.stage === 'parked' ? this.open(connection, revision) : [],
    );
  }

  /** `opened` is acknowledged. `maySpeak` is read at this very moment. */
  openedAcknowledged(id: string, maySpeak: boolean): readonly ConnectionAction[] {
    const connection = this.byId.get(id);
    if (connection?.stage !== 'opening') return [];
    connection.stage = 'open';
    if (connection.socketClosed !== null) return this.close(connection, connection.socketClosed);
    if (connection.evicted) return [];
    if (maySpeak) return [{ kind: 'welcome', id, revision: connection.revision }];
    connection.evicted = true;
    connection.reason = 'refused';
    return [{ kind: 'refuse', id, code: 'unavailable' }];
  }

  closedAcknowledged(id: string): readonly ConnectionAction[] {
    const connection = this.byId.get(id);
    if (connection?.stage !== 'closing') return [];
    const { partition } = connection.identity;
    this.remove(connection);
    return this.drainedWhenEmpty(partition);
  }

  /** The socket is certainly closed. */
  socketClosed(id: string, reason: ClosedReason): readonly ConnectionAction[] {
    const connection = this.byId.get(id);
    if (connection === undefined || connection.socketClosed !== null) return [];
    connection.socketClosed = connection.reason ?? reason;
    switch (connection.stage) {
      case 'parked':
      case 'behind': {
        const { partition } = connection.identity;
        this.remove(connection);
        return this.drainedWhenEmpty(partition);
      }
      case 'opening':
        connection.evicted = true;
        return [];
      case 'open':
        return this.close(connection, connection.socketClosed);
      case 'closing':
        return [];
    }
  }

  /** Everybody must go; `drained` follows per partition, at once where nobody is. */
  drain(partitions: readonly number[], notice: Notice): readonly ConnectionAction[] {
    const actions: ConnectionAction[] = [];
    const going = partitions.flatMap((partition) =>
      this.of(partition).filter(({ stage, evicted }) => stage === 'open' && !evicted),
    );
    const delayOf = arrivalDelays(going.length, notice.acceptPerSecond, this.limits);
    for (const partition of partitions) {
      this.draining.add(partition);
      for (const connection of this.of(partition)) {
        actions.push(...this.evict(connection, notice, delayOf));
      }
      actions.push(...this.drainedWhenEmpty(partition));
    }
    return actions;
  }

  /** Parked clients of the partition wait in vain. */
  turnAway(partition: number, url: string | null, revision: number): readonly ConnectionAction[] {
    return this.of(partition).flatMap((connection) =>
      connection.stage === 'parked' && !connection.evicted
        ? this.evict(connection, { reason: 'moved', url, revision })
        : [],
    );
  }

  /** Parked too long. */
  tick(nowMs: number): readonly ConnectionAction[] {
    if (this.parked === 0) return [];
    const actions: ConnectionAction[] = [];
    for (const connection of this.byId.values()) {
      const waits = connection.stage === 'parked' || connection.stage === 'behind';
      if (!waits || connection.evicted) continue;
      if (nowMs - connection.parkedAtMs < this.limits.parkedMs) continue;
      connection.evicted = true;
      actions.push({ kind: 'refuse', id: connection.id, code: 'unavailable' });
    }
    return actions;
  }

  /** Welcomed (or about to be) connections of a partition. */
  clientsOf(partition: number): number {
    return this.byPartition.get(partition)?.size ?? 0;
  }

  /** `[partition, connections]` for partitions that have any, ascending. */
  load(): readonly (readonly [number, number])[] {
    return [...this.byPartition]
      .map(([partition, connections]) => [partition, connections.size] as const)
      .sort((a, b) => a[0] - b[0]);
  }

  counts(): { readonly clients: number; readonly parked: number } {
    return { clients: this.byId.size - this.parked, parked: this.parked };
  }

  // ---------------------------------------------------------------- steps

  private open(connection: Connection, revision: number): readonly ConnectionAction[] {
    if (connection.evicted) return [];
    const before = this.predecessor(connection);
    if (before !== null) {
      // `closed` of the older session must stand before this `opened`: wait for its socket.
      connection.stage = 'behind';
      connection.revision = revision;
      return [];
    }
    this.leaveParking(connection);
    connection.stage = 'opening';
    connection.revision = revision;
    return [{ kind: 'opened', id: connection.id, identity: connection.identity, revision }];
  }

  private close(connection: Connection, reason: ClosedReason): readonly ConnectionAction[] {
    connection.stage = 'closing';
    const { id, identity, revision } = connection;
    const actions: ConnectionAction[] = [{ kind: 'closed', id, identity, revision, reason }];
    for (const other of this.of(identity.partition)) {
      const waits = other.stage === 'behind' && keyOf(other.identity) === keyOf(identity);
      if (waits && this.predecessor(other) === null && !this.draining.has(identity.partition)) {
        actions.push(...this.open(other, other.revision));
      }
    }
    return actions;
  }

  /** Another connection of the same (user, client) whose evidence is not closed yet. */
  private predecessor(connection: Connection): Connection | null {
    for (const other of this.of(connection.identity.partition)) {
      if (other === connection || keyOf(other.identity) !== keyOf(connection.identity)) continue;
      if (other.stage === 'opening' || other.stage === 'open') return other;
    }
    return null;
  }

  private replace(older: Connection): readonly ConnectionAction[] {
    return this.evict(older, { reason: 'replaced', url: null, revision: older.revision });
  }

  private evict(
    connection: Connection,
    notice: Notice,
    delayOf: (id: string) => number = () => 0,
  ): readonly ConnectionAction[] {
    if (connection.evicted || connection.socketClosed !== null || connection.stage === 'closing')
      return [];
    connection.evicted = true;
    const { id } = connection;
    const { reason, url, revision } = notice;
    if (connection.stage === 'open') {
      connection.reason = reason;
      return [{ kind: 'disconnect', id, reason, url, revision, delayMs: delayOf(id) }];
    }
    if (url !== null) return [{ kind: 'redirect', id, url, revision }];
    return [{ kind: 'refuse', id, code: reason === 'replaced' ? 'superseded' : 'unavailable' }];
  }

  private turned(
    id: string,
    identity: Identity,
    nowMs: number,
    action: ConnectionAction,
  ): readonly ConnectionAction[] {
    this.add(id, identity, nowMs).evicted = true;
    return [action];
  }

  private add(id: string, identity: Identity, parkedAtMs: number): Connection {
    const connection: Connection = {
      id,
      identity,
      parkedAtMs,
      stage: 'parked',
      revision: 0,
      evicted: false,
      socketClosed: null,
      reason: null,
    };
    this.parked += 1;
    this.byId.set(id, connection);
    const set = this.byPartition.get(identity.partition);
    if (set === undefined) this.byPartition.set(identity.partition, new Set([connection]));
    else set.add(connection);
    return connection;
  }

  private leaveParking(connection: Connection): void {
    if (connection.stage === 'parked' || connection.stage === 'behind') this.parked -= 1;
  }

  private remove(connection: Connection): void {
    this.leaveParking(connection);
    this.byId.delete(connection.id);
    const { partition } = connection.identity;
    const set = this.byPartition.get(partition);
    set?.delete(connection);
    if (set?.size === 0) this.byPartition.delete(partition);
    const key = keyOf(connection.identity);
    if (this.newest.get(key) === connection) this.newest.delete(key);
  }

  private drainedWhenEmpty(partition: number): readonly ConnectionAction[] {
    if (!this.draining.has(partition)) return [];
    for (const { stage } of this.of(partition))
      if (stage !== 'parked' && stage !== 'behind') return [];
    this.draining.delete(partition);
    return [{ kind: 'drained', partition }];
  }

  private of(partition: number): readonly Connection[] {
    return [...(this.byPartition.get(partition) ?? [])];
  }
}
