// `evenkeel history SERVICE`: the rebalances of a service, newest first: who asked, what came of it,
// how many clients moved and for how long they were gone. Reads ConfigDB only.

import { Command } from 'commander';
import { runCommand } from './command.js';
import { withSettings } from './context.js';
import { wholeNumber } from './given.js';
import { requirePolicy } from './known-service.js';
import { outcomeText } from './outcome-text.js';
import { rebalanceSeen, type RebalanceSeen } from './rebalance-record.js';
import { serviceOf, withService, type ServiceOptions } from './service-argument.js';
import { durationText, timeText } from './when.js';

const limitDefault = 20;
const limitMax = 1_000;

interface HistoryOptions extends ServiceOptions {
  readonly limit?: string;
}

export function historyCommand(): Command {
  const command = withService(new Command('history'))
    .description('list the rebalances of a service, newest first')
    .option('--limit <n>', `at most so many (${limitDefault})`);
  withSettings(command, ['MONGODB_URI', 'MONGODB_DATABASE']);
  return command.action(
    runCommand<HistoryOptions>(async ({ options, args, context }) => {
      const service = serviceOf('history', args, options);
      const limit = limitOf(options.limit);
      const configDb = await context.configDb();
      await requirePolicy(configDb, service);
      const rebalances = (await configDb.rebalances(service, limit)).map(rebalanceSeen);
      return { json: { service, rebalances }, text: historyText(service, rebalances) };
    }),
  );
}

/** For each rebalance: when, what happened with its numbers, and who asked why. */
export function historyText(service: string, rebalances: readonly RebalanceSeen[]): string {
  if (rebalances.length === 0) return `${service}: no rebalance yet`;
  return rebalances.map(entryText).join('\n');
}

function entryText(seen: RebalanceSeen): string {
  const { id, atMs, outcome, text, request, movedClients, durationMs, unbegun } = seen;
  const { gapMs, otherGapMs } = seen;
  const numbers = [
    ...(movedClients > 0 ? [`${movedClients} clients moved`] : []),
    ...(gapMs !== null && gapMs.n > 0 ? [`gap P99 ${gapMs.p99} ms`] : []),
    ...(otherGapMs !== null && otherGapMs.n > 0
      ? [`${otherGapMs.n} others came back, P99 ${otherGapMs.p99} ms`]
      : []),
    ...(durationMs === null ? [] : [`took ${durationText(durationMs)}`]),
  ];
  const tail = numbers.length === 0 ? '' : ` (${numbers.join(', ')})`;
  const asked =
    request === null
      ? []
      : [`    asked by ${request.by ?? request.source}: ${request.reason || 'no reason given'}`];
  return [
    `${timeText(atMs)}  ${id}`,
    `    ${outcomeText(outcome ?? 'no outcome recorded', text)}${tail}`,
    ...asked,
    ...unbegun.map(
      (one) =>
        `    waited then: request ${one.requestId} of ${one.by ?? one.source} (${one.reason}): ${outcomeText(one.outcome, one.text)}`,
    ),
  ].join('\n');
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return limitDefault;
  return wholeNumber('--limit', text, { min: 1, max: limitMax });
}
