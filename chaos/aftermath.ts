// Owns: what is done and looked at when a script is over: peace, the next request, the logs, what became
// of the sagas, and who outlived the service. Never judges it (verdict.ts).

import { setTimeout as sleep } from 'node:timers/promises';
import { readEvidence } from '../bench/handover/evidence.js';
import { rangesByInstance } from '../src/core/distribution.js';
import { actualOwnership, differences } from '../src/local/evidence.js';
import { latestRun, outcomeOf, rebalanceIdOf } from '../src/cli/temporal.js';
import type { RebalanceResult } from '../workflows/messages.js';
import type { Asking } from './asking.js';
import * as limits from './limits.js';
import { processesOf, strangersAmong } from './processes.js';
import type { Scene } from './scene.js';
import type { Seen } from './verdict.js';

/** Nothing is asked for by itself any more; returns why not, if so. */
export async function rest(asking: Asking): Promise<readonly string[]> {
  const untilMs = performance.now() + limits.graceMs;
  for (;;) {
    try {
      await asking.rest();
      return [];
    } catch (error) {
      if (performance.now() > untilMs) return [`no policy can be put in force: ${String(error)}`];
      await sleep(limits.startAgainMs);
    }
  }
}

/** Asks for one instance more or less than own partitions now, and waits for what comes of it. */
export async function nextRequest({ world }: Scene, asking: Asking): Promise<Seen['next']> {
  const { cluster, name } = world;
  const { temporal, configDb } = cluster;
  const latest = await configDb.latestDistribution(name);
  const owners = rangesByInstance({ ranges: latest?.ranges ?? [] }).size;
  const instances = owners < limits.instancesMax ? owners + 1 : owners - 1;
  const requestId = await asking.ask({ instances });
  const untilMs = performance.now() + limits.nextWithinMs;
  for (;;) {
    const run = await latestRun(temporal, name);
    const said = run?.status?.outcomes.find((one) => one.requestId === requestId);
    if (said !== undefined) return said;
    if (run !== null && run.state !== 'RUNNING') {
      const result = temporal.workflow.getHandle(rebalanceIdOf(name), run.runId).result();
      return await result.then(
        (ended) => outcomeOf(ended as RebalanceResult, requestId) ?? nothingSaid(run.state),
        (error: unknown) => ({ outcome: run.state, text: String(error) }),
      );
    }
    if (performance.now() > untilMs) return null;
    await sleep(limits.lookEveryMs);
  }
}

const nothingSaid = (state: string) => ({ outcome: state, text: 'the run says nothing of it' });

type Logged = Pick<Seen, 'differences' | 'strangers' | 'overlaps' | 'evidence'>;

/** ConfigDB against the ownership log, the platform against the processes, and the evidence. */
export async function lookAtLogs({ world }: Scene): Promise<Logged> {
  const { cluster, name } = world;
  const [latest, owned, { instances }, { report, faults }] = await Promise.all([
    cluster.configDb.latestDistribution(name),
    actualOwnership(cluster.bus, name, limits.partitions),
    cluster.platform.observe(name),
    readEvidence(world, {}),
  ]);
  return {
    differences: latest === null ? ['there is no distribution'] : differences(latest, owned),
    strangers: strangersAmong(processesOf(name, cluster.taskQueue), instances),
    overlaps: report.overlaps,
    evidence: faults,
  };
}

/** How the sagas ended, by their records, and how many revisions they wrote. */
export async function sagasOf({ world }: Scene): Promise<{
  readonly outcomes: Readonly<Record<string, number>>;
  readonly revisions: number;
}> {
  const { configDb } = world.cluster;
  const [records, latest] = await Promise.all([
    configDb.rebalances(world.name, limits.keptMax),
    configDb.latestDistribution(world.name),
  ]);
  const outcomes: Record<string, number> = {};
  for (const { body } of records) {
    const { outcome } = body as { outcome?: string | null };
    const name = outcome ?? 'none';
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  return { outcomes, revisions: latest?.revision ?? 0 };
}

/** Waits, bounded, until all processes of the service are gone; returns those that are not. */
export async function leftOf({ world }: Scene): Promise<readonly string[]> {
  const { cluster, name } = world;
  const untilMs = performance.now() + limits.goneWithinMs;
  for (;;) {
    const left = processesOf(name, cluster.taskQueue);
    if (left.length === 0 || performance.now() > untilMs) {
      return left.map(({ pid, role, instance }) => `process ${pid}, ${instance ?? role},`);
    }
    await sleep(limits.lookEveryMs);
  }
}
