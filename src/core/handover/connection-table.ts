// The connections of one instance, found by id, by partition and by (user, client), and how many of
// them are parked. Owns the lists; what happens to a connection is decided in connections.ts.

import { keyOf } from './connection.js';
import type { Connection, Identity } from './connection.js';

export class ConnectionTable {
  private readonly byId = new Map<string, Connection>();
  private readonly byPartition = new Map<number, Set<Connection>>();
  /** All sessions of each (user, client): of thousands in one partition the few that are alike. */
  private readonly byKey = new Map<string, Set<Connection>>();
  /** The newest session of each (user, client). */
  private readonly newest = new Map<string, Connection>();
  private parkedNow = 0;

  get size(): number {
    return this.byId.size;
  }

  get parked(): number {
    return this.parkedNow;
  }

  get(id: string): Connection | undefined {
    return this.byId.get(id);
  }

  all(): Iterable<Connection> {
    return this.byId.values();
  }

  /** A copy: it may change while it is walked. */
  of(partition: number): readonly Connection[] {
    return [...(this.byPartition.get(partition) ?? [])];
  }

  sizeOf(partition: number): number {
    return this.byPartition.get(partition)?.size ?? 0;
  }

  /** `[partition, connections]` for partitions that have any, ascending. */
  load(): readonly (readonly [number, number])[] {
    return [...this.byPartition]
      .map(([partition, connections]) => [partition, connections.size] as const)
      .sort((a, b) => a[0] - b[0]);
  }

  /** The other sessions of the same (user, client), oldest first. A copy. */
  othersLike(connection: Connection): readonly Connection[] {
    const alike = this.byKey.get(keyOf(connection.identity)) ?? [];
    return [...alike].filter((other) => other !== connection);
  }

  newestLike(identity: Identity): Connection | undefined {
    return this.newest.get(keyOf(identity));
  }

  setNewest(connection: Connection): void {
    this.newest.set(keyOf(connection.identity), connection);
  }

  /** Parked. */
  add(id: string, identity: Identity, parkedAtMs: number): Connection {
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
    this.parkedNow += 1;
    this.byId.set(id, connection);
    addTo(this.byPartition, identity.partition, connection);
    addTo(this.byKey, keyOf(identity), connection);
    return connection;
  }

  /** Before its stage changes. */
  leaveParking(connection: Connection): void {
    if (connection.stage === 'parked' || connection.stage === 'behind') this.parkedNow -= 1;
  }

  remove(connection: Connection): void {
    this.leaveParking(connection);
    this.byId.delete(connection.id);
    const key = keyOf(connection.identity);
    removeFrom(this.byPartition, connection.identity.partition, connection);
    removeFrom(this.byKey, key, connection);
    if (this.newest.get(key) === connection) this.newest.delete(key);
  }
}

function addTo<K>(index: Map<K, Set<Connection>>, key: K, connection: Connection): void {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([connection]));
  else set.add(connection);
}

function removeFrom<K>(index: Map<K, Set<Connection>>, key: K, connection: Connection): void {
  const set = index.get(key);
  set?.delete(connection);
  if (set?.size === 0) index.delete(key);
}
