// `evenkeel policy lint FILE`: what a policy file allows and hardly means; `policy schema` and `policy
// reference` print what a policy may contain, for editors and for people. Never writes anything.

import { Command } from 'commander';
import { lint, type Measured, type Warning } from '../core/scaling/lint.js';
import type { ConfigDb } from '../ports.js';
import { runCommand, type CommandResult, type Live } from './command.js';
import { withSettings } from './context.js';
import { policyJsonSchema } from './policy/json-schema.js';
import { policyReference } from './policy/reference.js';
import { readPolicy } from './read-policy.js';
import { rebalanceSeen } from './rebalance-record.js';

/** Changes whose duration a policy is held against. */
const rebalancesLookedAt = 20;

interface LintOptions {
  readonly measured?: boolean;
  readonly strict?: boolean;
}

export function policyCommand(): Command {
  return new Command('policy')
    .description('look at policy files')
    .addCommand(lintCommand())
    .addCommand(
      new Command('schema').description('print the JSON Schema of a policy, for editors').action(
        runCommand(({ live }) => {
          const schema = policyJsonSchema();
          return asItIs(live, schema, JSON.stringify(schema, null, 2));
        }),
      ),
    )
    .addCommand(
      new Command('reference')
        .description('print the table of all fields, as in docs/policy-reference.md')
        .action(
          runCommand(({ live }) => {
            const table = policyReference();
            return asItIs(live, { table }, table);
          }),
        ),
    );
}

/** For programs and files: no line is wrapped. */
function asItIs(live: Live, json: object, text: string): CommandResult {
  if (live.json) return { json, text };
  live.write(`${text}\n`);
  return { json, text, written: true };
}

function lintCommand(): Command {
  const command = new Command('lint')
    .description('check a policy file: what is wrong, and what is hardly meant')
    .argument('<file>', 'the policy as YAML or JSON')
    .option('--measured', 'hold it against how long the last changes of the service took')
    .option('--strict', 'exit 1 when there is anything to say');
  withSettings(command, ['MONGODB_URI', 'MONGODB_DATABASE']);
  return command.action(
    runCommand<LintOptions>(async ({ options, args, context }) => {
      const policy = await readPolicy(args[0] ?? '');
      const { service } = policy;
      const measured =
        options.measured === true ? await measuredOf(await context.configDb(), service) : {};
      const warnings = lint(policy, measured);
      const refused = options.strict === true && warnings.length > 0;
      return {
        json: { service, ok: warnings.length === 0, warnings, measured },
        text: lintText(service, warnings),
        exitCode: refused ? 1 : 0,
      };
    }),
  );
}

export function lintText(service: string, warnings: readonly Warning[]): string {
  if (warnings.length === 0) return `the policy of ${service} is valid, and nothing looks wrong`;
  const lines = warnings.map(({ field, text }) => `  ${field}  ${text}`);
  return [`the policy of ${service} is valid, but`, ...lines].join('\n');
}

/** How long the last changes took that went well; approval is a person's time. */
async function measuredOf(configDb: ConfigDb, service: string): Promise<Measured> {
  const took = (await configDb.rebalances(service, rebalancesLookedAt))
    .map(rebalanceSeen)
    .filter(({ outcome }) => outcome === 'completed' || outcome === 'recovered')
    .map(({ steps }) =>
      steps
        .filter(({ phase }) => phase !== 'approval')
        .reduce((sum, { tookMs }) => sum + tookMs, 0),
    );
  return took.length === 0 ? {} : { changeMs: Math.max(...took) };
}
