// `evenkeel roll SERVICE`: a rolling upgrade, by the workflow roll/SERVICE (docs/rolling-upgrades.md); what is
// said to one that runs: `roll pause SERVICE`, `resume`, `abort`, `status`.

import { WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Command } from 'commander';
import type { RollInput, RollResult, RollWorkflow } from '../../workflows/roll-messages.js';
import { shorten } from '../core/bytes.js';
import { BadInputError } from '../errors.js';
import { runCommand, type CommandResult } from './command.js';
import { withSettings } from './context.js';
import { aName, saidOption, userAbsent } from './given.js';
import { requirePolicy } from './known-service.js';
import { outcomeText } from './outcome-text.js';
import { platformSettingNames } from './platform-settings.js';
import { followRoll } from './roll/follow.js';
import { abortRoll, pauseRoll, resumeRoll, rollIdOf, rollStatus } from './roll/words.js';
import { serviceOf, withService, type ServiceOptions } from './service-argument.js';
import { taskQueueOption } from './temporal.js';
import { thisUser } from './this-user.js';
import { wrapText } from './wrap.js';

interface RollOptions extends ServiceOptions {
  readonly image?: string;
  readonly template?: string;
  readonly watch: string;
  readonly reason?: string;
  readonly by?: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly taskQueue: string;
}

/** The server takes 200 bytes. */
const summaryMaxBytes = 200;

export function rollCommand(): Command {
  const command = withService(new Command('roll'))
    .description('start every instance again, one by one, moving each client about once')
    .option(
      '--image <image>',
      'what instances shall run; what is set already when absent',
      saidOption('--image', 'an image, or leave it out'),
    )
    .option(
      '--template <version>',
      'go back to an earlier template by its version',
      saidOption('--template', 'the version of a template, or leave it out'),
    )
    .option('--watch <seconds>', 'how long the new version is watched after each step', '10')
    .option(
      '--reason <text>',
      'what the record shall say',
      saidOption('--reason', 'some words, or leave it out'),
      'asked for by hand',
    )
    .option('--by <person>', `who asks; ${userAbsent}`, saidOption('--by', aName))
    .option('--wait', 'until the roll has ended, and say what each step came to')
    .option('--dry-run', 'show the steps and whom they move, and change nothing')
    .addOption(taskQueueOption());
  withSettings(command, [
    ...(['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'MONGODB_URI', 'MONGODB_DATABASE'] as const),
    ...(['KAFKA_BROKERS', ...platformSettingNames] as const),
  ]);
  command.action(
    runCommand<RollOptions>(async ({ options, args, context, progress, live }) => {
      const service = serviceOf('roll', args, options);
      const input = inputOf(service, options);
      await requirePolicy(await context.configDb(), service);
      if (options.dryRun === true) {
        const { dryRoll } = await import('./roll/dry-run.js');
        return dryRoll(context, input);
      }
      const client = await context.temporal();
      const workflowId = rollIdOf(service);
      let runId: string;
      try {
        const handle = await client.workflow.start<RollWorkflow>('roll', {
          workflowId,
          taskQueue: options.taskQueue,
          args: [input],
          staticSummary: shorten(options.reason ?? '', summaryMaxBytes),
        });
        runId = handle.firstExecutionRunId;
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const text = `a roll of ${service} is under way: evenkeel roll status ${service}`;
        return { json: { service, workflowId, started: false, text }, text, exitCode: 1 };
      }
      const started = { service, workflowId, runId, started: true };
      if (options.wait !== true) return { json: started, text: `started ${workflowId}` };
      progress(`started ${workflowId}, waiting for its end …`);
      try {
        const say = (line: string) => progress(wrapText(line, live.width()));
        return ended(started, await followRoll(client, { workflowId, runId }, say));
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        return failed(started, error);
      }
    }),
  );
  for (const word of [pauseRoll(), resumeRoll(), abortRoll(), rollStatus()]) {
    command.addCommand(word);
  }
  return command;
}

function inputOf(service: string, options: RollOptions): RollInput {
  const { image, template, watch, reason, by = thisUser() } = options;
  if (image !== undefined && template !== undefined) {
    throw new BadInputError('--image and --template are two versions', {
      field: '--template',
      found: `${image} and ${template}`,
      allowed: 'one of them',
    });
  }
  const seconds = Number(watch);
  if (watch.trim() === '' || !(seconds >= 0 && seconds <= 3_600)) {
    throw new BadInputError(`--watch is ${watch}`, {
      field: '--watch',
      found: watch.trim() === '' ? `"${watch}"` : watch,
      allowed: '0 to 3600 seconds',
    });
  }
  return {
    ...{ service, by, watchMs: Math.round(seconds * 1_000) },
    ...(reason === undefined ? {} : { reason }),
    ...(image === undefined ? {} : { image }),
    ...(template === undefined ? {} : { template }),
  };
}

function ended(started: object, result: RollResult): CommandResult {
  const { outcome, text } = result;
  const exitCode = outcome === 'completed' || outcome === 'unnecessary' ? 0 : 1;
  return { json: { ...started, ...result }, text: outcomeText(outcome, text), exitCode };
}

/** A roll that went back says so with its failure. */
function failed(started: object, { cause, message }: WorkflowFailedError): CommandResult {
  const details = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  if (details !== undefined && details !== null) return ended(started, details as RollResult);
  const text = cause?.message ?? message;
  return { json: { ...started, outcome: 'aborted', text }, text, exitCode: 1 };
}
