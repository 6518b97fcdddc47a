// `evenkeel status [SERVICE]`: who shall own what, who does, what is under way and what was decided
// last. Reads only; what does not answer is missing from the picture, not the end of it. With --watch
// it stays with the rebalance that runs until that is over.

import { Command } from 'commander';
import { formatRanges } from '../core/ranges.js';
import { scaledByOthersText } from '../adapters/scaled-by-others.js';
import { runCommand } from './command.js';
import { allSettings, withSettings } from './context.js';
import { onlyService, unknownService } from './known-service.js';
import { lastRebalanceText } from './last-rebalance.js';
import { outcomeText } from './outcome-text.js';
import { wishedService } from './service-argument.js';
import { awayText, openQuestions } from './status/away.js';
import { frameOf, progressOf } from './status/live-view.js';
import { byName, statusOf, type ServiceStatus } from './status/service-status.js';
import { watch } from './status/watch.js';

export function statusCommand(): Command {
  const command = new Command('status')
    .description('show services, instances, ranges and what is under way')
    .argument('[service]', 'one service; all when absent')
    .option('--service <name>', 'the service')
    .option('--watch', 'stay with the rebalance that runs, until it is over')
    .option('--follow', 'with --watch: stay for the next ones, too');
  withSettings(command, allSettings);
  return command.action(
    runCommand<StatusOptions>(async ({ options, args, context, live }) => {
      const wanted = wishedService(options, args[0]);
      const isWatched = options.watch === true || options.follow === true;
      const services = async () => (await context.configDb()).services();
      // Without ConfigDB nothing says which there are: only one that is named can be looked at.
      const known =
        wanted === undefined || isWatched
          ? await services()
          : await openQuestions().ask('ConfigDB', services);
      if (wanted !== undefined && known !== null && !known.includes(wanted)) {
        throw unknownService(wanted, known);
      }
      if (isWatched) {
        const configDb = await context.configDb();
        const service = wanted ?? (await onlyService('status --watch', configDb));
        const client = await context.temporal();
        return watch({ client, configDb, service, follow: options.follow === true, live });
      }
      const seen: ServiceStatus[] = [];
      for (const service of wanted === undefined ? (known ?? []) : [wanted]) {
        seen.push(await statusOf(context, service));
      }
      const text = seen.map(statusText).join('\n\n');
      return {
        json: { services: seen },
        text: text === '' ? 'no service yet: evenkeel apply FILE' : text,
        exitCode: seen.some(({ away }) => away.length > 0) ? 1 : 0,
      };
    }),
  );
}

interface StatusOptions {
  readonly service?: string;
  readonly watch?: boolean;
  readonly follow?: boolean;
}

/** Of the rebalance that runs, inside of the status. */
const frameColumns = 78;

/** For people. */
export function statusText(status: ServiceStatus): string {
  const { service, revision, partitions, settled, rebalance, schedule, decision, away } = status;
  const { platform } = status;
  const isAway = (what: string) => away.some((one) => one.what === what);
  const unknown = isAway('ConfigDB') ? 'unknown' : 'none';
  const clients = isAway('ConfigDB') ? '' : `, ${status.clients} clients`;
  const lines = [`${service}: revision ${revision ?? unknown}, ${partitions} partitions${clients}`];
  lines.push(...away.map((one) => `  ${awayText(one)}`));
  const shown = isAway('Kafka') ? status.planned : status.owned;
  if (isAway('Kafka') && revision !== null) lines.push('  as it shall be, by ConfigDB:');
  for (const [instance, ranges] of byName(shown)) {
    const report = status.instances.find((one) => one.instance === instance);
    const clients = report === undefined ? '' : `  ${report.clients} clients`;
    lines.push(`  ${instance}  ${formatRanges(ranges)}${clients}`);
  }
  if (revision !== null && settled === false) lines.push('  ownership is not (yet) as planned');
  if (platform?.scaledByOthers != null) {
    const { replicas, scaledByOthers: foreign } = platform;
    lines.push(`  ${scaledByOthersText({ replicas, foreign })}`);
  }
  if (rebalance !== null) {
    const { workflowId, runId, last } = rebalance;
    lines.push(
      `  last rebalance  ${lastRebalanceText(rebalance, last)}`,
      `  its run         ${workflowId} ${runId}`,
    );
    if (rebalance.state === 'RUNNING') {
      const nowMs = Date.now();
      const progress = progressOf(rebalance, nowMs);
      const frame = frameOf({ ...rebalance, service, progress }, nowMs, frameColumns, true);
      lines.push('', ...frame.map((line) => `  ${line}`.trimEnd()), '');
    }
  }
  if (isAway('Temporal')) {
    const { recorded } = status;
    if (recorded !== null)
      lines.push(`  last recorded   ${outcomeText(recorded.outcome, recorded.text)}`);
  } else if (schedule === null) lines.push('  no Schedule');
  else if (schedule?.paused === true)
    lines.push(`  Schedule is paused: ${schedule.note ?? 'no note'}`);
  if (status.mode === 'dry-run')
    lines.push(
      `  dry run         decides and records, does nothing: evenkeel explain --last 1h --service ${service}`,
    );
  if (decision !== null) {
    const what =
      decision.would === true ? `would act (${decision.desired} instances)` : decision.kind;
    lines.push(`  last decision   ${what}: ${decision.reasons.join('; ')}`);
  }
  return lines.join('\n');
}
