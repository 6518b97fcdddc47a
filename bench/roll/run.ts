// Owns: one rolling upgrade of a local service, from its start to what its run closed with, and another build
// of the same program to roll to. Never measures.
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import type { LocalCluster } from '../../src/local/cluster.js';
import { checkoutDir } from '../../stack/checkout.js';
import type { RollInput, RollResult } from '../../workflows/roll-messages.js';

export interface RollEnd {
  readonly result?: RollResult;
  readonly failure?: { readonly type?: string; readonly message: string };
  readonly runId: string;
}

export async function rollOf(
  { temporal, taskQueue }: Pick<LocalCluster, 'temporal' | 'taskQueue'>,
  service: string,
  input: Omit<RollInput, 'service'>,
): Promise<RollEnd> {
  const handle = await temporal.workflow.start('roll', {
    workflowId: `roll/${service}`,
    taskQueue,
    args: [{ service, ...input }],
  });
  const runId = handle.firstExecutionRunId;
  try {
    return { result: (await handle.result()) as RollResult, runId };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { type, message = '' } = (error.cause ?? {}) as { type?: string; message?: string };
    return { failure: { message, ...(type === undefined ? {} : { type }) }, runId };
  }
}

let builds = 0;

/** The same build at another place: what it is started with differs, and so does its template. */
export function sameBuildElsewhere(dir: string): string {
  builds += 1;
  mkdirSync(dir, { recursive: true });
  const image = join(dir, `build-${builds}`);
  symlinkSync(join(checkoutDir, 'dist'), image);
  return image;
}
