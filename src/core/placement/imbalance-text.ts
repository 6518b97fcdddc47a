// Who ends outside its limits, why, and what would help, in sentences. Computes nothing but roundings.
import { outOfBoundsMax, type Imbalance, type OutOfBounds } from './imbalance.js';

/** Sentences are for so many instances; the others are counted. */
const explainedMax = 3;

/** What is in the way, one sentence each; the last says what would help. */
export function imbalanceSentences(imbalance: Imbalance): readonly string[] {
  const { outOfBounds, more } = imbalance;
  const explained = outOfBounds.slice(0, explainedMax);
  const others = outOfBounds.length - explained.length + more;
  return [
    ...explained.map((one) => `${levelOf(one, imbalance.tolerance)}: ${causeOf(one)}.`),
    ...(others > 0
      ? [
          `So are ${others} more${more > 0 ? `, of which --json has ${outOfBoundsMax - explainedMax}` : ''}.`,
        ]
      : []),
    `What would help: ${helpOf(imbalance)}.`,
  ];
}

/** `m-1 ends with 617, above its limit of 605 (mean 550, tolerance 0.1)` */
function levelOf(one: OutOfBounds, tolerance: number): string {
  const { instance, side, weight, had, limit, mean } = one;
  const limits = `${rounded(limit)} (mean ${rounded(mean)}, tolerance ${tolerance})`;
  if (side === 'above')
    return `${instance} ends with ${rounded(weight)}, above its limit of ${limits}`;
  return had !== undefined
    ? `${instance} had ${rounded(had)} and ends with ${rounded(weight)}, below its limit of ${limits}`
    : `${instance} is new and ends with ${rounded(weight)}, and shall reach ${limits}`;
}

function causeOf({ reason, heaviest, pinned, mean }: OutOfBounds): string {
  const heaviestOnIt =
    heaviest === undefined
      ? 'it owns nothing'
      : `its heaviest partition, ${heaviest.partition}, weighs ${rounded(heaviest.weight)}, ${((100 * heaviest.weight) / mean).toFixed(1)} % of the mean`;
  switch (reason) {
    case 'heavy-partition':
      return `partition ${heaviest?.partition ?? ''} alone weighs ${rounded(heaviest?.weight ?? 0)}`;
    case 'pinned':
      return `its pinned partitions alone weigh ${rounded(pinned ?? 0)}`;
    case 'exact':
      return `with tolerance 0 nobody may have more than the mean, and whole partitions do not come out even; ${heaviestOnIt}`;
    case 'whole-partitions':
      return `no partition given away and no two exchanged were found to help; ${heaviestOnIt}`;
    case 'others-above':
      return 'what others have too much of cannot be moved there';
    case 'budget':
      return 'no round within the budget leads on; plan once without it';
  }
}

function helpOf({ tolerance, neededTolerance, outOfBounds }: Imbalance): string {
  const reasons = new Set(outOfBounds.map(({ reason }) => reason));
  if (reasons.has('budget')) return 'a larger budget, or none';
  const help: string[] = [];
  if (neededTolerance !== undefined && neededTolerance > tolerance)
    help.push(`a tolerance of ${neededTolerance} instead of ${tolerance}`);
  const [worst] = outOfBounds.filter(({ side }) => side === 'above');
  if (reasons.has('pinned')) help.push('fewer pinned partitions');
  if (reasons.has('heavy-partition') && worst !== undefined) {
    help.push(
      `fewer instances or a larger capacity for ${worst.instance}, so that its mean is higher`,
    );
    help.push(`fewer clients on partition ${worst.heaviest?.partition ?? ''}`.trim());
  }
  return help.length > 0 ? help.join('; or ') : 'lighter partitions';
}

function rounded(value: number): number {
  return value >= 1_000 ? Math.round(value) : Number(value.toPrecision(4));
}
