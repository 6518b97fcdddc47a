// Where a partition's clients belong, for the session directory: who holds it by the ownership log,
// else the present revision's target once it is released. A holder that is silent in the leases log is
// nobody live: whoever is sent there comes back. Reads logs only; ConfigDB may be away.

import { Goals } from '../core/handover/goal.js';
import { routeIn, type Route } from '../core/handover/route.js';
import type { ControlMessage, OwnedRange } from '../core/records.js';
import { Heartbeats } from '../core/watching/heartbeats.js';
import { silentHolderMs } from '../limits.js';
import type { Bus, Clock, ConfigDb } from '../ports.js';
import { openControlReader } from './control-reader.js';
import { openLeasesReader } from './leases-reader.js';
import { openOwnershipView } from './ownership-view.js';
import type { OnSkipped } from './skipped.js';

export interface OpenRouting {
  /**
   * Null while nobody live holds the partition nor is about to. `doubt`: what was heard of the instance
   * at that address before does not count.
   */
  routeOf(
    partition: number,
    doubt?: { readonly url: string; readonly sinceMs: number },
  ): Route | null;
  distribution(): { readonly revision: number; readonly ranges: readonly OwnedRange[] } | null;
  /** Called after whatever may change a route. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

export async function openRouting(options: {
  readonly bus: Bus;
  readonly service: string;
  readonly partitions: number;
  readonly clock: Clock;
  readonly configDb?: Pick<ConfigDb, 'latestCheckpoint'>;
  readonly onSkipped?: OnSkipped;
}): Promise<OpenRouting> {
  const { bus, service, partitions, clock } = options;
  const skips = options.onSkipped === undefined ? {} : { onSkipped: options.onSkipped };
  const goals = new Goals();
  const heartbeats = new Heartbeats();
  const listeners: (() => void)[] = [];
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const leases = await openLeasesReader({
    ...{ bus, service, ...skips },
    onRecord: (record) => {
      if (heartbeats.read(record, clock.monotonicMs())) changed();
    },
  });
  const sinceMs = clock.monotonicMs();
  const view = await openOwnershipView(options);
  view.onChange(changed);
  const onMessage = (message: ControlMessage): void => {
    goals.read(message);
    changed();
  };
  const control = await openControlReader(bus, service, onMessage, { partitions, ...skips });
  await control.caughtUp();

  return {
    routeOf: (partition, doubt) => {
      const route = routeIn(view, goals.target, service, partition);
      const holder = view.holderOf(partition);
      if (route === null || holder?.url == null) return route;
      const { instance, incarnation, url } = holder;
      // At the start everybody counts as heard: their next heartbeat is not read yet.
      const heardAtMs = heartbeats.heardAtMs(instance, incarnation) ?? sinceMs;
      if (clock.monotonicMs() - heardAtMs > silentHolderMs) return null;
      return doubt?.url === url && heardAtMs <= doubt.sinceMs ? null : route;
    },
    distribution: () =>
      goals.target === null
        ? null
        : { revision: goals.target.revision, ranges: goals.target.ranges },
    onChange: (listener) => void listeners.push(listener),
    close: async () => {
      await Promise.all([view.close(), control.close(), leases.close()]);
    },
  };
}
