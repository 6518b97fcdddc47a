// Owns: the commands with which a person answers a running rebalance: approve, reject, abort. They
// are the updates of protocol.md §6, whose validators say in a sentence what cannot be done now.

import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { Command } from 'commander';
import type { OperatorWord, abortUpdate } from '../../workflows/messages.js';
import { runCommand, type CommandResult } from './command.js';
import { withSettings } from './context.js';
import { aName, saidOption, userAbsent } from './given.js';
import { serviceOf, withService, type ServiceOptions } from './service-argument.js';
import { rebalanceIdOf } from './temporal.js';
import { thisUser } from './this-user.js';

/** A worker that is away must not hold a person up; the update is not lost, it was never taken. */
const answerWithinMs = 15_000;

interface WordOptions extends ServiceOptions {
  readonly by?: string;
  readonly reason?: string;
}

/** The command of one update. */
export function operatorCommand(
  name: string,
  description: string,
  update: typeof abortUpdate,
): Command {
  const command = withService(new Command(name).description(description))
    .option('--by <person>', `who says so; ${userAbsent}`, saidOption('--by', aName))
    .option('--reason <text>', 'why; it is kept in the history');
  withSettings(command, ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']);
  return command.action(
    runCommand<WordOptions>(async ({ options, args, context }) => {
      const service = serviceOf(name, args, options);
      const { by = thisUser(), reason } = options;
      const word: OperatorWord = { by, ...(reason === undefined ? {} : { reason }) };
      const client = await context.temporal();
      const handle = client.workflow.getHandle(rebalanceIdOf(service));
      const said = { service, workflowId: handle.workflowId, by };
      try {
        const answer = await client.withDeadline(Date.now() + answerWithinMs, () =>
          handle.executeUpdate(update, { args: [word] }),
        );
        return { json: { ...said, accepted: true, text: answer }, text: answer };
      } catch (error) {
        const text = refusalText(error, service);
        if (text === undefined) throw error;
        return refused(said, text);
      }
    }),
  );
}

function refused(said: object, text: string): CommandResult {
  return { json: { ...said, accepted: false, text }, text, exitCode: 1 };
}

/** Why nothing came of it; undefined for whatever is not expected here. */
export function refusalText(error: unknown, service: string): string | undefined {
  if (error instanceof WorkflowUpdateFailedError) return error.cause?.message ?? error.message;
  if (error instanceof WorkflowNotFoundError) {
    return `no rebalance of ${service} is under way: evenkeel status ${service}`;
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return `no worker answered within ${answerWithinMs / 1_000} s: is evenkeel worker running?`;
  }
  return undefined;
}
