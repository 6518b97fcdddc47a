// Owns: the lease of one incarnation with what is on its way to and from its log. Records about other
// incarnations lie in the same log and change nothing here, so each sees only its own. Heartbeats are
// numbered anew after each step: only which of them is which matters, not how many there were.

import type { Lease } from '../../core/handover/lease.js';
import type { LeaseRecord } from '../../core/records.js';
import { copyOf } from './graph.js';

export interface LeasePart {
  readonly lease: Lease;
  /** With the producer, in order. */
  readonly sending: LeaseRecord[];
  /** In the log, not read yet. */
  readonly unread: LeaseRecord[];
  /** The log has its `fence-acknowledged`. */
  acked: boolean;
}

export type LeaseStep = 'beat' | 'land' | 'read' | 'ended';

/** Somebody's `fence` lands behind what is there. */
export function leaseFenced(before: LeasePart, fence: LeaseRecord): LeasePart {
  const part = copyOf(before);
  part.unread.push(fence);
  return part;
}

/** One step of the lease; null when it cannot happen. */
export function leaseStep(before: LeasePart, step: LeaseStep): LeasePart | null {
  const part = copyOf(before);
  const { lease, sending, unread } = part;
  switch (step) {
    case 'beat': {
      const record = lease.beat(0);
      if (record === null) return null;
      sending.push(record);
      break;
    }
    case 'land': {
      const record = sending.shift();
      if (record === undefined) return null;
      if (record.type === 'fence-acknowledged') part.acked = true;
      else unread.push(record);
      break;
    }
    case 'read': {
      const record = unread.shift();
      if (record === undefined) return null;
      const answer = lease.read(record, 0);
      if (answer !== null) sending.push(answer);
      break;
    }
    case 'ended':
      // Nobody reads and nobody speaks: what matters is an acknowledgement on its way.
      unread.length = 0;
      sending.splice(0, sending.length, ...sending.filter(isAcknowledgement));
      break;
  }
  renumber(part);
  return part;
}

const isAcknowledgement = (record: LeaseRecord): boolean => record.type === 'fence-acknowledged';

export function heartbeatsUnderWay(part: LeasePart): number {
  const beats = (records: readonly LeaseRecord[]): number =>
    records.filter(({ type }) => type === 'alive').length;
  return beats(part.sending) + beats(part.unread);
}

/** What is inside of a lease, as far as numbers of heartbeats go. */
interface Numbered {
  seq: number;
  firstSentAtMs: Map<number, number>;
}

function renumber({ lease, sending, unread }: LeasePart): void {
  const inside = lease as unknown as Numbered;
  const lists = [sending, unread];
  const numbers = [inside.seq + 1, ...inside.firstSentAtMs.keys()];
  for (const record of lists.flat()) if (record.type === 'alive') numbers.push(record.seq);
  const by = Math.min(...numbers) - 1;
  if (by === 0) return;
  inside.seq -= by;
  inside.firstSentAtMs = new Map([...inside.firstSentAtMs].map(([seq, at]) => [seq - by, at]));
  for (const list of lists) {
    list.forEach((record, i) => {
      if (record.type === 'alive') list[i] = { ...record, seq: record.seq - by };
    });
  }
}
