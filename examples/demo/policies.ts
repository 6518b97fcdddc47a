// Owns: the policies of the demo, read from their files and fitted to the number of clients and the
// names of the services. Never applies one.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicy } from '../../src/cli/policy-file.js';
import type { Policy } from '../../src/core/scaling/policy.js';
import { checkoutDir } from '../../stack/checkout.js';

/** The files are written for so many clients at the peak. */
const clientsOfFiles = 300;

export type PolicyName = 'messaging' | 'gateway' | 'forecast';

/** `examples/demo/policy-<name>.yaml` for `clients` at the peak. Throws BadInputError. */
export function readPolicy(name: PolicyName, clients: number, service: string): Policy {
  const file = join(checkoutDir, 'examples', 'demo', `policy-${name}.yaml`);
  const policy = parsePolicy(readFileSync(file, 'utf8'));
  const { upper, lower, target } = policy.clientsPerInstance;
  const scaled = (count: number) => Math.round((count * clients) / clientsOfFiles);
  return {
    ...policy,
    service,
    clientsPerInstance: { upper: scaled(upper), lower: scaled(lower), target: scaled(target) },
  };
}
