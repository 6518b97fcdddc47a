// Owns: replaying one partition of the sessions log: who is connected where, in the order of the
// log, and what contradicts "no client on two instances". Never looks at other partitions: a
// client's records all lie in one.

import { createFencedSet } from './fenced-set.js';
import { closedRememberedMax, leftRememberedMax, openConnectionsMax } from './bounds.js';
import type { FencedValue, SessionValue } from './read-value.js';
import type { ViolationKind } from './types.js';

interface OpenConnection {
  readonly key: string;
  readonly partition: number;
  readonly incarnation: string;
}

export interface SessionsListener {
  violated(kind: ViolationKind, record: SessionValue, other: string | null): void;
  /** A client that was told to move is connected again. */
  returned(revision: number, gapMs: number): void;
  heldAt(partition: number, incarnation: string, revision: number): boolean;
  /** Whether the ownership log fenced the incarnation too, as far as it is there to tell. */
  fencedByOwnership(incarnation: string): boolean;
  /** Every record of this log partition so far was there: what is missing was never written. */
  complete(): boolean;
}

export interface SessionsReplay {
  /** Applies the next record; false when it has no effect. */
  apply(timestampMs: number, record: SessionValue | FencedValue): boolean;
  /** Connections open now. */
  open(): number;
  /** Clients that were told to move and were not seen again. */
  notReturned(): number;
  /** Highest service partition seen, -1 for none. */
  highestPartition(): number;
  /** More was open, or fenced, than is remembered: the rest was not checked. */
  overflowed(): boolean;
}

export function replaySessions(
  listener: SessionsListener,
  closedMax = closedRememberedMax,
): SessionsReplay {
  /** Connection → where it is open. */
  const open = new Map<string, OpenConnection>();
  /** Client → its open connections. */
  const byClient = new Map<string, Set<string>>();
  /** Service partition → incarnation → its open connections there. */
  const byPartition = new Map<number, Map<string, number>>();
  const closed = new Set<string>();
  const fenced = createFencedSet();
  /** Client → when it was told to move. */
  const leftAtMs = new Map<string, number>();
  let forgottenLeft = 0;
  let highestPartition = -1;
  let openOverflowed = false;

  const forget = (connection: string): void => {
    const entry = open.get(connection);
    if (entry === undefined) return;
    open.delete(connection);
    const ofClient = byClient.get(entry.key);
    ofClient?.delete(connection);
    if (ofClient?.size === 0) byClient.delete(entry.key);
    const counts = byPartition.get(entry.partition);
    const left = (counts?.get(entry.incarnation) ?? 0) - 1;
    if (left > 0) counts?.set(entry.incarnation, left);
    else counts?.delete(entry.incarnation);
    if (counts?.size === 0) byPartition.delete(entry.partition);
  };

  const judge = (record: SessionValue, key: string): void => {
    const elsewhere = [...(byClient.get(key) ?? [])]
      .map((connection) => open.get(connection)?.incarnation)
      .find((incarnation) => incarnation !== record.incarnation);
    const other = [...(byPartition.get(record.partition)?.keys() ?? [])].find(
      (incarnation) => incarnation !== record.incarnation,
    );
    if (elsewhere !== undefined) listener.violated('overlap', record, elsewhere);
    else if (other !== undefined) listener.violated('two-owners', record, other);
    if (!listener.heldAt(record.partition, record.incarnation, record.revision)) {
      listener.violated('opened-without-ownership', record, null);
    }
  };

  const opened = (record: SessionValue, key: string, timestampMs: number): boolean => {
    const { connection, partition, incarnation } = record;
    if (open.has(connection) || closed.has(connection)) return false;
    if (fenced.has(incarnation)) {
      // Void, unless the fence is one that nobody else heard of: it would hide what follows.
      if (!listener.fencedByOwnership(incarnation)) {
        listener.violated('opened-after-fence', record, null);
      }
      return false;
    }
    judge(record, key);
    if (open.size >= openConnectionsMax) {
      openOverflowed = true;
      return true;
    }
    open.set(connection, { key, partition, incarnation });
    const ofClient = byClient.get(key) ?? new Set();
    byClient.set(key, ofClient.add(connection));
    const counts = byPartition.get(partition) ?? new Map<string, number>();
    byPartition.set(partition, counts.set(incarnation, (counts.get(incarnation) ?? 0) + 1));
    const leftAt = leftAtMs.get(key);
    if (leftAt !== undefined) {
      leftAtMs.delete(key);
      listener.returned(record.revision, timestampMs - leftAt);
    }
    return true;
  };

  const leave = (key: string, timestampMs: number): void => {
    leftAtMs.set(key, timestampMs);
    for (const oldest of leftAtMs.keys()) {
      if (leftAtMs.size <= leftRememberedMax) break;
      leftAtMs.delete(oldest);
      forgottenLeft += 1;
    }
  };

  const close = (record: SessionValue, key: string, timestampMs: number): boolean => {
    const { connection } = record;
    // A fenced incarnation's connections ended at the fence; what it says later changes nothing.
    if (fenced.has(record.incarnation) || closed.has(connection)) return false;
    const entry = open.get(connection);
    if (entry !== undefined && (entry.key !== key || entry.incarnation !== record.incarnation)) {
      listener.violated('closed-differs', record, entry.incarnation);
    }
    if (entry === undefined && !openOverflowed && listener.complete()) {
      listener.violated('closed-without-opened', record, null);
    }
    forget(connection);
    closed.add(connection);
    for (const oldest of closed) {
      if (closed.size <= closedMax) break;
      closed.delete(oldest);
    }
    if (record.reason === 'moved') leave(key, timestampMs);
    return true;
  };

  return {
    apply: (timestampMs, record) => {
      if (record.type === 'fenced') {
        fenced.add(record.incarnation);
        for (const [connection, { incarnation }] of open) {
          if (incarnation === record.incarnation) forget(connection);
        }
        return true;
      }
      highestPartition = Math.max(highestPartition, record.partition);
      const key = JSON.stringify([record.partition, record.user, record.client]);
      return record.type === 'opened'
        ? opened(record, key, timestampMs)
        : close(record, key, timestampMs);
    },
    open: () => open.size,
    notReturned: () => leftAtMs.size + forgottenLeft,
    highestPartition: () => highestPartition,
    overflowed: () => openOverflowed || fenced.overflowed(),
  };
}
