// `evenkeel verify`: replays the ownership and sessions logs, from Kafka or from an export, and says
// 0 overlaps, or shows the first counter-example. Changes nothing.

import { Command } from 'commander';
import { checkEvidence, type EvidenceCheck } from '../core/evidence/check.js';
import type { EvidenceRecord, EvidenceReport } from '../core/evidence/types.js';
import { formatRanges } from '../core/ranges.js';
import { BadInputError } from '../errors.js';
import { runCommand, type CommandResult } from './command.js';
import { withSettings } from './context.js';
import { said } from './given.js';
import { readExport, writeExport } from './export-file.js';
import { openLogs } from '../logs/read-logs.js';
import { wishedService } from './service-argument.js';
import { topicsOf } from '../logs/topics.js';
import type { Bus } from '../ports.js';

interface VerifyOptions {
  readonly service?: string;
  readonly input?: string;
  readonly export?: string;
}

const defaultService = 'messaging';
const logTopic = /^(.+)\.(?:leases|ownership|sessions)$/;

const help = `
Exit status: 0 no violation, 1 a violation was found, 2 wrong use or input.`;

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('replay the logs of a service and look for a client on two instances')
    .option(
      '--service <name>',
      `which service (default: "${defaultService}", or that of the input)`,
    )
    .option('--input <file>', 'check an export instead of Kafka')
    .option('--export <file>', 'also write what was checked, one record a line')
    .addHelpText('after', help);
  return withSettings(command, ['KAFKA_BROKERS']).action(
    runCommand<VerifyOptions>(async ({ options, context, progress }) => {
      const wished = wishedService(options);
      if (options.input === undefined) {
        const service = wished ?? defaultService;
        progress(`reading the logs of ${service} to their present end`);
        return verifyLogs(await context.bus(), service, options.export);
      }
      if (options.export !== undefined) {
        throw new BadInputError('--export writes what is read from Kafka: not with --input', {
          field: '--export',
          found: options.export,
          allowed: 'either --export or --input',
        });
      }
      return result(
        await checkFile(said('--input', options.input, 'the path of an export'), wished),
      );
    }),
  );
}

/** Of the logs in Kafka, from their beginning to their present end. */
export async function verifyLogs(
  bus: Bus,
  service: string,
  exportTo?: string,
): Promise<CommandResult> {
  const logs = await openLogs(bus, service);
  const check = checkEvidence(service, logs.partitions);
  const { ownership } = topicsOf(service);
  const place = { next: 0 };
  await checkAll(followed(logs.records, ownership, place), check, exportTo);
  const report = check.finish();
  const truncated = report.truncated || logs.trimmed;
  // An empty log of sessions is no hole, but only while there is none in the log beside it.
  const isWhole = !logs.trimmed && place.next === logs.ownershipEnd;
  return result({ ...report, truncated }, logs.neverServed && isWhole);
}

/** Remembers how far the one partition of a log goes without a hole: NaN when there is one. */
async function* followed(
  records: AsyncIterable<EvidenceRecord>,
  topic: string,
  place: { next: number },
) {
  for await (const record of records) {
    if (record.topic === topic) {
      place.next = record.offset === place.next ? record.offset + 1 : NaN;
    }
    yield record;
  }
}

async function checkAll(
  records: AsyncIterable<EvidenceRecord>,
  check: EvidenceCheck,
  exportTo: string | undefined,
): Promise<void> {
  if (exportTo !== undefined) {
    await writeExport(exportTo, records, (record) => check.add(record));
    return;
  }
  for await (const record of records) check.add(record);
}

/** Without a wish, the one service of the file; several need a wish. */
async function checkFile(path: string, wish: string | undefined): Promise<EvidenceReport> {
  let service = wish;
  let check: EvidenceCheck | undefined;
  for await (const record of readExport(path)) {
    const found = logTopic.exec(record.topic)?.[1];
    if (found === undefined) continue;
    service ??= found;
    if (found !== service) {
      if (wish !== undefined) continue;
      throw new BadInputError(`${path} holds the logs of more than one service: say which`, {
        field: '--service',
        found: `${service}, ${found}`,
        allowed: 'one of them',
      });
    }
    check ??= checkEvidence(service);
    check.add(record);
  }
  if (check !== undefined) return check.finish();
  throw new BadInputError(`${path} holds no record of ${wish ?? 'any service'}`, {
    field: '--input',
    found: path,
    allowed: 'records of <service>.ownership and <service>.sessions',
  });
}

function result(report: EvidenceReport, neverServed = false): CommandResult {
  return { json: report, text: formatReport(report, neverServed), exitCode: report.ok ? 0 : 1 };
}

/** Not clean need not mean violated: what nobody could read or hold may hide a violation. */
function verdict({ violations, unreadable }: EvidenceReport): string {
  if (Object.values(violations).some((count) => count > 0)) return 'VIOLATED';
  if (unreadable === 0) return 'NOT ALL CHECKED, no violation found in the rest';
  const records = unreadable === 1 ? '1 RECORD' : `${unreadable} RECORDS`;
  return `${records} CANNOT BE READ, no violation found in the others`;
}

function formatReport(report: EvidenceReport, neverServed: boolean): string {
  const { ok, overlaps, violations, records, unclosed, ownershipGaps, unreadable, first } = report;
  const lines = [
    `${ok ? 'ok' : verdict(report)}: ${overlaps} overlaps in ${records} records (${report.void} void)`,
    `  opened without ownership: ${violations['opened-without-ownership']}`,
    `  two owners of a partition: ${violations['two-owners']} (overlaps of ownership in all: ${report.ownershipOverlaps})`,
    `  closed otherwise than opened: ${violations['closed-differs']}, without opened: ${violations['closed-without-opened']}`,
    `  fences that the logs do not bear out: ${violations['opened-after-fence'] + violations['fenced-without-fence']}`,
    `  records that cannot be read: ${unreadable}`,
    `  connections open at the end: ${unclosed}, clients told to move and not back: ${report.notReturned}`,
    `  partitions without a holder at the end: ${ownershipGaps.length === 0 ? 'none' : formatRanges(ownershipGaps)}`,
  ];
  if (neverServed) {
    lines.push('  no client has ever been connected: there is no session yet that could overlap');
  } else if (report.truncated) {
    lines.push('  the logs are not complete: what is missing was not checked');
  }
  for (const { revision, moved, gapMs } of report.rebalances) {
    const gaps = `${gapMs.n} clients moved, gap p50 ${gapMs.p50} p99 ${gapMs.p99} max ${gapMs.max} ms`;
    lines.push(`  revision ${revision}: ${moved} partitions, ${gaps}`);
  }
  if (first !== undefined) {
    lines.push(`first: ${first.message}`, `  at ${first.topic}/${first.partition}@${first.offset}`);
  }
  return lines.join('\n');
}
