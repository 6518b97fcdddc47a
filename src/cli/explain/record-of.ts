// Owns: which record of a rebalance is about a distribution. Not always that of the distribution's epoch:
// an undo takes an epoch of its own, and so does what a run writes down before it begins. Pure.

import { mendCause } from '../../core/saga/forgotten.js';
import type { DistributionDoc, RebalanceDoc } from '../../ports.js';

/** Whether what was held was written down, because ConfigDB had forgotten it: nobody planned it. */
export const isMended = ({ cause, plan }: DistributionDoc): boolean =>
  cause.kind === mendCause && plan === null;

/** Undefined when ConfigDB has it no longer, or nothing was ever recorded. */
export function recordOf(
  distribution: DistributionDoc,
  records: readonly RebalanceDoc[],
): RebalanceDoc | undefined {
  const { service, epoch, plan, workflow } = distribution;
  const named = records.find(({ id }) => id === `${service}@${epoch}`);
  // A plan is named after its saga: `messaging@109.back-110-1.1`.
  const planned = records.find(({ id }) => plan?.startsWith(`${id}.`) === true);
  if (planned !== undefined || named !== undefined) return planned ?? named;
  if (!isMended(distribution)) return undefined;
  // The saga that found it forgotten took the next epoch of the same run.
  return records
    .filter(({ runId, id }) => runId === workflow.runId && epochIn(id) > epoch)
    .sort((a, b) => epochIn(a.id) - epochIn(b.id))[0];
}

const epochIn = (id: string): number => Number(id.slice(id.lastIndexOf('@') + 1));
