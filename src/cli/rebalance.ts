// `evenkeel rebalance SERVICE`: asks for a rebalance now, by the signal of protocol.md §6, and with
// --wait says what came of it. With --dry-run it asks nothing and shows what would be done.

import { Command, Option } from 'commander';
import type { RebalanceRequest } from '../../activities/types.js';
import { ordinalOf } from '../core/records.js';
import { BadInputError } from '../errors.js';
import { ask, askedBy, withAsking, type AskOptions } from './ask.js';
import { runCommand } from './command.js';
import { withSettings } from './context.js';
import { wholeNumber } from './given.js';
import { platformSettingNames } from './platform-settings.js';
import { serviceOf, withService, type ServiceOptions } from './service-argument.js';

interface RebalanceCommandOptions extends ServiceOptions, AskOptions {
  readonly to?: string;
  /** The name of `--to` in earlier versions. */
  readonly instances?: string;
  readonly drain?: readonly string[];
  readonly leftovers?: 'retry' | 'accept';
  readonly dryRun?: boolean;
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
    .option('--dry-run', 'show the plan that would be carried out now, and change nothing');
  // What only a dry run needs: it looks for itself.
  withSettings(command, ['KAFKA_BROKERS', ...platformSettingNames]);
  return withAsking(command).action(
    runCommand<RebalanceCommandOptions>(async ({ options, args, context, progress }) => {
      const service = serviceOf('rebalance', args, options);
      const request = requestOf(service, options);
      if (options.dryRun === true) {
        refuseToWait(options);
        // The planner and its activities are not loaded by whoever only asks.
        const { dryRun } = await import('./rebalance/dry-run.js');
        return dryRun(context, service, request);
      }
      return ask({ context, progress }, service, request, options);
    }),
  );
}

function refuseToWait({ wait }: RebalanceCommandOptions): void {
  if (wait !== true) return;
  throw new BadInputError('--dry-run asks for nothing, so there is nothing to wait for', {
    field: '--wait',
    found: '--dry-run --wait',
    allowed: 'one of them',
  });
}

function requestOf(service: string, options: RebalanceCommandOptions): RebalanceRequest {
  const { drain, leftovers } = options;
  const instances = countOf(options);
  drain?.forEach((name) => checkInstanceOf(service, name));
  return {
    ...askedBy(options),
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
  return wholeNumber(to === undefined ? '--instances' : '--to', text, { min: 1 });
}

function checkInstanceOf(service: string, name: string): void {
  if (ordinalOf(name) !== null && name === `${service}-${ordinalOf(name)}`) return;
  throw new BadInputError(`--drain: ${name} is no instance of ${service}`, {
    field: '--drain',
    found: name,
    allowed: `names such as ${service}-1`,
  });
}
