// Owns: the workflow `autoscale`, one tick of the Schedule: evaluate, record, and ask for a rebalance
// when the decision says so. Never moves anything itself.

import {
  setCurrentDetails,
  setWorkflowOptions,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { EvaluateResult } from '../activities/types.js';
import { serviceAttribute } from './attributes.js';
import type { AutoscaleInput } from './messages.js';
import { call } from './proxies.js';

export interface AutoscaleResult {
  readonly kind: 'act' | 'skip';
  readonly reasons: readonly string[];
  readonly desired: number | null;
}

// Any version may finish a tick: one that waited for a version whose workers are gone would keep its
// Schedule (overlap SKIP) from ever evaluating again. The server refuses this word from workers without
// a version; those have a build id of the SDK's own, but no deployment.
setWorkflowOptions(() => {
  const deployment = workflowInfo().currentDeploymentVersion?.deploymentName ?? '';
  return deployment === '' ? {} : { versioningBehavior: 'AUTO_UPGRADE' };
}, autoscale);

export async function autoscale({ service }: AutoscaleInput): Promise<AutoscaleResult> {
  upsertSearchAttributes([{ key: serviceAttribute, value: service }]);
  const decision = await call('evaluate', 'tick', `users per instance of ${service}`, { service });
  setCurrentDetails(renderDecision(service, decision));
  const { kind, reasons, desired, source = 'threshold' } = decision;
  if (kind === 'act' && desired !== null) {
    const summary = `${decision.instances} → ${desired}: ${decision.text}`;
    // The tick's run id: a repeated signal is the same request.
    const requestId = `${source}-${workflowInfo().runId}`;
    await call('requestRebalance', 'tick', summary, {
      service,
      request: { requestId, reason: decision.text, source, instances: desired },
    });
  }
  return { kind, reasons, desired };
}

function renderDecision(
  service: string,
  { kind, reasons, desired, instances }: EvaluateResult,
): string {
  const what = kind === 'act' ? `act: ${instances} → ${desired ?? instances}` : 'skip';
  return [`**${service}: ${what}**`, '', ...reasons.map((reason) => `- ${reason}`)].join('\n');
}
