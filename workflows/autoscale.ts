// Owns: the workflow `autoscale`, one tick of the Schedule: evaluate, record, and ask for a rebalance
// when the decision says so. Never moves anything itself.

import type { RawValue } from '@temporalio/common';
import {
  defineWorkflowOptions,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { EvaluateResult } from '../activities/types.js';
import { serviceAttribute } from './attributes.js';
import { failureOf } from './failures.js';
import type { AutoscaleInput, AutoscaleResult } from './messages.js';
import { Unreadable, rawArguments, readArguments } from './payload-reading.js';
import { call } from './proxies.js';
import { cell } from './words.js';

// Any version may finish a tick: one that waited for a version whose workers are gone would keep its
// Schedule (overlap SKIP) from ever evaluating again. The server refuses this word from workers without
// a version; those have a build id of the SDK's own, but no deployment.
defineWorkflowOptions(autoscale, {
  ...rawArguments,
  workflowDefinitionOptions: () => {
    const deployment = workflowInfo().currentDeploymentVersion?.deploymentName ?? '';
    return deployment === '' ? {} : { versioningBehavior: 'AUTO_UPGRADE' };
  },
});

/** What it is started with is an `AutoscaleWorkflow`'s. */
export async function autoscale(...raw: readonly RawValue[]): Promise<AutoscaleResult> {
  const service = serviceIn(readArguments(raw)[0]);
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

/** A tick that waited for a key would keep its Schedule from ever evaluating again: it fails, the next comes. */
function serviceIn(input: unknown): string {
  const why = input instanceof Unreadable ? `, which cannot be read: ${input.why}` : '';
  const { service } = (input ?? {}) as Partial<Record<keyof AutoscaleInput, unknown>>;
  if (typeof service === 'string' && service !== '') return service;
  const text = `a tick is started with {"service":"…"}, and this one was not${why}`;
  throw failureOf('BadInput', text);
}

function renderDecision(
  service: string,
  { kind, reasons, desired, instances }: EvaluateResult,
): string {
  const what = kind === 'act' ? `act: ${instances} → ${desired ?? instances}` : 'skip';
  return [
    `**${cell(service)}: ${what}**`,
    '',
    ...reasons.map((reason) => `- ${cell(reason)}`),
  ].join('\n');
}
