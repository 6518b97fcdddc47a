// Owns: what doctor asks of Worker Versioning: while every worker that polls belongs to a deployment, one
// version of it must be current and have a worker, or new tasks wait for ever.

import type { Client } from '@temporalio/client';
import { fault, ok, type Finding } from './finding.js';

export interface DeploymentSeen {
  readonly name: string;
  /** Build ids of the workers that poll. */
  readonly polling: readonly string[];
  /** Build id; null: no version is. */
  readonly current: string | null;
}

type Queue = Awaited<ReturnType<Client['workflowService']['describeTaskQueue']>>;
/** temporal.api.enums.v1.WorkerVersioningMode */
const versioned = 2;

/** Null while a worker without a version polls, which takes what no current version does, or none at all. */
export function deploymentIn(
  { pollers, versioningInfo }: Queue,
  isFresh: (lastAccessMs: number) => boolean,
): DeploymentSeen | null {
  const options = (pollers ?? [])
    .filter(({ lastAccessTime }) => isFresh(Number(lastAccessTime?.seconds ?? 0) * 1_000))
    .map(({ deploymentOptions }) => deploymentOptions);
  const [first] = options;
  if (first == null || options.some((one) => Number(one?.workerVersioningMode) !== versioned))
    return null;
  const polling = [...new Set(options.map((one) => one?.buildId ?? ''))].sort();
  const current = versioningInfo?.currentDeploymentVersion?.buildId;
  return { name: first.deploymentName ?? '', polling, current: current || null };
}

export function deploymentFindings(seen: DeploymentSeen | null): readonly Finding[] {
  if (seen === null) return [];
  const { name, polling, current } = seen;
  const polls = `these poll: ${polling.join(', ')}`;
  const mend = [
    'make the version current that shall take them',
    `  temporal worker deployment set-current-version --deployment-name ${name} \\`,
    `    --build-id ${polling.at(-1) ?? ''}`,
  ].join('\n');
  if (current === null) {
    const found = `no version of deployment ${name} is current, so tasks wait for ever; ${polls}`;
    return [fault('worker-version', found, mend)];
  }
  if (!polling.includes(current)) {
    const found = `version ${current} of deployment ${name} is current, and no worker of it polls; ${polls}`;
    return [fault('worker-version', found, `start a worker of ${current}; or ${mend}`)];
  }
  return [ok('worker-version', `version ${current} of deployment ${name} is current`)];
}
