// `evenkeel rollback REVISION`: asks for the ranges of an earlier revision again, as a new revision that
// is computed from who holds what now.

import { Command } from 'commander';
import { BadInputError } from '../errors.js';
import { ask, askedBy, withAsking, type AskOptions } from './ask.js';
import { runCommand } from './command.js';
import { wholeNumber } from './given.js';
import { onlyService, requirePolicy } from './known-service.js';
import { wishedService, type ServiceOptions } from './service-argument.js';

interface RollbackOptions extends ServiceOptions, AskOptions {}

export function rollbackCommand(): Command {
  const command = new Command('rollback')
    .description('own again what an earlier revision said, as a new revision')
    .argument('<revision>', 'number of a distribution: evenkeel history shows them')
    .option('--service <name>', 'the service; may be left out while there is only one');
  return withAsking(command).action(
    runCommand<RollbackOptions>(async ({ options, args, context, progress }) => {
      const rollback = wholeNumber('revision', args[0] ?? '', { min: 1 });
      const wished = wishedService(options);
      const configDb = await context.configDb();
      const service = wished ?? (await onlyService('rollback', configDb));
      await requirePolicy(configDb, service);
      if ((await configDb.distribution(service, rollback)) === null) {
        const latest = await configDb.latestDistribution(service);
        throw new BadInputError(`${service} has no revision ${rollback}`, {
          field: 'revision',
          found: String(rollback),
          allowed: latest === null ? 'none yet' : `1 to ${latest.revision}`,
        });
      }
      return ask({ context, progress }, service, { ...askedBy(options), rollback }, options);
    }),
  );
}
