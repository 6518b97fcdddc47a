// `evenkeel diff FILE`: what a policy file would change of the policy in force, field by field, with
// the defaults of both filled in. Reads ConfigDB only.

import { Command } from 'commander';
import { completePolicy, type StoredPolicy } from '../core/scaling/policy.js';
import { runCommand } from './command.js';
import { withSettings } from './context.js';
import { differencesOf, type Difference } from './policy/differences.js';
import { readPolicy } from './read-policy.js';

export function diffCommand(): Command {
  const command = new Command('diff')
    .description('say what a policy file would change of the policy in force')
    .argument('<file>', 'the policy as YAML or JSON');
  withSettings(command, ['MONGODB_URI', 'MONGODB_DATABASE']);
  return command.action(
    runCommand(async ({ args, context }) => {
      const policy = await readPolicy(args[0] ?? '');
      const { service } = policy;
      const applied = await (await context.configDb()).latestPolicy(service);
      if (applied === null) {
        const text = `${service} has no policy yet: all of this one would be new`;
        return { json: { service, revision: null, differences: [] }, text };
      }
      const { revision } = applied;
      const before = completePolicy(applied.policy as StoredPolicy);
      const differences = differencesOf(before, policy);
      return {
        json: { service, revision, differences },
        text: diffText(service, revision, differences),
      };
    }),
  );
}

export function diffText(
  service: string,
  revision: number,
  differences: readonly Difference[],
): string {
  if (differences.length === 0) return `${service}: as in revision ${revision}, nothing changes`;
  const count = differences.length === 1 ? '1 field' : `${differences.length} fields`;
  const lines = differences.map(
    ({ field, before, after }) => `  ${field}  ${before ?? 'absent'} → ${after ?? 'absent'}`,
  );
  return [`${service}: ${count} would change from revision ${revision}`, ...lines].join('\n');
}
