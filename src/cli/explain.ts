// `evenkeel explain REVISION`: how a distribution came to be, from the request to the gaps that its
// clients measured; `evenkeel explain --last 1h`: what was decided meanwhile and why nothing happened.
// with --rerun each is made again from its record. Reads ConfigDB only; what was trimmed there is said to be missing.

import { Command } from 'commander';
import { BadInputError } from '../errors.js';
import type { ConfigDb, DecisionDoc } from '../ports.js';
import { runCommand } from './command.js';
import { withSettings } from './context.js';
import { decisionsText, forecastText, runsOf } from './explain/decisions.js';
import { decisionSeen, forecastSeen, rerunOf, rerunText } from './explain/records.js';
import { recordOf } from './explain/record-of.js';
import { revisionText, type RevisionSeen } from './explain/revision.js';
import { wholeNumber } from './given.js';
import { onlyService, requirePolicy } from './known-service.js';
import { rebalanceSeen } from './rebalance-record.js';
import { wishedService } from './service-argument.js';
import { durationMs } from './when.js';

/** Rebalances among which the one that wrote a revision is looked for. */
const rebalancesLookedAt = 1_000;
const decisionsMax = 10_000;

interface ExplainOptions {
  readonly service?: string;
  readonly last?: string;
  readonly rerun?: boolean;
}

export function explainCommand(): Command {
  const command = new Command('explain')
    .description('say how a revision came to be, or what was decided lately and why')
    .argument('[revision]', 'number of a distribution, for example 17')
    .option('--service <name>', 'the service; may be left out while there is only one')
    .option('--last <duration>', 'the decisions since then instead: 90s, 15m, 1h, 2d')
    .option('--rerun', 'with --last: make them again from their records, and compare');
  withSettings(command, ['MONGODB_URI', 'MONGODB_DATABASE']);
  return command.action(
    runCommand<ExplainOptions>(async ({ options, args, context }) => {
      const asked = questionOf(args[0], options.last);
      const wished = wishedService(options);
      const configDb = await context.configDb();
      const service = wished ?? (await onlyService('explain', configDb));
      await requirePolicy(configDb, service);
      if (asked.kind === 'revision') {
        const seen = await revisionSeen(configDb, service, asked.revision);
        return { json: seen, text: revisionText(seen) };
      }
      const found = await decisionsSince(configDb, service, Date.now() - asked.lastMs);
      const decisions = found.map(decisionSeen);
      const ahead = forecastSeen(found.at(-1));
      const told = decisionsText(service, options.last ?? '', decisions);
      const text = ahead === undefined ? told : `${told}\n${forecastText(ahead)}`;
      const rerun = options.rerun === true ? rerunOf(found) : undefined;
      return {
        json: {
          service,
          sinceMs: asked.lastMs,
          decisions,
          runs: runsOf(decisions),
          ...(ahead === undefined ? {} : { forecast: ahead }),
          ...(rerun === undefined ? {} : { rerun }),
        },
        text: rerun === undefined ? text : `${text}\n${rerunText(rerun)}`,
        exitCode: rerun === undefined || rerun.differ.length === 0 ? 0 : 1,
      };
    }),
  );
}

type Question =
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'last'; readonly lastMs: number };

function questionOf(revision: string | undefined, last: string | undefined): Question {
  if (revision !== undefined && last === undefined) {
    return { kind: 'revision', revision: wholeNumber('revision', revision, { min: 1 }) };
  }
  if (revision === undefined && last !== undefined) {
    return { kind: 'last', lastMs: durationMs('--last', last) };
  }
  throw new BadInputError('explain needs a revision or --last, and not both', {
    field: 'revision',
    found: revision === undefined ? 'neither' : 'both',
    allowed: 'a revision (evenkeel explain 17) or a duration (evenkeel explain --last 1h)',
  });
}

async function revisionSeen(
  configDb: ConfigDb,
  service: string,
  revision: number,
): Promise<RevisionSeen> {
  const distribution = await configDb.distribution(service, revision);
  if (distribution === null) {
    const latest = await configDb.latestDistribution(service);
    throw new BadInputError(`${service} has no revision ${revision}`, {
      field: 'revision',
      found: String(revision),
      allowed: latest === null ? 'none yet' : `1 to ${latest.revision}`,
    });
  }
  const { base, plan, workflow } = distribution;
  const [before, planned, rebalances] = await Promise.all([
    base === null ? null : configDb.distribution(service, base),
    plan === null ? null : configDb.plan(plan),
    configDb.rebalances(service, rebalancesLookedAt),
  ]);
  const record = recordOf(distribution, rebalances);
  return {
    service,
    distribution,
    before,
    plan: planned,
    rebalance: record === undefined ? null : rebalanceSeen(record),
    workflow,
  };
}

/** Oldest first. */
async function decisionsSince(
  configDb: ConfigDb,
  service: string,
  sinceMs: number,
): Promise<DecisionDoc[]> {
  return [...(await configDb.decisions(service, sinceMs, decisionsMax))].reverse();
}
