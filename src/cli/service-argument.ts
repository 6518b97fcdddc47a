// Owns: the service that a command is about, as its argument or as --service. Never looks it up.

import type { Command } from 'commander';
import { BadInputError } from '../errors.js';

export interface ServiceOptions {
  readonly service?: string;
}

/** As policies have it. */
export const serviceForm = /^[a-z][a-z0-9-]{0,39}$/;
const allowed =
  'the name of a service: a lower-case letter, then at most 39 of a-z, 0-9 and -; for example messaging';

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
  const service = wishedService(options, args[0]);
  if (service !== undefined) return service;
  throw new BadInputError(`${command} needs a service`, {
    field: 'service',
    found: 'nothing',
    allowed,
  });
}

/** Undefined when nothing was said. @throws BadInputError for what no service can be called */
export function wishedService(
  { service: option }: ServiceOptions,
  argument?: string,
): string | undefined {
  if (argument !== undefined && option !== undefined && argument !== option) {
    throw new BadInputError(`the service is ${argument}, and --service is ${option}`, {
      field: '--service',
      found: `${argument} and ${option}`,
      allowed: 'one of them',
    });
  }
  const service = argument ?? option;
  if (service === undefined || serviceForm.test(service)) return service;
  const found = service === '' ? '""' : service;
  const message = service === '' ? 'the service is empty' : `${service} is no name of a service`;
  throw new BadInputError(message, {
    field: argument === undefined ? '--service' : 'service',
    found,
    allowed,
  });
}
