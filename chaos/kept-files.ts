// Owns: what is written about a seed, so that one that failed can be understood without running it again:
// what happened, line by line, and at its end the logs, the documents and the histories. All in one
// directory, beside the logs of the programs. Never looks at what it writes.

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { openLogs } from '../src/logs/read-logs.js';
import { rebalanceIdOf } from '../src/cli/temporal.js';
import { keptMax } from './limits.js';
import type { Scene } from './scene.js';

export interface KeptFiles {
  /** Adds a line to `events.log`. */
  line(text: string): void;
  /** What the service knows of itself; a part that cannot be had is named in `events.log`. */
  everything(scene: Scene): Promise<void>;
}

export function keepFiles(dir: string): KeptFiles {
  const line = (text: string): void => appendFileSync(join(dir, 'events.log'), `${text}\n`);
  return {
    line,
    everything: async (scene) => {
      for (const [what, write] of Object.entries({ evidence, documents, histories })) {
        await write(scene, dir).catch((error: unknown) => line(`no ${what}: ${String(error)}`));
      }
    },
  };
}

/** As an export that `evenkeel verify --input` reads: `evidence.jsonl`. */
async function evidence({ world }: Scene, dir: string): Promise<void> {
  const lines: string[] = [];
  const { records } = await openLogs(world.cluster.bus, world.name);
  for await (const record of records) lines.push(JSON.stringify(record));
  writeFileSync(join(dir, 'evidence.jsonl'), `${lines.join('\n')}\n`);
}

async function documents({ world }: Scene, dir: string): Promise<void> {
  const { configDb } = world.cluster;
  const { name } = world;
  const latest = (await configDb.latestDistribution(name))?.revision ?? 0;
  const revisions = Array.from({ length: Math.min(latest, keptMax) }, (_, i) => latest - i);
  const kept = {
    rebalances: await configDb.rebalances(name, keptMax),
    decisions: await configDb.decisions(name, 0, keptMax),
    reports: await configDb.reports(name),
    distributions: await Promise.all(revisions.map((one) => configDb.distribution(name, one))),
  };
  writeFileSync(join(dir, 'config-db.json'), `${JSON.stringify(kept, undefined, 1)}\n`);
}

/** One file for each run: `histories/<when it started>-<its id>.json`. */
async function histories({ world }: Scene, dir: string): Promise<void> {
  const { workflow } = world.cluster.temporal;
  const workflowId = rebalanceIdOf(world.name);
  mkdirSync(join(dir, 'histories'), { recursive: true });
  for await (const { runId, startTime } of workflow.list({
    query: `WorkflowId = '${workflowId}'`,
  })) {
    const history = await workflow.getHandle(workflowId, runId).fetchHistory();
    const file = `${startTime.toISOString().replaceAll(/[:.]/g, '-')}-${runId}.json`;
    writeFileSync(join(dir, 'histories', file), `${historyToJSON(history)}\n`);
  }
}
