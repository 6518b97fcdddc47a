// `evenkeel rebalance SERVICE`: asks for a rebalance now, by the signal of protocol.md §6, and with
// --wait says what came of it.

import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { WorkflowFailedError } from '@temporalio/client';
import { Command } from 'commander';
import type { RebalanceRequest } from '../../activities/types.js';
import { BadInputError } from '../errors.js';
import { runCommand, type CommandResult } from './command.js';
import { withSettings } from './context.js';
import { requirePolicy } from './known-service.js';
import { serviceOf, withService, type ServiceOptions } from './service-argument.js';
import { exitCodeOf, outcomeOf, requestRebalance, taskQueueOption } from './temporal.js';

interface RebalanceCommandOptions extends ServiceOptions {
  readonly instances?: string;
  readonly reason: string;
  readonly by?: string;
  readonly requestId?: string;
  readonly wait?: boolean;
  readonly taskQueue: string;
}

export function rebalanceCommand(): Command {
  const command = withService(new Command('rebalance'))
    .description('ask for a rebalance now')
    .option('--instances <n>', 'how many instances to have; as many as now when absent')
    .option('--reason <text>', 'what the record shall say', 'asked for by hand')
    .option('--by <person>', 'who asks; the name of this user when absent')
    .option('--request-id <id>', 'the same id twice is one request')
    .option('--wait', 'until the rebalance has ended')
    .addOption(taskQueueOption());
  withSettings(command, [
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'MONGODB_URI',
    'MONGODB_DATABASE',
  ]);
  return command.action(
    runCommand<RebalanceCommandOptions>(async ({ options, args, context, progress }) => {
      const service = serviceOf('rebalance', args, options);
      const request = requestOf(options);
      await requirePolicy(await context.configDb(), service);
      const client = await context.temporal();
      const handle = await requestRebalance(client, service, request, options.taskQueue);
      const { requestId } = request;
      const asked = {
        service,
        requestId,
        workflowId: handle.workflowId,
        runId: handle.signaledRunId,
      };
      if (options.wait !== true) {
        return { json: asked, text: `asked ${asked.workflowId} (request ${requestId})` };
      }
      progress(`asked ${asked.workflowId}, waiting for its end …`);
      try {
        return ended(asked, outcomeOf(await handle.result(), requestId));
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        const text = error.cause?.message ?? error.message;
        return { json: { ...asked, outcome: 'undone', text }, text, exitCode: 1 };
      }
    }),
  );
}

function ended(
  asked: { readonly workflowId: string },
  outcome: ReturnType<typeof outcomeOf>,
): CommandResult {
  if (outcome === undefined) {
    return {
      json: { ...asked, outcome: null },
      text: `${asked.workflowId} ended without this request`,
      exitCode: 1,
    };
  }
  return {
    json: { ...asked, ...outcome },
    text: `${outcome.outcome}: ${outcome.text}`,
    exitCode: exitCodeOf(outcome.outcome),
  };
}

function requestOf(options: RebalanceCommandOptions): RebalanceRequest {
  const { instances, reason, by = userInfo().username, requestId = randomUUID() } = options;
  const request = { requestId, reason, source: 'operator', by } as const;
  if (instances === undefined) return request;
  const count = Number(instances);
  if (Number.isInteger(count) && count >= 1) return { ...request, instances: count };
  throw new BadInputError(`--instances is ${instances}`, {
    field: '--instances',
    found: instances,
    allowed: 'a whole number of at least 1',
  });
}
