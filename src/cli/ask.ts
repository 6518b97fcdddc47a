// Owns: asking for a rebalance, by the signal of protocol.md §6, and with --wait what came of it. Shared
// by the commands that differ only in what they ask for.

import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Command } from 'commander';
import type { RebalanceRequest } from '../../activities/types.js';
import { unreadableSignalText, type RebalanceResult } from '../../workflows/messages.js';
import type { ActionInput, CommandResult } from './command.js';
import { withSettings } from './context.js';
import { aName, saidOption, userAbsent } from './given.js';
import { requirePolicy } from './known-service.js';
import { outcomeText } from './outcome-text.js';
import { exitCodeOf, outcomeOf, requestRebalance, taskQueueOption } from './temporal.js';
import { thisUser } from './this-user.js';
import { timeText } from './when.js';

export interface AskOptions {
  readonly reason: string;
  readonly by?: string;
  readonly requestId?: string;
  readonly wait?: boolean;
  readonly taskQueue: string;
}

/** Adds what everybody who asks may say, and the settings that asking needs. */
export function withAsking(command: Command): Command {
  command
    .option(
      '--reason <text>',
      'what the record shall say',
      saidOption('--reason', 'some words, or leave it out'),
      'asked for by hand',
    )
    .option('--by <person>', `who asks; ${userAbsent}`, saidOption('--by', aName))
    .option(
      '--request-id <id>',
      'the same id twice is one request',
      saidOption('--request-id', 'an id of your own, or leave it out'),
    )
    .option('--wait', 'until the rebalance has ended')
    .addOption(taskQueueOption());
  return withSettings(command, [
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'MONGODB_URI',
    'MONGODB_DATABASE',
  ]);
}

/** Who asks, and why. */
export function askedBy({
  reason,
  by = thisUser(),
  requestId = randomUUID(),
}: AskOptions): RebalanceRequest {
  return { requestId, reason, source: 'operator', by };
}

/** Sends the request; @throws BadInputError for a service that nobody has applied. */
export async function ask(
  { context, progress }: Pick<ActionInput<unknown>, 'context' | 'progress'>,
  service: string,
  request: RebalanceRequest,
  { wait, taskQueue }: AskOptions,
): Promise<CommandResult> {
  await requirePolicy(await context.configDb(), service);
  const client = await context.temporal();
  const handle = await requestRebalance(client, service, request, taskQueue);
  const { requestId } = request;
  const { workflowId, signaledRunId: runId } = handle;
  const asked = { service, requestId, workflowId, runId };
  if (wait !== true) {
    const who = request.by ?? request.source;
    const when = timeText(Date.now());
    const text = `a rebalance of ${service} was asked for by ${who} at ${when}: ${request.reason}`;
    return { json: asked, text: `${text}\nwatch it: evenkeel status ${service} --watch` };
  }
  progress(`asked for a rebalance of ${service}, waiting for its end …`);
  try {
    return ended(asked, await handle.result());
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const told = toldIn(error);
    if (told !== undefined && answerIn(told, requestId) !== undefined) return ended(asked, told);
    const text = error.cause?.message ?? error.message;
    return { json: { ...asked, outcome: 'undone', text }, text, exitCode: 1 };
  }
}

/** A run that failed tells with its failure what became of each request. */
function toldIn({ cause }: WorkflowFailedError): RebalanceResult | undefined {
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const [said] = (cause.details ?? []) as readonly (RebalanceResult | undefined)[];
  return said;
}

/**
 * What became of this request. One that the worker could not read is refused under a name of the
 * worker's, because it has its own inside: where this one was not answered, that is the answer to it.
 */
function answerIn(result: RebalanceResult, requestId: string) {
  const unread = result.outcomes.findLast(
    ({ outcome, text }) => outcome === 'refused' && text.includes(unreadableSignalText),
  );
  return outcomeOf(result, requestId) ?? (unread && { ...unread, requestId });
}

function ended(
  asked: { readonly workflowId: string; readonly requestId: string },
  result: RebalanceResult,
): CommandResult {
  const outcome = answerIn(result, asked.requestId);
  if (outcome === undefined) {
    return {
      json: { ...asked, outcome: null },
      text: `${asked.workflowId} ended without this request`,
      exitCode: 1,
    };
  }
  return {
    json: { ...asked, ...outcome },
    text: outcomeText(outcome.outcome, outcome.text),
    exitCode: exitCodeOf(outcome.outcome),
  };
}
