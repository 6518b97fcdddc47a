// Owns: what doctor asks of ConfigDB: a policy that holds together, a distribution that tiles and is
// what its hash says, a last rebalance that ended well, and evaluations that still happen.

import { createHash } from 'node:crypto';
import type { Outcome } from '../../../activities/types.js';
import { canonicalText, checkTiling } from '../../core/distribution.js';
import { policyFault, type Policy } from '../../core/scaling/policy.js';
import type {
  CheckpointDoc,
  ConfigDb,
  DecisionDoc,
  DistributionDoc,
  InstanceReport,
  RebalanceDoc,
} from '../../ports.js';
import { durationText } from '../when.js';
import { fault, ok, warning, type Finding } from './finding.js';

export interface ConfigDbSeen {
  readonly service: string;
  readonly policy: unknown;
  readonly latest: DistributionDoc | null;
  readonly reports: readonly InstanceReport[];
  readonly rebalance: RebalanceDoc | null;
  readonly decision: DecisionDoc | null;
  readonly checkpoint: CheckpointDoc | null;
}

/** Evaluations missed before it is worth a word. */
const evaluationsMissed = 4;
/** An instance reports every second; a report that old is from one that is gone or stuck. */
const reportStaleMs = 15_000;

export async function readConfigDb(configDb: ConfigDb, service: string): Promise<ConfigDbSeen> {
  const [policy, latest, reports, rebalances, decisions, checkpoint] = await Promise.all([
    configDb.latestPolicy(service),
    configDb.latestDistribution(service),
    configDb.reports(service),
    configDb.rebalances(service, 1),
    configDb.decisions(service, 0, 1),
    configDb.latestCheckpoint(service),
  ]);
  return {
    service,
    policy: policy?.policy ?? null,
    latest,
    reports,
    rebalance: rebalances[0] ?? null,
    decision: decisions[0] ?? null,
    checkpoint,
  };
}

export function checkConfigDb(seen: ConfigDbSeen, nowMs: number): readonly Finding[] {
  return [
    policyFinding(seen),
    distributionFinding(seen),
    rebalanceFinding(seen),
    evaluationFinding(seen, nowMs),
    ...reportFindings(seen, nowMs),
  ];
}

function policyFinding({ service, policy }: ConfigDbSeen): Finding {
  if (policy === null) {
    return fault(
      'policy',
      `${service} has no policy in this database`,
      'where it should have one, is MONGODB_DATABASE right? Else write one: evenkeel apply FILE',
    );
  }
  const broken = policyFault(policy as Policy);
  if (broken === undefined) return ok('policy', 'the policy holds together');
  const { field, found, allowed } = broken;
  return fault(
    'policy',
    `the policy's ${field} is ${found}, allowed is ${allowed}`,
    'correct the file and write it again: evenkeel apply FILE',
  );
}

function distributionFinding({ service, latest }: ConfigDbSeen): Finding {
  if (latest === null) {
    return warning(
      'distribution',
      'there is no distribution yet',
      `the first evaluation with enough instances writes one; or: evenkeel rebalance ${service}`,
    );
  }
  const { revision, partitions, ranges, hash } = latest;
  const wrong = checkTiling(latest);
  const again = `nobody obeys it; a new revision from actual ownership mends it: evenkeel rebalance ${service}`;
  if (wrong !== undefined) return fault('distribution', `revision ${revision}: ${wrong}`, again);
  const text = canonicalText({ service, revision, partitions, ranges });
  if (createHash('sha256').update(text).digest('hex') !== hash) {
    return fault(
      'distribution',
      `revision ${revision} was changed after it was written: its hash does not fit its ranges`,
      again,
    );
  }
  return ok('distribution', `revision ${revision} covers all ${partitions} partitions once`);
}

function rebalanceFinding({ service, rebalance }: ConfigDbSeen): Finding {
  if (rebalance === null) return ok('last-rebalance', 'there was no rebalance yet');
  const { id, body } = rebalance;
  const { outcome, text = '' } = body as { outcome?: Outcome | null; text?: string };
  if (outcome === 'compensation-failed') {
    return fault(
      'last-rebalance',
      `${id} could not be undone: ${text}`,
      `remove the cause, then let the next one try again: evenkeel rebalance ${service}, and evenkeel resume ${service}`,
    );
  }
  if (outcome == null) {
    return warning(
      'last-rebalance',
      `${id} has recorded no outcome: it still runs, or was terminated`,
      `evenkeel status ${service} says which; the next rebalance finishes or undoes what it left`,
    );
  }
  return ok('last-rebalance', `${id} ended as ${outcome}`);
}

function evaluationFinding({ service, policy, decision }: ConfigDbSeen, nowMs: number): Finding {
  if (decision === null) {
    return warning(
      'evaluations',
      'nothing was ever evaluated',
      'is the Schedule there and not paused, and a worker running? see the checks below',
    );
  }
  const everyMs = (policy as Policy | null)?.scheduleEveryMs ?? 15_000;
  const ageMs = nowMs - decision.atMs;
  if (ageMs <= evaluationsMissed * everyMs) {
    return ok('evaluations', `the last one was ${durationText(Math.max(0, ageMs))} ago`);
  }
  return warning(
    'evaluations',
    `the last one was ${durationText(ageMs)} ago, due every ${durationText(everyMs)}`,
    `is the Schedule paused (evenkeel resume ${service}), or no worker running?`,
  );
}

/** Members of the distribution whose reports are missing or old. */
function reportFindings({ service, latest, reports }: ConfigDbSeen, nowMs: number): Finding[] {
  if (latest === null) return [];
  const members = new Set(latest.ranges.map(([, , ordinal]) => `${service}-${ordinal}`));
  const fresh = new Set(
    reports.filter(({ atMs }) => nowMs - atMs <= reportStaleMs).map(({ instance }) => instance),
  );
  const silent = [...members].filter((name) => !fresh.has(name));
  if (silent.length === 0) return [ok('reports', `all ${members.size} instances report`)];
  return [
    warning(
      'reports',
      `no report within ${durationText(reportStaleMs)} from ${silent.join(', ')}`,
      'decisions take them for as loaded as the others; look at their logs and their way to ConfigDB',
    ),
  ];
}
