// Owns: the service that a command is about, as its argument or as --service. Never looks it up.

import type { Command } from 'commander';
import { BadInputError } from '../errors.js';

export interface ServiceOptions {
  readonly service?: string;
}

/** Adds `[service]` and `--service <name>`. */
export function withService(command: Command): Command {
  return command
    .argument('[service]', 'the service (or --service)')
    .option('--service <name>', 'the service');
}

/** @throws BadInputError when neither names one. */
export function serviceOf(
  command: string,
  args: readonly (string | undefined)[],
  options: ServiceOptions,
): string {
  const service = args[0] ?? options.service;
  if (service !== undefined && service !== '') return service;
  throw new BadInputError(`${command} needs a service`, {
    field: 'service',
    found: 'nothing',
    allowed: 'the name of a service, for example messaging',
  });
}
