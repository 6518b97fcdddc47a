// Owns: what doctor says of the metrics that a policy decides on, when it wants Prometheus: it asks what an
// evaluation asks, and tells what one would have against the answers.

import { loadSeen } from '../../../activities/load-seen.js';
import { membersOf } from '../../../activities/situation.js';
import { metricsFromReports } from '../../adapters/report-metrics.js';
import { systemClock } from '../../adapters/system-clock.js';
import { instanceName } from '../../core/records.js';
import { completePolicy, type StoredPolicy } from '../../core/scaling/policy.js';
import { problemText } from '../../core/telemetry/problems.js';
import type { ConfigDb } from '../../ports.js';
import type { TimeSeriesSource } from '../../time-series-port.js';
import type { ConfigDbSeen } from './config-db.js';
import { fault, ok, type Finding } from './finding.js';

const check = 'metrics';
const mend = 'its metrics.source, metrics.queries and sampleMaxAgeMs are in docs/policy.md';

/** Nothing is said of a policy that needs no Prometheus, or before the first distribution. */
export async function checkMetrics(
  seen: ConfigDbSeen | null,
  configDb: Pick<ConfigDb, 'reports'>,
  timeSeries: TimeSeriesSource | undefined,
): Promise<readonly Finding[]> {
  if (seen?.policy == null || seen.latest === null) return [];
  const policy = completePolicy(seen.policy as StoredPolicy);
  if (policy.metrics.source === 'reports') return [];
  const { service } = policy;
  const members = membersOf(seen.latest.ranges).map((ordinal) => instanceName(service, ordinal));
  const metrics = metricsFromReports(configDb, systemClock);
  const { samples, telemetry = [] } = await loadSeen({ metrics, timeSeries }, policy, members);
  if (telemetry.length > 0) {
    return telemetry.map((problem) => fault(check, problemText(problem), mend));
  }
  const measured = new Set(samples.map(({ instance }) => instance));
  const missing = members.filter((member) => !measured.has(member));
  if (missing.length > 0) {
    const found = `${missing.length} of ${members.length} members are in no metrics: ${missing.join(', ')}`;
    return [fault(check, found, mend)];
  }
  const clients = samples.reduce((sum, sample) => sum + sample.clients, 0);
  return [ok(check, `${clients} connected users on ${members.length} instances`)];
}
