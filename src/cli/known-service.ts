// Owns: the refusal of a service that nobody has applied, with the names of those that are known.

import { BadInputError } from '../errors.js';
import type { ConfigDb } from '../ports.js';

/** Throws BadInputError when no policy is stored for the service. */
export async function requirePolicy(
  configDb: Pick<ConfigDb, 'latestPolicy' | 'services'>,
  service: string,
): Promise<void> {
  if ((await configDb.latestPolicy(service)) !== null) return;
  throw unknownService(service, await configDb.services());
}

export function unknownService(service: string, known: readonly string[]): BadInputError {
  return new BadInputError(`no service ${service} is known`, {
    field: 'service',
    found: service,
    allowed: known.length === 0 ? 'none yet: evenkeel apply FILE' : known.join(', '),
  });
}

/** The service, where there is only one. @throws BadInputError that asks for --service otherwise */
export async function onlyService(
  command: string,
  configDb: Pick<ConfigDb, 'services'>,
): Promise<string> {
  const known = await configDb.services();
  const [only] = known;
  if (known.length === 1 && only !== undefined) return only;
  throw new BadInputError(`${command} needs --service`, {
    field: '--service',
    found: 'nothing',
    allowed: known.length === 0 ? 'none yet: evenkeel apply FILE' : known.join(', '),
  });
}
