// `evenkeel status [SERVICE]`: who shall own what, who does, what is under way and what was decided
// last. Reads only; what does not answer is missing from the picture, not the end of it. With --watch
// it stays with the rebalance that runs until that is over.

import { Command } from 'commander';
import { toProtocolJson } from '../core/distribution.js';
import { formatRanges, type Range } from '../core/ranges.js';
import type { Policy } from '../core/scaling/policy.js';
import { openOwnershipView } from '../logs/ownership-view.js';
import type { DecisionDoc, PlatformView } from '../ports.js';
import { scaledByOthersText } from '../adapters/scaled-by-others.js';
import { runCommand } from './command.js';
import { allSettings, withSettings, type CliContext } from './context.js';
import { decisionSeen } from './explain/records.js';
import { onlyService, unknownService } from './known-service.js';
import { lastOutcomeOf, lastRebalanceText } from './last-rebalance.js';
import { wishedService } from './service-argument.js';
import { frameOf, progressOf } from './status/live-view.js';
import { watch } from './status/watch.js';
import { latestRun, scheduleOf } from './temporal.js';

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
      const configDb = await context.configDb();
      const known = await configDb.services();
      if (wanted !== undefined && !known.includes(wanted)) {
        throw unknownService(wanted, known);
      }
      if (options.watch === true || options.follow === true) {
        const service = wanted ?? (await onlyService('status --watch', configDb));
        const client = await context.temporal();
        return watch({ client, configDb, service, follow: options.follow === true, live });
      }
      const services: ServiceStatus[] = [];
      for (const service of wanted === undefined ? known : [wanted]) {
        services.push(await statusOf(context, service));
      }
      const text = services.map(toText).join('\n\n');
      return {
        json: { services },
        text: text === '' ? 'no service yet: evenkeel apply FILE' : text,
      };
    }),
  );
}

interface StatusOptions {
  readonly service?: string;
  readonly watch?: boolean;
  readonly follow?: boolean;
}

type ServiceStatus = Awaited<ReturnType<typeof statusOf>>;

async function statusOf(context: CliContext, service: string) {
  const configDb = await context.configDb();
  const temporal = await context.temporal();
  const [policy, latest, reports, decisions, rebalances, run, schedule, platform] =
    await Promise.all([
      configDb.latestPolicy(service),
      configDb.latestDistribution(service),
      configDb.reports(service),
      configDb.decisions(service, 0, 1),
      configDb.rebalances(service, 1),
      latestRun(temporal, service),
      scheduleOf(temporal, service),
      observe(context, service),
    ]);
  const partitions = latest?.partitions ?? (policy?.policy as Policy | undefined)?.partitions ?? 0;
  const owned = latest === null ? {} : await ownedBy(context, service, partitions);
  const live = new Set(
    platform?.instances.map(({ name }) => name) ?? reports.map((r) => r.instance),
  );
  const reported = reports.filter(({ instance }) => live.has(instance));
  const planned = latest === null ? {} : toProtocolJson({ service, ranges: latest.ranges });
  return {
    service,
    partitions,
    policyRevision: policy?.revision ?? null,
    mode: (policy?.policy as Partial<Policy> | undefined)?.mode ?? 'live',
    revision: latest?.revision ?? null,
    planned,
    owned,
    settled: JSON.stringify(sorted(planned)) === JSON.stringify(sorted(owned)),
    instances: reported.map(({ instance, clients, held, revision }) => ({
      instance,
      clients,
      held,
      revision,
    })),
    clients: reported.reduce((sum, { clients }) => sum + clients, 0),
    platform:
      platform === null
        ? null
        : {
            replicas: platform.replicas,
            scaledByOthers: platform.foreign ?? null,
            instances: platform.instances.map(({ name, phase }) => ({ name, phase })),
          },
    rebalance: run === null ? null : { ...run, last: lastOutcomeOf(run, rebalances[0]) },
    schedule,
    decision: decisions[0] === undefined ? null : lastDecision(decisions[0]),
  };
}

function lastDecision(doc: DecisionDoc) {
  const { kind, atMs, reasons, would = false, desired } = decisionSeen(doc);
  return { kind, atMs, reasons, ...(would ? { would, desired } : {}) };
}

/** A worker elsewhere may know the platform; here it may be unknown. */
async function observe(context: CliContext, service: string): Promise<PlatformView | null> {
  if (!(await context.knowsPlatform())) return null;
  return (await context.platform()).observe(service).catch(() => null);
}

/** By the ownership log; `nobody` has what nobody holds at this moment. */
async function ownedBy(
  context: CliContext,
  service: string,
  partitions: number,
): Promise<Record<string, readonly Range[]>> {
  const [bus, configDb] = [await context.bus(), await context.configDb()];
  const view = await openOwnershipView({ bus, configDb, service, partitions });
  const owned: Record<string, Range[]> = {};
  for (const [from, to, instance] of view.ranges())
    (owned[instance ?? 'nobody'] ??= []).push([from, to]);
  await view.close();
  return owned;
}

/** Of the rebalance that runs, inside of the status. */
const frameColumns = 78;

const sorted = (owned: Record<string, readonly Range[]>) =>
  Object.entries(owned).sort(([a], [b]) => (a < b ? -1 : 1));

function toText(status: ServiceStatus): string {
  const { service, revision, partitions, owned, settled, rebalance, schedule, decision } = status;
  const { platform } = status;
  const lines = [
    `${service}: revision ${revision ?? 'none'}, ${partitions} partitions, ${status.clients} clients`,
  ];
  for (const [instance, ranges] of sorted(owned)) {
    const report = status.instances.find((one) => one.instance === instance);
    const clients = report === undefined ? '' : `  ${report.clients} clients`;
    lines.push(`  ${instance}  ${formatRanges(ranges)}${clients}`);
  }
  if (revision !== null && !settled) lines.push('  ownership is not (yet) as planned');
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
  if (schedule === null) lines.push('  no Schedule');
  else if (schedule.paused) lines.push(`  Schedule is paused: ${schedule.note ?? 'no note'}`);
  if (status.mode === 'dry-run')
    lines.push('  dry run         decides and records, does nothing: evenkeel explain --last 1h');
  if (decision !== null) {
    const what =
      decision.would === true ? `would act (${decision.desired} instances)` : decision.kind;
    lines.push(`  last decision   ${what}: ${decision.reasons.join('; ')}`);
  }
  return lines.join('\n');
}
