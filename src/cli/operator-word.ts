// Owns: the commands with which a person answers a running rebalance: approve, reject, abort. They
// are the updates of protocol.md §6, whose validators say in a sentence what cannot be done now.

import {
  type Client,
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
import { latestRun, rebalanceIdOf, type RunSeen } from './temporal.js';
import { thisUser } from './this-user.js';

/** A worker that is away must not hold a person up. */
const answerWithinMs = 15_000;

interface WordOptions extends ServiceOptions {
  readonly by?: string;
  readonly reason?: string;
  readonly plan?: string;
}

/** What a word is about: the plan that is asked about, or whatever is carried out. */
type About = 'plan' | 'request';

export interface Word {
  readonly update: typeof abortUpdate;
  readonly about: About;
  readonly by: string;
  readonly reason: string | undefined;
  /** With `about` a plan: that one alone is meant. */
  readonly plan: string | undefined;
}

/** The command of one update. */
export function operatorCommand(
  name: string,
  description: string,
  update: typeof abortUpdate,
  about: About,
): Command {
  const command = withService(new Command(name).description(description))
    .option('--by <person>', `who says so; ${userAbsent}`, saidOption('--by', aName))
    .option('--reason <text>', 'why; it is kept in the history');
  if (about === 'plan') {
    command.option('--plan <name>', 'only if that plan is still asked about (status names it)');
  }
  withSettings(command, ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']);
  return command.action(
    runCommand<WordOptions>(async ({ options, args, context }) => {
      const service = serviceOf(name, args, options);
      const { by = thisUser(), reason, plan } = options;
      const client = await context.temporal();
      return sayWord(client, service, { update, about, by, reason, plan });
    }),
  );
}

/** Says one word to the rebalance of a service that runs, and what it answered. */
export async function sayWord(
  client: Client,
  service: string,
  { update, about, by, reason, plan }: Word,
): Promise<CommandResult> {
  const handle = client.workflow.getHandle(rebalanceIdOf(service));
  const said = { service, workflowId: handle.workflowId, by };
  const run = await latestRun(client, service);
  const meant = run?.state === 'RUNNING' ? meantBy(run, about, plan) : {};
  if (meant === undefined) return refused(said, nobodyAnswers(service));
  const word: OperatorWord = { by, ...(reason === undefined ? {} : { reason }), ...meant };
  try {
    const answer = await client.withDeadline(Date.now() + answerWithinMs, () =>
      handle.executeUpdate(update, { args: [word] }),
    );
    const text = [answer, aboutText(about, run)].filter(Boolean).join('\n');
    return { json: { ...said, ...meant, accepted: true, text: answer }, text };
  } catch (error) {
    const text = refusalText(error, service);
    if (text === undefined) throw error;
    return refused(said, text);
  }
}

/**
 * The server keeps a word that no worker takes, and hands it to the next one: then it must not be about
 * something that came later. So it names what it is about; undefined when nobody can say what that is.
 */
function meantBy(
  { status }: RunSeen,
  about: About,
  plan: string | undefined,
): Pick<OperatorWord, 'plan' | 'request'> | undefined {
  if (status === null) return undefined;
  if (about === 'request') {
    return status.request === null ? {} : { request: status.request.requestId };
  }
  const asked = plan ?? status.plan?.planId;
  return asked === undefined ? {} : { plan: asked };
}

/** What was answered, so that whoever meant another plan sees it at once. */
function aboutText(about: About, run: RunSeen | null): string {
  const plan = about === 'plan' ? run?.status?.plan : undefined;
  if (plan == null) return '';
  const { planId, from, to, movedClients } = plan;
  return `plan ${planId}: ${from} → ${to} instances, about ${movedClients} clients move`;
}

const nobodyAnswers = (service: string): string =>
  `no worker answers, so nothing was said: start evenkeel worker, look at evenkeel status ${service}, and say it again`;

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
    return [
      `no worker answered within ${answerWithinMs / 1_000} s: is evenkeel worker running?`,
      `The next worker will still take this word if what it is about is not over: evenkeel status ${service}`,
    ].join('\n');
  }
  return undefined;
}
