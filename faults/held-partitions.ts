// Owns: one reading of a service's ownership log, shared by all of its simulated instances: who holds
// which partitions, kept up to date record by record. A reading for each would cost instances ×
// partitions. Never appends.

import type { OwnershipRecord } from '../src/core/records.js';
import { openOwnershipView, type OwnershipView } from '../src/logs/ownership-view.js';
import type { Bus } from '../src/ports.js';

export interface HeldPartitions {
  readonly view: OwnershipView;
  /** What the incarnation holds, in no order. */
  of(incarnation: string): ReadonlySet<number>;
  /** Other incarnations of the instance that hold anything. */
  othersOf(instance: string, incarnation: string): readonly string[];
}

const nothing: ReadonlySet<number> = new Set();

export async function openHeldPartitions(options: {
  readonly bus: Bus;
  readonly service: string;
  readonly partitions: number;
}): Promise<HeldPartitions> {
  const held = new Map<string, Set<number>>();
  const incarnations = new Map<string, Set<string>>();

  const apply = (record: OwnershipRecord): void => {
    const { type, instance, incarnation } = record;
    if (type === 'fenced') {
      held.delete(incarnation);
      return;
    }
    if (type === 'released') {
      held.get(incarnation)?.delete(record.partition);
      return;
    }
    const own = held.get(incarnation) ?? new Set();
    held.set(incarnation, own.add(record.partition));
    const lives = incarnations.get(instance) ?? new Set();
    incarnations.set(instance, lives.add(incarnation));
  };
  const view = await openOwnershipView({
    ...options,
    onRecord: (record, _offset, { valid }) => {
      if (valid && record !== null) apply(record);
    },
  });
  const of = (incarnation: string): ReadonlySet<number> => held.get(incarnation) ?? nothing;
  return {
    view,
    of,
    othersOf: (instance, incarnation) =>
      [...(incarnations.get(instance) ?? [])].filter(
        (other) => other !== incarnation && of(other).size > 0,
      ),
  };
}
