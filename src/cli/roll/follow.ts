// Owns: staying with a roll to its end, and saying what each of its steps came to. Never says anything to it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RollResult, RollWorkflow } from '../../../workflows/roll-messages.js';
import { statusOf, stepLine } from './words.js';

const lookEveryMs = 1_000;

/** Resolves with how it ended, over all runs that it takes; throws as the client does when it failed. */
export async function followRoll(
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  say: (line: string) => void,
): Promise<RollResult> {
  const service = workflowId.slice(workflowId.indexOf('/') + 1);
  let saidUntilMs = -1;
  const sayNew = async (): Promise<void> => {
    const { steps } = await statusOf(client, service);
    for (const step of steps) {
      if (step.state === 'running' || step.startedAtMs <= saidUntilMs) continue;
      saidUntilMs = step.startedAtMs;
      say(stepLine(step));
    }
  };
  const result = client.workflow.getHandle<RollWorkflow>(workflowId, runId).result();
  const over = result.then(
    () => true,
    () => true,
  );
  for (;;) {
    const isOver = await Promise.race([over, sleep(lookEveryMs, false)]);
    // No worker answers just now: the steps are said later, or not at all.
    await sayNew().catch(() => undefined);
    if (isOver) return result;
  }
}
