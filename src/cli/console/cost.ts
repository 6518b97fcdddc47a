// Owns: what a rebalance would cost now, said before it is asked for: the dry run of the command, in the few
// lines that a person reads before pressing the button. Never fails: why it is not known is an answer.

import type { CostAnswer, CostWish } from '../../console/picture.js';
import { askedBy } from '../ask.js';
import type { CliContext } from '../context.js';
import { errorJson } from '../output.js';
import type { DryRun } from '../rebalance/dry-run-text.js';
import { durationText } from '../when.js';

/** Pairs of instances with a line of their own: a phone shows as many. */
const transfersMax = 6;

export function costsOf(
  context: CliContext,
  taskQueue: string,
): (wish: CostWish, by: string) => Promise<CostAnswer> {
  return async ({ service, instances }, by) => {
    try {
      // The planner and its activities are not loaded by whoever only looks.
      const { dryRun } = await import('../rebalance/dry-run.js');
      const request = askedBy({ reason: 'what would it cost', by, taskQueue });
      const { json, text } = await dryRun(context, service, {
        ...request,
        ...(instances === undefined ? {} : { instances }),
      });
      if ('estimateMs' in json) return { ok: true, lines: costLines(json as DryRun) };
      return { ok: false, lines: text.split('\n') };
    } catch (error) {
      return { ok: false, lines: [errorJson(error).error.message] };
    }
  };
}

/** Pure. */
export function costLines(found: DryRun): readonly string[] {
  const { kind, owners, running, clients, transfers, estimateMs, moved, notes } = found;
  const change = owners.from === owners.to ? `${owners.to}` : `${owners.from} → ${owners.to}`;
  const title = `${kind}: ${change} instances own partitions`;
  if (transfers.length === 0) return [`${title}; nobody moves.`, ...notes];
  const many = clients === 1 ? '1 client moves' : `${clients} clients move`;
  const pods = running.from === running.to ? '' : `; ${running.from} → ${running.to} run`;
  const shown = transfers
    .slice(0, transfersMax)
    .map(({ donor, receiver, partitions, clients: some }) => {
      const of = partitions === 1 ? '1 partition' : `${partitions} partitions`;
      return `${donor ?? 'nobody'} → ${receiver}: ${of}, ${some} clients`;
    });
  const more = transfers.length - shown.length;
  return [
    `${title}${pods}. About ${many}, with ${moved.partitions} partitions.`,
    `About ${durationText(estimateMs)} to hand over, once everybody is ready and warm.`,
    ...shown,
    ...(more > 0 ? [`… ${more} more pairs`] : []),
    ...notes,
  ];
}
