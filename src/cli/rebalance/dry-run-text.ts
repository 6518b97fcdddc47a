// Owns: a dry run as people read it: the plan as `evenkeel plan` prints one, then what it costs the
// people who are connected. No line is wider than 80 columns. Pure.

import { formatDistribution, formatPlan, widthMax } from '../../core/placement/format.js';
import type { Plan } from '../../core/placement/types.js';
import type { Ranges } from '../../core/ranges.js';
import type { Transfer } from '../../core/saga/estimate.js';
import { durationText } from '../when.js';

/** What a saga would do now; the fields of `evenkeel plan`, and what only a service has. */
export interface DryRun {
  readonly service: string;
  readonly kind: string;
  /** Of the distribution that would be written; `from` is null before the first. */
  readonly revision: { readonly from: number | null; readonly to: number };
  readonly hash: string;
  readonly partitions: number;
  /** Who owns what by the ownership log. */
  readonly current: Readonly<Record<string, Ranges>>;
  readonly instances: Readonly<Record<string, Ranges>>;
  /** Instances that own partitions. */
  readonly owners: { readonly from: number; readonly to: number };
  /** Instances that the platform runs. */
  readonly running: { readonly from: number; readonly to: number };
  readonly moved: Plan['moved'];
  /** These are absent where no planner is asked: a rollback says itself who owns what. */
  readonly balance?: Plan['balance'];
  /** Also absent when everybody ends within the limits. */
  readonly imbalance?: Plan['imbalance'];
  readonly ranges?: Plan['ranges'];
  readonly roundsLeft?: number;
  readonly waves?: Plan['waves'];
  /** Connected clients that would move. */
  readonly clients: number;
  readonly transfers: readonly Transfer[];
  readonly estimateMs: number;
  readonly approval: { readonly needed: boolean; readonly neededByAutoscaler: boolean };
  readonly notes: readonly string[];
}

/** Pairs of instances with a line of their own. */
const transfersMax = 12;

export function dryRunText(found: DryRun): string {
  const { service, kind, owners, revision, running } = found;
  const title =
    kind === 'bootstrap'
      ? `${service}: bootstrap of ${owners.to} instances, revision ${revision.to}`
      : `${service}: ${kind} ${owners.from} → ${owners.to}, revision ${revision.from} → ${revision.to}`;
  const pods =
    running.from === running.to
      ? `${running.to} run, as now`
      : `${running.from} → ${running.to} run`;
  return [
    `${title} (dry run: nothing was changed)`,
    '',
    distributionText(found),
    '',
    `pods     ${pods}, ${owners.to} own partitions`,
    ...clientLines(found),
    `takes    about ${durationText(found.estimateMs)} to hand over, once everybody is ready and warm`,
    `approval ${approvalText(found.approval)}`,
    ...found.notes.map((note) => `note     ${note}`),
  ].join('\n');
}

function distributionText(found: DryRun): string {
  const { partitions, current, instances, moved, balance, imbalance } = found;
  const { ranges, roundsLeft = 0, waves } = found;
  if (balance === undefined || ranges === undefined || waves === undefined) {
    return [
      'before',
      formatDistribution({ partitions, instances: current }),
      '',
      'after',
      formatDistribution({ partitions, instances }),
      '',
      `moved    ${moved.partitions} partitions`,
    ].join('\n');
  }
  return formatPlan(
    {
      ...{ instances, moved, balance, ranges, roundsLeft, waves },
      ...(imbalance === undefined ? {} : { imbalance }),
    },
    { partitions, current },
  );
}

function clientLines({ clients, transfers }: DryRun): string[] {
  if (transfers.length === 0) return ['clients  nobody moves'];
  const head = `clients  about ${clients} move`;
  const lines = transfers
    .slice(0, transfersMax)
    .map(
      ({ donor, receiver, partitions, clients: some }) =>
        `           ${donor ?? 'nobody'} → ${receiver}  ${partitions} partitions, ${some} clients`,
    )
    .map((line) => (line.length > widthMax ? `${line.slice(0, widthMax - 1)}…` : line));
  const more = transfers.length - lines.length;
  return [head, ...lines, ...(more > 0 ? [`           … ${more} more pairs`] : [])];
}

function approvalText({ needed, neededByAutoscaler }: DryRun['approval']): string {
  if (needed) return 'needed: it would wait for `evenkeel approve`';
  return neededByAutoscaler
    ? 'none, because a person asks; the autoscaler would have to wait for it'
    : 'none';
}
