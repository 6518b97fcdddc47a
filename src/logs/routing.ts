// Where a partition's clients belong, for the session directory: who holds it by the ownership log,
// else the present revision's target once it is released. Reads logs only; ConfigDB may be away.

import { Goals, ownerIn, urlIn } from '../core/handover/goal.js';
import { instanceName } from '../core/records.js';
import type { ControlMessage, OwnedRange } from '../core/records.js';
import type { Bus, ConfigDb } from '../ports.js';
import { openControlReader } from './control-reader.js';
import { openOwnershipView } from './ownership-view.js';
import type { OnSkipped } from './skipped.js';

export interface Route {
  readonly instance: string;
  readonly url: string;
  readonly revision: number;
}

export interface OpenRouting {
  /** Null while nobody live holds the partition nor is about to. */
  routeOf(partition: number): Route | null;
  distribution(): { readonly revision: number; readonly ranges: readonly OwnedRange[] } | null;
  close(): Promise<void>;
}

export async function openRouting(options: {
  readonly bus: Bus;
  readonly service: string;
  readonly partitions: number;
  readonly configDb?: Pick<ConfigDb, 'latestCheckpoint'>;
  readonly onSkipped?: OnSkipped;
}): Promise<OpenRouting> {
  const { bus, service, partitions } = options;
  const skips = options.onSkipped === undefined ? {} : { onSkipped: options.onSkipped };
  const goals = new Goals();
  const view = await openOwnershipView(options);
  const onMessage = (message: ControlMessage): void => void goals.read(message);
  const control = await openControlReader(bus, service, onMessage, { partitions, ...skips });
  await control.caughtUp();

  return {
    routeOf: (partition) => {
      const { target } = goals;
      const holder = view.holderOf(partition);
      if (holder?.url != null) {
        const revision = Math.max(holder.revision, target?.revision ?? 0);
        return { instance: holder.instance, url: holder.url, revision };
      }
      if (view.last(partition)?.type !== 'released' || target === null) return null;
      const ordinal = ownerIn(target.ranges, partition);
      const url = ordinal === null ? null : urlIn(target, service, ordinal);
      if (ordinal === null || url === null) return null;
      return { instance: instanceName(service, ordinal), url, revision: target.revision };
    },
    distribution: () =>
      goals.target === null
        ? null
        : { revision: goals.target.revision, ranges: goals.target.ranges },
    close: async () => {
      await Promise.all([view.close(), control.close()]);
    },
  };
}
