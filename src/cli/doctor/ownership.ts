// Owns: what doctor reads from the logs: does everybody hold what ConfigDB says, does whoever holds
// something live, has ConfigDB forgotten a revision that the log knows, can the log still be replayed.

import type { LastRecord } from '../../core/handover/ownership-log.js';
import { checkpointOf, openOwnershipView } from '../../logs/ownership-view.js';
import { topicsOf } from '../../logs/topics.js';
import { evidencePartitions, heartbeatEveryMs, leaseTtlMs } from '../../limits.js';
import { parseObject } from '../../core/handover/ownership-log.js';
import { formatRanges, type Range } from '../../core/ranges.js';
import type { Bus } from '../../ports.js';
import type { ConfigDbSeen } from './config-db.js';
import { fault, ok, warning, type Finding } from './finding.js';

export interface OwnershipSeen {
  readonly holdings: readonly {
    readonly from: number;
    readonly to: number;
    readonly holder: LastRecord | null;
  }[];
  readonly highestRevision: number;
  /** Incarnations whose heartbeat was heard while doctor listened. */
  readonly alive: ReadonlySet<string>;
  /** The log begins here, and a replay at the checkpoint (0 without one). */
  readonly logLow: number;
  readonly replayFrom: number;
}

/** Several heartbeats long, and longer than a lease: who says nothing meanwhile does not hold one. */
export const listenMs = leaseTtlMs + 2 * heartbeatEveryMs;

export async function readOwnership(
  bus: Bus,
  seen: ConfigDbSeen | null,
  { service, partitions, listenMs }: { service: string; partitions: number; listenMs: number },
): Promise<OwnershipSeen> {
  const configDb = { latestCheckpoint: async () => seen?.checkpoint ?? null };
  const [bounds, checkpoint] = await Promise.all([
    bus.bounds(topicsOf(service).ownership),
    checkpointOf(service, partitions, configDb),
  ]);
  const view = await openOwnershipView({ bus, service, partitions, configDb });
  const alive = await heard(bus, service, listenMs);
  const owned = {
    holdings: view.log.holdings(),
    highestRevision: view.highestRevision(),
    alive,
    logLow: bounds[0]?.low ?? 0,
    replayFrom: checkpoint?.next ?? 0,
  };
  await view.close();
  return owned;
}

/** Incarnations that say `alive` from now on, for so long. */
async function heard(bus: Bus, service: string, listenMs: number): Promise<ReadonlySet<string>> {
  const alive = new Set<string>();
  const reader = await bus.open({
    topic: topicsOf(service).leases,
    positions: new Map(Array.from({ length: evidencePartitions }, (_, p) => [p, 'end'])),
    onRecords: (_partition, records) => {
      for (const { value } of records) {
        const record = parseObject(value);
        const incarnation = record?.['incarnation'];
        if (record?.['type'] === 'alive' && typeof incarnation === 'string') alive.add(incarnation);
      }
    },
    onJump: () => undefined,
  });
  await new Promise((resolve) => setTimeout(resolve, listenMs));
  await reader.close();
  return alive;
}

export function checkOwnership(
  owned: OwnershipSeen,
  seen: ConfigDbSeen | null,
): readonly Finding[] {
  return [
    ...(seen === null ? [] : [revisionFinding(owned, seen)]),
    replayFinding(owned),
    leaseFinding(owned),
    ...(seen?.latest == null ? [] : [heldFinding(owned, seen)]),
  ];
}

function revisionFinding({ highestRevision }: OwnershipSeen, { service, latest }: ConfigDbSeen) {
  const known = latest?.revision ?? 0;
  if (highestRevision <= known) return ok('revisions', 'ConfigDB knows every revision of the log');
  return fault(
    'revisions',
    `ConfigDB ends at revision ${known}, the ownership log knows ${highestRevision}: ConfigDB has forgotten something (restored from a backup?)`,
    `no number is used twice: the next rebalance writes a revision above ${highestRevision} from actual ownership: evenkeel rebalance ${service}`,
  );
}

function replayFinding({ logLow, replayFrom }: OwnershipSeen): Finding {
  if (logLow <= replayFrom) return ok('ownership-log', 'it can be replayed');
  return fault(
    'ownership-log',
    `it was trimmed up to offset ${logLow}, above the newest checkpoint (${replayFrom}): who starts now cannot know who holds what`,
    'restore a checkpoint of that offset into ConfigDB; keep the topic without retention by time',
  );
}

function leaseFinding({ holdings, alive }: OwnershipSeen): Finding {
  const dead = new Map<string, Range[]>();
  const holders = new Set<string>();
  for (const { from, to, holder } of holdings) {
    if (holder === null) continue;
    holders.add(holder.incarnation);
    if (alive.has(holder.incarnation)) continue;
    const ranges = dead.get(holder.instance);
    if (ranges === undefined) dead.set(holder.instance, [[from, to]]);
    else ranges.push([from, to]);
  }
  if (dead.size === 0) return ok('leases', `all ${holders.size} holders keep their leases`);
  const who = [...dead].map(([name, ranges]) => `${name} ${formatRanges(ranges)}`).join(', ');
  return fault(
    'leases',
    `hold partitions, but say nothing: ${who}`,
    'a restarted instance fences its former life; if it does not come back, the worker has it fenced and its partitions move',
  );
}

function heldFinding({ holdings }: OwnershipSeen, { service, latest }: ConfigDbSeen): Finding {
  const nobody: Range[] = holdings
    .filter(({ holder }) => holder === null)
    .map(({ from, to }) => [from, to]);
  if (nobody.length > 0) {
    return fault(
      'ownership',
      `nobody holds ${formatRanges(nobody)}: their users cannot connect`,
      `if no rebalance is under way: evenkeel rebalance ${service}`,
    );
  }
  const elsewhere = misplaced(holdings, service, latest?.ranges ?? []);
  if (elsewhere.length === 0) {
    return ok('ownership', `everybody holds what revision ${latest?.revision} says`);
  }
  return warning(
    'ownership',
    `held by others than revision ${latest?.revision} says: ${formatRanges(elsewhere)}`,
    `if no rebalance is under way: evenkeel rebalance ${service}`,
  );
}

function misplaced(
  holdings: OwnershipSeen['holdings'],
  service: string,
  ranges: readonly (readonly [number, number, number])[],
): Range[] {
  const wrong: Range[] = [];
  for (const { from, to, holder } of holdings) {
    for (const [start, end, ordinal] of ranges) {
      const [low, high] = [Math.max(from, start), Math.min(to, end)];
      if (low <= high && holder?.instance !== `${service}-${ordinal}`) wrong.push([low, high]);
    }
  }
  return wrong;
}
