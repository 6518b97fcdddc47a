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
import { isNewer } from './connection.js';
import { ConnectionTable } from './connection-table.js';
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
  private readonly table = new ConnectionTable();
  private readonly draining = new Set<number>();
  /** Closed, of partitions that are draining: told with the last of them, as one append. */
  private readonly unsaid = new Map<number, Connection[]>();

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
    const older = this.table.newestLike(identity);
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
    if (this.table.parked >= this.limits.parkedClientsMax) {
      return this.turned(id, identity, nowMs, { kind: 'refuse', id, code: 'too-many' });
    }
    const connection = this.table.add(id, identity, nowMs);
    const actions: ConnectionAction[] = [];
    if (older !== undefined) actions.push(...this.replace(older));
    this.table.setNewest(connection);
    if (admission.kind === 'serve') actions.push(...this.open(connection, admission.revision));
    return actions;
  }

  /** The partition is held from now on: whoever is parked may come in. */
  serve(partition: number, revision: number): readonly ConnectionAction[] {
    this.draining.delete(partition);
    const late = this.sayClosed(partition);
    const opened = this.table
      .of(partition)
      .flatMap((connection) =>
        connection.stage === 'parked' ? this.open(connection, revision) : [],
      );
    return [...late, ...opened];
  }

  /** `opened` is acknowledged. `maySpeak` is read at this very moment. */
  openedAcknowledged(id: string, maySpeak: boolean): readonly ConnectionAction[] {
    const connection = this.table.get(id);
    if (connection?.stage !== 'opening') return [];
    connection.stage = 'open';
    if (connection.socketClosed !== null) return this.close(connection);
    if (connection.evicted) return [];
    if (maySpeak) return [{ kind: 'welcome', id, revision: connection.revision }];
    connection.evicted = true;
    connection.reason = 'refused';
    return [{ kind: 'refuse', id, code: 'unavailable' }];
  }

  closedAcknowledged(id: string): readonly ConnectionAction[] {
    const connection = this.table.get(id);
    if (connection?.stage !== 'closing') return [];
    const { partition } = connection.identity;
    this.table.remove(connection);
    return this.drainedWhenEmpty(partition);
  }

  /** The socket is certainly closed. */
  socketClosed(id: string, reason: ClosedReason): readonly ConnectionAction[] {
    const connection = this.table.get(id);
    if (connection === undefined || connection.socketClosed !== null) return [];
    connection.socketClosed = connection.reason ?? reason;
    switch (connection.stage) {
      case 'parked':
      case 'behind': {
        const { partition } = connection.identity;
        this.table.remove(connection);
        return this.drainedWhenEmpty(partition);
      }
      case 'opening':
        connection.evicted = true;
        return [];
      case 'open':
        return this.close(connection);
      case 'closing':
        return [];
    }
  }

  /** Everybody must go; `drained` follows per partition, at once where nobody is. */
  drain(partitions: readonly number[], notice: Notice): readonly ConnectionAction[] {
    const actions: ConnectionAction[] = [];
    const going = partitions.flatMap((partition) =>
      this.table.of(partition).filter(({ stage, evicted }) => stage === 'open' && !evicted),
    );
    const delayOf = arrivalDelays(going.length, notice.acceptPerSecond, this.limits);
    for (const partition of partitions) {
      this.draining.add(partition);
      for (const connection of this.table.of(partition)) {
        actions.push(...this.evict(connection, notice, delayOf));
      }
      actions.push(...this.drainedWhenEmpty(partition));
    }
    return actions;
  }

  /** Parked clients of the partition wait in vain. */
  turnAway(partition: number, url: string | null, revision: number): readonly ConnectionAction[] {
    return this.table
      .of(partition)
      .flatMap((connection) =>
        connection.stage === 'parked' && !connection.evicted
          ? this.evict(connection, { reason: 'moved', url, revision })
          : [],
      );
  }

  /** Parked too long. */
  tick(nowMs: number): readonly ConnectionAction[] {
    if (this.table.parked === 0) return [];
    const actions: ConnectionAction[] = [];
    for (const connection of this.table.all()) {
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
    return this.table.sizeOf(partition);
  }

  /** `[partition, connections]` for partitions that have any, ascending. */
  load(): readonly (readonly [number, number])[] {
    return this.table.load();
  }

  counts(): { readonly clients: number; readonly parked: number } {
    const { size, parked } = this.table;
    return { clients: size - parked, parked };
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
    this.table.leaveParking(connection);
    connection.stage = 'opening';
    connection.revision = revision;
    return [{ kind: 'opened', id: connection.id, identity: connection.identity, revision }];
  }

  private close(connection: Connection): readonly ConnectionAction[] {
    connection.stage = 'closing';
    const { identity } = connection;
    if (this.draining.has(identity.partition)) return this.closeWithOthers(connection);
    const actions = [closedOf(connection)];
    for (const other of this.table.othersLike(connection)) {
      if (other.stage === 'behind' && this.predecessor(other) === null) {
        actions.push(...this.open(other, other.revision));
      }
    }
    return actions;
  }

  /** The partition goes when the last of its sockets is closed: until then nobody waits to know. */
  private closeWithOthers(connection: Connection): readonly ConnectionAction[] {
    const { partition } = connection.identity;
    this.unsaid.set(partition, [...(this.unsaid.get(partition) ?? []), connection]);
    const isLast = this.table
      .of(partition)
      .every(({ stage }) => stage !== 'opening' && stage !== 'open');
    return isLast ? this.sayClosed(partition) : [];
  }

  private sayClosed(partition: number): readonly ConnectionAction[] {
    const closed = this.unsaid.get(partition) ?? [];
    this.unsaid.delete(partition);
    return closed.map(closedOf);
  }

  /** Another connection of the same (user, client) whose evidence is not closed yet. */
  private predecessor(connection: Connection): Connection | null {
    const open = ({ stage }: Connection): boolean => stage === 'opening' || stage === 'open';
    return this.table.othersLike(connection).find(open) ?? null;
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
    this.table.add(id, identity, nowMs).evicted = true;
    return [action];
  }

  private drainedWhenEmpty(partition: number): readonly ConnectionAction[] {
    if (!this.draining.has(partition)) return [];
    for (const { stage } of this.table.of(partition))
      if (stage !== 'parked' && stage !== 'behind') return [];
    this.draining.delete(partition);
    return [{ kind: 'drained', partition }];
  }
}

/** Of a connection whose socket is closed. */
function closedOf({ id, identity, revision, socketClosed }: Connection): ConnectionAction {
  return { kind: 'closed', id, identity, revision, reason: socketClosed ?? 'lost' };
}
