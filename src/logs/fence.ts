// Carries a fencing through: the thin driver of core/handover/fencing.ts. Anyone may fence: the saga,
// or a new incarnation its predecessors. Safe to repeat and to run twice at once.

import { Fencing } from '../core/handover/fencing.js';
import type { FencingLimits, Victim } from '../core/handover/fencing.js';
import { parseLeaseRecord } from '../core/handover/lease.js';
import { parseObject } from '../core/handover/ownership-log.js';
import { ordinalOf } from '../core/records.js';
import type { Fenced } from '../core/records.js';
import { BadInputError } from '../errors.js';
import { evidencePartitions, leaseMarginMs, leaseTtlMs } from '../limits.js';
import type { Appender, Bus, Clock } from '../ports.js';
import { leasePartition, topicsOf } from './topics.js';

export interface FenceOptions {
  readonly bus: Bus;
  readonly appender: Appender;
  readonly clock: Clock;
  readonly service: string;
  readonly victim: Victim;
  /** Who fences: a workflow id or an instance. */
  readonly by: string;
  readonly limits?: FencingLimits;
  /** Whether the platform says that this very process has ended; asked until the wait is over, one at a time. */
  readonly hasEnded?: () => Promise<boolean>;
  readonly signal?: AbortSignal;
}

const pollMs = 20;

/** Resolves with the record written once the victim can speak no more and every log says so. */
export async function fenceIncarnation(options: FenceOptions): Promise<Fenced> {
  const { bus, appender, clock, service, victim } = options;
  const topics = topicsOf(service);
  const ordinal = ordinalOf(victim.instance);
  if (ordinal === null) {
    throw new BadInputError(`instance ${victim.instance} has no ordinal`, {
      field: 'instance',
      found: victim.instance,
      allowed: `${service}-<number>`,
    });
  }
  const limits = options.limits ?? { ttlMs: leaseTtlMs, marginMs: leaseMarginMs };
  const fencing = new Fencing(victim, limits);
  const partition = leasePartition(ordinal);
  const reader = await bus.open({
    topic: topics.leases,
    positions: new Map([[partition, 'end']]),
    onRecords: (_partition, records) => {
      for (const { value } of records) {
        const record = parseLeaseRecord(parseObject(value));
        if (record !== null) fencing.onLeaseRecord(record);
      }
    },
    onJump: () => undefined,
  });
  try {
    const fence = {
      topic: topics.leases,
      partition,
      value: JSON.stringify(fencing.fence(options.by)),
    };
    await appender.append([fence]);
    fencing.onAppended(clock.monotonicMs());
    const fenced = await waitFor(fencing, options);
    const value = JSON.stringify(fenced);
    const everywhere = Array.from({ length: evidencePartitions }, (_, p) => ({
      topic: topics.sessions,
      partition: p,
      value,
    }));
    await appender.append(everywhere);
    await appender.append([{ topic: topics.ownership, partition: 0, value }]);
    return fenced;
  } finally {
    await reader.close();
  }
}

/**
 * Bounded by TTL + margin: the verdict comes with time at the latest, also while the platform does not
 * answer, or answers with an error. What it does not say is unknown.
 */
async function waitFor(
  fencing: Fencing,
  { hasEnded, clock, signal }: FenceOptions,
): Promise<Fenced> {
  let asked: Promise<void> | undefined;
  for (;;) {
    signal?.throwIfAborted();
    asked ??= hasEnded?.()
      .then(
        (ended) => (ended ? fencing.onProcessEnded() : undefined),
        () => undefined,
      )
      .finally(() => (asked = undefined));
    const pause = new Promise<void>((resolve) => setTimeout(resolve, pollMs));
    await Promise.race([asked ?? pause, pause]);
    const verdict = fencing.verdict(clock.monotonicMs());
    if (verdict !== null) return verdict;
    await pause;
  }
}
