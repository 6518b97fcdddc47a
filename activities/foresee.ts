// Owns: what an evaluation foresees: how far ahead it looks, from how long growths took, which history its
// forecast learns from, and that without Prometheus what was counted is kept for it. Never decides.

import type { Outcome, PlanKind, StepRecord } from './types.js';
import type { Connections } from './connections.js';
import { historyOfEvaluations, historyOfPrometheus, keepCounted } from './load-history.js';
import { saidBy, withoutSource } from './load-seen.js';
import { leadTimeMs, type Growth } from '../src/core/scaling/lead-time.js';
import { measure } from '../src/core/scaling/measure.js';
import type { Policy } from '../src/core/scaling/policy.js';
import type { ScalingSnapshot } from '../src/core/scaling/snapshot.js';
import type { RebalanceDoc } from '../src/ports.js';

type Around = Pick<Connections, 'configDb' | 'timeSeries' | 'forecasts'>;

export async function foresee(
  { configDb, timeSeries, forecasts }: Around,
  policy: Policy,
  seen: {
    readonly snapshot: ScalingSnapshot;
    /** Newest first. */
    readonly rebalances: readonly RebalanceDoc[];
    readonly nowMs: number;
  },
): Promise<Pick<ScalingSnapshot, 'forecast' | 'noForecast'>> {
  const { snapshot, rebalances, nowMs } = seen;
  const { members } = snapshot;
  if (policy.forecast.mode === 'off' || members === null) return {};
  const isByReports = policy.metrics.source === 'reports';
  if (isByReports) {
    const { clients, absurd } = measure(members, snapshot, policy);
    try {
      await keepCounted(configDb, policy, absurd ? undefined : clients, nowMs);
    } catch (error) {
      // A role that is older than the collection must not keep anybody from deciding.
      return { noForecast: `what is counted cannot be kept: ${saidBy(error)}` };
    }
  } else if (timeSeries === undefined) {
    return { noForecast: withoutSource };
  } else if (isSilent(snapshot)) {
    // It is not waited for twice.
    return { noForecast: 'its history is in Prometheus, which does not answer' };
  }
  const history =
    isByReports || timeSeries === undefined
      ? historyOfEvaluations(configDb, policy)
      : historyOfPrometheus(timeSeries, policy);
  const leadMs = leadTimeMs(policy, growthsIn(rebalances));
  const foreseen = await forecasts.of(policy, leadMs, history, nowMs);
  return foreseen.kind === 'forecast'
    ? { forecast: foreseen.forecast }
    : { noForecast: foreseen.why };
}

const isSilent = ({ telemetry = [] }: ScalingSnapshot): boolean =>
  telemetry.some((problem) => problem.kind === 'telemetry-failed' && problem.of === 'clients');

/** Of those that went well; what a person took to approve is no preparing. */
export function growthsIn(rebalances: readonly RebalanceDoc[]): readonly Growth[] {
  return rebalances.flatMap(({ body }) => {
    const { outcome, plan, steps } = body as {
      readonly outcome?: Outcome | null;
      readonly plan?: { readonly kind?: PlanKind } | null;
      readonly steps?: readonly StepRecord[];
    };
    if (outcome !== 'completed' || plan?.kind !== 'grow' || !Array.isArray(steps)) return [];
    const took = (steps as readonly StepRecord[])
      .filter(({ phase }) => phase !== 'approval')
      .reduce((sum, { tookMs }) => sum + tookMs, 0);
    return Number.isFinite(took) && took > 0 ? [{ tookMs: took }] : [];
  });
}
