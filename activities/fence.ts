// Owns: making sure that instances which are gone speak no more, before anybody else gets what they
// held. Fencing is safe to repeat, and a fenced incarnation never comes back (src/logs/fence.ts).

import { processOf } from '../src/core/records.js';
import { fenceIncarnation } from '../src/logs/fence.js';
import { beat } from './alive.js';
import { assertNotSuperseded } from './commit.js';
import type { Connections } from './connections.js';
import { since } from './polling.js';
import { currentView } from './situation.js';
import type { FenceResult, GoneInstance, SagaRef } from './types.js';

export async function fence(
  connections: Connections,
  { saga, gone }: { readonly saga: SagaRef; readonly gone: readonly GoneInstance[] },
): Promise<FenceResult> {
  const { clock } = connections;
  const { service, rebalance } = saga;
  const startedMs = clock.monotonicMs();
  await assertNotSuperseded(connections, saga);
  const { partitions } = await connections.policy(service);
  const view = await currentView(connections, service, partitions);
  // Side by side: each may take a whole lease.
  const fenced = await Promise.all(
    gone.map(async ({ instance, incarnation, why }) => {
      if (why === 'leaving' || incarnation === null) return `${instance} (nothing to fence)`;
      if (view.isFenced(incarnation)) return `${instance} (fenced before)`;
      beat({ fencing: instance });
      const { how } = await fenceIncarnation({
        bus: connections.bus,
        appender: await connections.fencing(),
        clock,
        service,
        victim: { instance, incarnation },
        by: rebalance,
        hasEnded: () => connections.platform.hasEnded(service, processOf(incarnation)),
      });
      return `${instance} (${how})`;
    }),
  );
  return { fenced, tookMs: since(connections, startedMs) };
}
