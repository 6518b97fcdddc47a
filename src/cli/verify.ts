// `evenkeel verify`: replays the ownership and sessions logs, from Kafka or from an export, and says
// 0 overlaps, or shows the first counter-example. Changes nothing.

import { Command } from 'commander';
import { checkEvidence, type EvidenceCheck } from '../core/evidence/check.js';
import type { EvidenceRecord, EvidenceReport } from '../core/evidence/types.js';
import { formatRanges } from '../core/ranges.js';
import { BadInputError } from '../errors.js';
import { runCommand, type CommandResult } from './command.js';
import { withSettings } from './context.js';
import { readExport, writeExport } from './export-file.js';
import { openLogs } from './read-logs.js';
import { topicsOf } from '../logs/topics.js';

interface VerifyOptions {
  readonly service?: string;
  readonly input?: string;
  readonly export?: string;
}

const defaultService = 'messaging';
const logTopic = /^(.+)\.(?:leases|ownership|sessions)$/;

const help = `
Exit status: 0 no violation, 1 a violation was found, 2 wrong use or input.

Examples:
  $ evenkeel verify                                 the running service "${defaultService}"
  $ evenkeel verify --service chat --export chat.jsonl
  $ evenkeel verify --input chat.jsonl --json       offline, from an export`;

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
      if (options.input === undefined) {
        const service = options.service ?? defaultService;
        const logs = await openLogs(await context.bus(), service);
        progress(`reading the logs of ${service} to their present end`);
        const check = checkEvidence(service, logs.partitions);
        const seen = new Set<string>();
        await checkAll(noting(logs.records, seen), check, options.export);
        const report = check.finish();
        const { sessions } = topicsOf(service);
        const neverServed = !logs.trimmed && !seen.has(sessions);
        const truncated = report.truncated || logs.trimmed;
        return result({ ...report, truncated }, neverServed);
      }
      if (options.export !== undefined) {
        throw new BadInputError('--export writes what is read from Kafka: not with --input', {
          field: '--export',
          found: options.export,
          allowed: 'either --export or --input',
        });
      }
      return result(await checkFile(options.input, options.service));
    }),
  );
}

/** Remembers which logs had a record. */
async function* noting(records: AsyncIterable<EvidenceRecord>, seen: Set<string>) {
  for await (const record of records) {
    seen.add(record.topic);
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
