// Watches one service: probes the lease partitions of whoever holds something, hears everybody's
// heartbeats, and asks for a rebalance when an instance is lost or says that it leaves. The thin driver
// of src/core/watching; it decides nothing, fences nobody, and does no harm where several run: what it
// asks for is named after the incarnation.

import { Watch, type Holder, type Incarnation } from '../core/watching/watch.js';
import { ordinalOf } from '../core/records.js';
import * as limits from './limits.js';
import { openLeasesReader } from '../logs/leases-reader.js';
import { openOwnershipView } from '../logs/ownership-view.js';
import { leasePartition, topicsOf } from '../logs/topics.js';
import type { Bus, Clock, ConfigDb } from '../ports.js';

/** The part of a request that a watcher fills in (protocol.md, `requestRebalance`). */
export type WatcherRequest = {
  readonly requestId: string;
  readonly reason: string;
} & (
  | { readonly source: 'instance-lost'; readonly lost: readonly Incarnation[] }
  | { readonly source: 'leave'; readonly drain: readonly string[] }
);

export interface WatchServiceOptions {
  readonly bus: Bus;
  readonly configDb: Pick<ConfigDb, 'latestCheckpoint' | 'reports'>;
  readonly clock: Clock;
  readonly service: string;
  readonly partitions: number;
  /** Names this watcher; unique. */
  readonly self: string;
  /** Signals the saga; rejects when Temporal did not take it. */
  readonly request: (request: WatcherRequest) => Promise<void>;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  /** The ownership log was trimmed past this reader: open it anew. */
  readonly onLost: () => void;
}

export interface ServiceWatch {
  close(): Promise<void>;
}

export async function watchService(options: WatchServiceOptions): Promise<ServiceWatch> {
  const { bus, configDb, clock, service, partitions, self, log } = options;
  const topic = topicsOf(service).leases;
  const watch = new Watch(self, {
    everyMs: limits.probeEveryMs,
    lateMs: limits.probeLateMs,
    silentMs: limits.suspectAfterMs,
    quietMs: limits.quietAfterMs,
    settleMinMs: limits.watchSettleMinMs,
    settleMaxMs: limits.watchSettleMaxMs,
    severalHeldMs: limits.severalSuspectsHeldMs,
    repeatMs: limits.suspectRepeatMs,
  });
  const nowMs = (): number => clock.monotonicMs();
  const view = await openOwnershipView({
    ...{ bus, configDb, service, partitions },
    onJump: options.onLost,
  });
  const appender = await bus.appender(`watcher-${service}`);
  const leases = await openLeasesReader({
    ...{ bus, service },
    onRecord: (record, partition) => watch.read(record, partition, nowMs()),
  });

  const tell = async (request: WatcherRequest, failed: () => void): Promise<void> => {
    try {
      await options.request(request);
      log('asked', { ...request });
    } catch (error) {
      log('not-asked', { ...request, error: String(error) });
      setTimeout(failed, limits.signalRetryMs).unref();
    }
  };
  const beat = (): void => {
    const holders = holdersOf(view.log.holdings());
    for (const partition of new Set(holders.map((holder) => holder.leasePartition))) {
      const value = JSON.stringify(watch.probe(partition, nowMs()));
      // A probe that is lost says what it is for: that nothing can be seen.
      appender.append([{ topic, partition, value }]).catch(() => undefined);
    }
    for (const { silentMs, ...lost } of watch.look(holders, nowMs())) {
      const { instance, incarnation } = lost;
      const reason = `no heartbeat of ${instance} for ${silentMs} ms`;
      const requestId = `lost/${incarnation}`;
      const request = { requestId, reason, source: 'instance-lost', lost: [lost] } as const;
      void tell(request, () => watch.unsaid(incarnation));
    }
  };

  const leaving = new Set<string>();
  const lookForLeaving = async (): Promise<void> => {
    const holding = new Set(holdersOf(view.log.holdings()).map((one) => one.incarnation));
    for (const who of leaving) if (!holding.has(who)) leaving.delete(who);
    for (const { instance, incarnation, leaving: leaves } of await configDb.reports(service)) {
      if (leaves !== true || !holding.has(incarnation) || leaving.has(incarnation)) continue;
      leaving.add(incarnation);
      const requestId = `leave/${incarnation}`;
      const reason = `${instance} was told to end`;
      const request = { requestId, reason, source: 'leave', drain: [instance] } as const;
      void tell(request, () => leaving.delete(incarnation));
    }
  };
  const timer = setInterval(beat, limits.probeEveryMs);
  // ConfigDB away: whoever leaves hands over by itself as far as it can.
  const leavingTimer = setInterval(
    () => void lookForLeaving().catch(() => undefined),
    limits.watchLeavingEveryMs,
  );
  return {
    close: async () => {
      clearInterval(timer);
      clearInterval(leavingTimer);
      await Promise.allSettled([leases.close(), view.close(), appender.close()]);
    },
  };
}

/** Each incarnation once. */
function holdersOf(
  holdings: readonly { readonly holder: Incarnation | null }[],
): readonly Holder[] {
  const found = new Map<string, Holder>();
  for (const { holder } of holdings) {
    const ordinal = holder === null ? null : ordinalOf(holder.instance);
    if (holder === null || ordinal === null) continue;
    const { instance, incarnation } = holder;
    found.set(incarnation, { instance, incarnation, leasePartition: leasePartition(ordinal) });
  }
  return [...found.values()];
}
