// `evenkeel rebalance SERVICE`: asks for a rebalance now, by the signal of protocol.md §6, and with
// --wait says what came of it.

import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { WorkflowFailedError } from '@temporalio/client';
import { Command, Option } from 'commander';
import type { RebalanceRequest } from '../../activities/types.js';
import { ordinalOf } from '../core/records.js';
import { BadInputError } from '../errors.js';
import { runCommand, type CommandResult } from './command.js';
import { withSettings } from './context.js';
import { requirePolicy } from './known-service.js';
import { serviceOf, withService, type ServiceOptions } from './service-argument.js';
import { exitCodeOf, outcomeOf, requestRebalance, taskQueueOption } from './temporal.js';

interface RebalanceCommandOptions extends ServiceOptions {
  readonly to?: string;
  /** The name of `--to` in earlier versions. */
  readonly instances?: string;
  readonly drain?: readonly string[];
  readonly leftovers?: 'retry' | 'accept';
  readonly reason: string;
  readonly by?: string;
  readonly requestId?: string;
  readonly wait?: boolean;
  readonly taskQueue: string;
}

export function rebalanceCommand(): Command {
  const command = withService(new Command('rebalance'))
    .description('ask for a rebalance now')
    .option('--to <n>', 'how many instances to have; as many as now when absent')
    .addOption(new Option('--instances <n>', 'the same as --to').hideHelp())
    .option('--drain <instance...>', 'instances that shall own nothing afterwards')
    .addOption(
      new Option('--leftovers <what>', 'of a rebalance that could not be undone').choices([
        'retry',
        'accept',
      ]),
    )
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
      const request = requestOf(service, options);
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

function requestOf(service: string, options: RebalanceCommandOptions): RebalanceRequest {
  const { reason, by = userInfo().username, requestId = randomUUID(), drain, leftovers } = options;
  const instances = countOf(options);
  drain?.forEach((name) => checkInstanceOf(service, name));
  return {
    requestId,
    reason,
    source: 'operator',
    by,
    ...(instances === undefined ? {} : { instances }),
    ...(drain === undefined ? {} : { drain }),
    ...(leftovers === undefined ? {} : { leftovers }),
  };
}

function countOf({ to, instances }: RebalanceCommandOptions): number | undefined {
  if (to !== undefined && instances !== undefined && to !== instances) {
    throw new BadInputError(`--to is ${to} and --instances is ${instances}`, {
      field: '--to',
      found: `${to} and ${instances}`,
      allowed: 'one of them',
    });
  }
  const text = to ?? instances;
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  const field = to === undefined ? '--instances' : '--to';
  throw new BadInputError(`${field} is ${text}`, {
    field,
    found: text,
    allowed: 'a whole number of at least 1',
  });
}

function checkInstanceOf(service: string, name: string): void {
  if (ordinalOf(name) !== null && name === `${service}-${ordinalOf(name)}`) return;
  throw new BadInputError(`--drain: ${name} is no instance of ${service}`, {
    field: '--drain',
    found: name,
    allowed: `names such as ${service}-1`,
  });
}
