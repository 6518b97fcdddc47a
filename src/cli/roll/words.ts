// Owns: what a person says to a roll that runs, and asks of it: its updates and its query (protocol.md §6).
// Never starts one.

import type { UpdateDefinition } from '@temporalio/common';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { Command } from 'commander';
import {
  abortRollUpdate,
  pauseRollUpdate,
  resumeRollUpdate,
  rollStatusQuery,
  type RollAbortWord,
  type RollStatus,
} from '../../../workflows/roll-messages.js';
import { runCommand } from '../command.js';
import { withSettings } from '../context.js';
import { aName, saidOption, userAbsent } from '../given.js';
import { refusalText } from '../operator-word.js';
import { outcomeText } from '../outcome-text.js';
import { serviceOf, withService, type ServiceOptions } from '../service-argument.js';
import { thisUser } from '../this-user.js';

/** A worker that is away must not hold a person up; the update is not lost, it was never taken. */
const answerWithinMs = 15_000;

export const rollIdOf = (service: string): string => `roll/${service}`;

interface WordOptions extends ServiceOptions {
  readonly by?: string;
  readonly reason?: string;
  readonly back?: boolean;
}

export const pauseRoll = (): Command =>
  word('pause', 'begin nothing more after the step that runs', pauseRollUpdate);
export const resumeRoll = (): Command =>
  word('resume', 'go on with a paused roll', resumeRollUpdate);
export const abortRoll = (): Command =>
  word('abort', 'end it after the step that runs', abortRollUpdate).option(
    '--back',
    'and go back to the version from before',
  );

function word(
  name: string,
  description: string,
  update: UpdateDefinition<string, [RollAbortWord]>,
): Command {
  const command = withService(new Command(name).description(description))
    .option('--by <person>', `who says so; ${userAbsent}`, saidOption('--by', aName))
    .option('--reason <text>', 'why; it is kept in the history');
  withSettings(command, ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']);
  return command.action(
    runCommand<WordOptions>(async ({ options, args, context }) => {
      const service = serviceOf(`roll ${name}`, args, options);
      const { by = thisUser(), reason, back } = options;
      const told = { by, ...(reason === undefined ? {} : { reason }), ...(back && { back }) };
      const client = await context.temporal();
      const handle = client.workflow.getHandle(rollIdOf(service));
      const said = { service, workflowId: handle.workflowId, by };
      try {
        const answer = await client.withDeadline(Date.now() + answerWithinMs, () =>
          handle.executeUpdate(update, { args: [told] }),
        );
        return { json: { ...said, accepted: true, text: answer }, text: answer };
      } catch (error) {
        const none = `no roll of ${service} is under way: evenkeel roll status ${service}`;
        const isNone = error instanceof WorkflowNotFoundError;
        const text = isNone ? none : refusalText(error, service);
        if (text === undefined) throw error;
        return { json: { ...said, accepted: false, text }, text, exitCode: 1 };
      }
    }),
  );
}

export function rollStatus(): Command {
  const command = withService(new Command('status').description('how far a roll is'));
  withSettings(command, ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']);
  return command.action(
    runCommand<ServiceOptions>(async ({ options, args, context }) => {
      const service = serviceOf('roll status', args, options);
      try {
        const status = await statusOf(await context.temporal(), service);
        return { json: status, text: statusText(status) };
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        const text = `no roll of ${service} is known`;
        return { json: { service, text }, text, exitCode: 1 };
      }
    }),
  );
}

/** `  done     1 → 0, restart 1: completed: …` */
export function stepLine({ title, state, note }: RollStatus['steps'][number]): string {
  return `  ${state.padEnd(7)}  ${title}${note && `: ${note}`}`;
}

export function statusOf(client: Client, service: string): Promise<RollStatus> {
  const handle = client.workflow.getHandle(rollIdOf(service));
  return client.withDeadline(Date.now() + answerWithinMs, () => handle.query(rollStatusQuery));
}

/** One line a step. */
export function statusText(status: RollStatus): string {
  const { service, phase, template, rolled, of, movedClients, steps, stepsAhead, why } = status;
  const { from, to } = template;
  return [
    `${service}: ${phase}, ${from ?? '?'} → ${to ?? '?'}: ${rolled} of ${of} instances run it, ${movedClients} clients moved, ${stepsAhead} steps to come`,
    ...(why === null ? [] : [`goes back: ${why}`]),
    ...steps.map(stepLine),
    ...(status.result === null ? [] : [outcomeText(status.result.outcome, status.result.text)]),
  ].join('\n');
}
