// Fences earlier incarnations of this ordinal, so that a service restarts without its control plane.
// Tries until it is done or the instance ends; everything it writes is safe to repeat.

import { repeatAppendAfterMs } from '../limits.js';
import { fenceIncarnation } from '../logs/fence.js';
import type { FenceOptions } from '../logs/fence.js';
import type { InstanceDependencies } from './api.js';

export async function fencePredecessor(
  options: Omit<FenceOptions, 'victim' | 'by'> & {
    readonly instance: string;
    readonly incarnation: string;
    readonly predecessor: string;
    readonly log: InstanceDependencies['log'];
    readonly living: () => boolean;
  },
): Promise<void> {
  const { instance, incarnation, predecessor, log, living } = options;
  while (living()) {
    try {
      const victim = { instance, incarnation: predecessor };
      const { how } = await fenceIncarnation({
        ...options,
        victim,
        by: `${instance}/${incarnation}`,
      });
      log({
        level: 'info',
        event: 'fenced-predecessor',
        detail: { incarnation: predecessor, how },
      });
      return;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log({ level: 'warn', event: 'fence-failed', detail: { incarnation: predecessor, message } });
      await new Promise((resolve) => setTimeout(resolve, repeatAppendAfterMs));
    }
  }
}
