// Where a partition's clients belong, for the session directory: who holds it by the ownership log,
// else the present revision's target once it is released. Reads logs only; ConfigDB may be away.

import { Goals } from '../core/handover/goal.js';
import { routeIn, type Route } from '../core/handover/route.js';
import type { ControlMessage, OwnedRange } from '../core/records.js';
import type { Bus, ConfigDb } from '../ports.js';
import { openControlReader } from './control-reader.js';
import { openOwnershipView } from './ownership-view.js';
import type { OnSkipped } from './skipped.js';

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
    routeOf: (partition) => routeIn(view, goals.target, service, partition),
    distribution: () =>
      goals.target === null
        ? null
        : { revision: goals.target.revision, ranges: goals.target.ranges },
    close: async () => {
      await Promise.all([view.close(), control.close()]);
    },
  };
}
