// `evenkeel apply FILE`: puts a policy in force: checks it, makes the topics and search attributes
// that it needs, writes its next revision, and creates or updates the Schedule. Repeating it changes
// nothing.

import { Command } from 'commander';
import { completePolicy, type Policy, type StoredPolicy } from '../core/scaling/policy.js';
import { BadInputError } from '../errors.js';
import { applyPolicy } from '../local/apply.js';
import { topicSpecs } from '../logs/topics.js';
import type { ConfigDb } from '../ports.js';
import { ensureSchedule, scheduleIdOf } from '../schedule.js';
import { registerSearchAttributes } from '../search-attributes.js';
import { runCommand } from './command.js';
import { withSettings } from './context.js';
import { aName, saidOption, userAbsent } from './given.js';
import { readPolicy } from './read-policy.js';
import { taskQueueOption } from './temporal.js';
import { thisUser } from './this-user.js';

interface ApplyOptions {
  readonly by?: string;
  readonly taskQueue: string;
}

export function applyCommand(): Command {
  const command = new Command('apply')
    .description('write a policy and its Schedule')
    .argument('<file>', 'the policy as YAML or JSON')
    .option('--by <person>', `who applies it; ${userAbsent}`, saidOption('--by', aName))
    .addOption(taskQueueOption());
  withSettings(command, [
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'KAFKA_BROKERS',
    'MONGODB_URI',
    'MONGODB_DATABASE',
  ]);
  return command.action(
    runCommand<ApplyOptions>(async ({ options, args, context }) => {
      const policy = await readPolicy(args[0] ?? '');
      const { service, partitions } = policy;
      const { taskQueue, by = thisUser() } = options;
      // Everything must answer before anything is written.
      const [temporal, configDb, bus] = [
        await context.temporal(),
        await context.configDb(),
        await context.bus(),
      ];
      const before = await configDb.latestPolicy(service);
      assertSamePartitions(policy, before?.policy as Policy | undefined);
      await bus.ensureTopics(topicSpecs(service, partitions));
      await registerSearchAttributes(
        temporal.connection.operatorService,
        temporal.options.namespace,
      );
      // Fields that are newer than what is stored have their defaults there, too.
      const stored = before === null ? undefined : completePolicy(before.policy as StoredPolicy);
      const changed = !sameJson(stored, policy);
      const revision = changed
        ? await applyPolicy({ configDb, temporal, taskQueue }, policy, by)
        : await keep(
            { configDb, ensure: () => ensureSchedule(temporal, policy, taskQueue) },
            service,
          );
      const schedule = scheduleIdOf(service);
      return {
        json: { service, revision, changed, schedule },
        text: `policy of ${service} ${changed ? 'is now' : 'was already'} revision ${revision}; Schedule ${schedule} evaluates every ${policy.scheduleEveryMs / 1000} s${policy.mode === 'dry-run' ? ', as a dry run: nothing is done' : ''}`,
      };
    }),
  );
}

/** Nothing new to write, but the Schedule may have been deleted. */
async function keep(
  { configDb, ensure }: { configDb: ConfigDb; ensure: () => Promise<unknown> },
  service: string,
): Promise<number> {
  await ensure();
  return (await configDb.latestPolicy(service))?.revision ?? 0;
}

/** Users belong to partitions by hash: another number would send them all elsewhere. */
function assertSamePartitions(policy: Policy, before: Policy | undefined): void {
  if (before === undefined || before.partitions === policy.partitions) return;
  throw new BadInputError(
    `policy: partitions is ${policy.partitions}, but ${policy.service} runs with ${before.partitions}, and that never changes`,
    { field: 'partitions', found: policy.partitions, allowed: String(before.partitions) },
  );
}

/** Equal content, whatever the order of the fields. */
function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
