// Owns: what a demo or a benchmark believes instead of what it is told: who owns what by the ownership log, and
// the independent check of the logs. Never asks an instance.

import { checkEvidence } from '../core/evidence/check.js';
import type { EvidenceReport } from '../core/evidence/types.js';
import { formatRanges, normalize, type Range, type Ranges } from '../core/ranges.js';
import { instanceName, ordinalOf } from '../core/records.js';
import { openLogs } from '../logs/read-logs.js';
import { openOwnershipView } from '../logs/ownership-view.js';
import type { Bus, DistributionDoc } from '../ports.js';

/** Ranges by instance name, by the ownership log; what nobody holds stands under `nobody`. */
export async function actualOwnership(
  bus: Bus,
  service: string,
  partitions: number,
): Promise<Readonly<Record<string, Ranges>>> {
  const view = await openOwnershipView({ bus, service, partitions });
  try {
    const owned = new Map<string, Range[]>();
    for (const [from, to, instance] of view.ranges()) {
      const name = instance ?? 'nobody';
      owned.set(name, [...(owned.get(name) ?? []), [from, to]]);
    }
    return byOrdinal(owned);
  } finally {
    await view.close();
  }
}

/** In the order of ordinals, whoever owns the lowest partition; `nobody` last. */
export function byOrdinal(
  owned: ReadonlyMap<string, readonly Range[]>,
): Readonly<Record<string, Ranges>> {
  const rank = (name: string): number => ordinalOf(name) ?? Infinity;
  const sorted = [...owned].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, ranges]) => [name, normalize(ranges)]));
}

/** Where ownership is not what the distribution says, one sentence per instance. */
export function differences(
  doc: DistributionDoc,
  actual: Readonly<Record<string, Ranges>>,
): string[] {
  const planned = new Map<string, Range[]>();
  for (const [from, to, ordinal] of doc.ranges) {
    const name = instanceName(doc.service, ordinal);
    planned.set(name, [...(planned.get(name) ?? []), [from, to]]);
  }
  return [...new Set([...planned.keys(), ...Object.keys(actual)])].sort().flatMap((name) => {
    const wanted = formatRanges(normalize(planned.get(name) ?? []));
    const found = formatRanges(actual[name] ?? []);
    return wanted === found ? [] : [`${name} owns ${found}, planned was ${wanted}`];
  });
}

/** Replays the ownership and sessions logs from their beginning. */
export async function checkLogs(bus: Bus, service: string): Promise<EvidenceReport> {
  const logs = await openLogs(bus, service);
  const check = checkEvidence(service, logs.partitions);
  for await (const record of logs.records) check.add(record);
  return check.finish();
}

/** What of the check is wrong beyond overlaps, one sentence each. */
export function evidenceFaults(report: EvidenceReport): string[] {
  const faults: string[] = [];
  if (report.first !== undefined) faults.push(`the logs show: ${report.first.message}`);
  if (report.truncated) faults.push('the logs of evidence are not complete');
  if (report.ownershipGaps.length > 0) {
    faults.push(`nobody owns ${formatRanges(report.ownershipGaps)}`);
  }
  return faults;
}
