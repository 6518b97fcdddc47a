// The connections of one instance, found by id, by partition and by (user, client), and how many of
// them are parked. Owns the lists; what happens to a connection is decided in connections.ts.

import { keyOf } from './connection.js';
import type { Connection, Identity } from './connection.js';

export class ConnectionTable {
  private readonly byId = new Map<string, Connection>();
  private readonly byPartition = new Map<number, Set<Connection>>();
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
    const set = this.byPartition.get(identity.partition);
    if (set === undefined) this.byPartition.set(identity.partition, new Set([connection]));
    else set.add(connection);
    return connection;
  }

  /** Before its stage changes. */
  leaveParking(connection: Connection): void {
    if (connection.stage === 'parked' || connection.stage === 'behind') this.parkedNow -= 1;
  }

  remove(connection: Connection): void {
    this.leaveParking(connection);
    this.byId.delete(connection.id);
    const { partition } = connection.identity;
    const set = this.byPartition.get(partition);
    set?.delete(connection);
    if (set?.size === 0) this.byPartition.delete(partition);
    const key = keyOf(connection.identity);
    if (this.newest.get(key) === connection) this.newest.delete(key);
  }
}
