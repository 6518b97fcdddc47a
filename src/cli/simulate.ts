// `evenkeel simulate --trace FILE`: what a policy would have done on a recorded load, in virtual time.
// Talks to no service, unless the trace is to come from Prometheus.
import { existsSync } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { BadInputError } from '../errors.js';
import { defaultPolicy } from '../lab/default-policy.js';
import { search } from '../lab/search.js';
import { leftOut } from '../lab/seats.js';
import { simulateShown, type NamedPolicy, type Report, type Setting } from '../lab/simulate.js';
import type { Trace } from '../lab/trace.js';
import { runCommand } from './command.js';
import type { CliContext } from './context.js';
import { readPolicy } from './read-policy.js';
import {
  settingFor,
  wantedOf,
  type SimulateOptions,
  type Source,
  type Wanted,
} from './simulate/options.js';
import { askPrometheus } from './simulate/ask-prometheus.js';
import { readTrace } from './simulate/read-trace.js';
import { searchJson, searchText, type Searched } from './simulate/search-text.js';
import { simulationText } from './simulate/text.js';

/** A word now and then shows that it goes on. */
const progressEveryMs = 2_000;
/** Without a budget: shares of the time that is scored. */
const overloadShares = [0.0005, 0.0075];

/** The command; wrong input is a BadInputError, and then nothing is printed. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('replay recorded load against policies, and count what it would have cost')
    .option('--trace <file>', 'CSV with the header timestamp,value (- for standard input)')
    .option('--prometheus <query>', 'instead of a file: PromQL, asked of PROMETHEUS_URL')
    .option('--since <duration>', 'of a trace from Prometheus; default: 28d')
    .option('--step <duration>', 'of a trace from Prometheus; default: 5m')
    .option('--policy <file...>', 'replayed side by side; default: the documented defaults')
    .option('--from <row>', 'first data row that is counted, from 0; those before are learnt from')
    .option(
      '--horizon-steps <n>',
      'rows that forecasts look ahead; default: as far as in production',
    )
    .option('--lead <duration>', 'from a growth to its service, such as 90s; default: as measured')
    .option('--capacity <users>', 'that an instance can serve; default: target ÷ 0.8')
    .option('--every <duration>', "between evaluations, or 'row'; default: as the policy says")
    .option('--search', 'try a grid of targets and rules, and those of others, beside them')
    .option('--overload <minutes...>', 'of a search: the cheapest within so many minutes')
    .option('--hours <hours...>', 'of a search: the least overload within so many instance-hours')
    .option('--html <file>', 'a report with charts, one page that needs nothing else')
    .action(
      runCommand<SimulateOptions>(async ({ options, context, progress }) => {
        const wanted = wantedOf(options);
        const policies = await namedPolicies(wanted.policies);
        if (wanted.html !== undefined) await requireWritable(wanted.html);
        const trace = await traceFrom(wanted.source, context);
        const setting = settingFor(wanted, trace);
        const { from } = wanted;
        const of = policies.length > 0 ? policies : [defaultsFor(trace)];
        const onRow = progressTo(progress);
        for (const { name, policy } of of) {
          for (const words of leftOut(policy)) progress(`${name}: ${words}`);
        }
        // Charts need packages that not everybody has: said before the work, not after it.
        const charts =
          wanted.html === undefined ? undefined : await import('../lab/report/page.js');
        const { reports, timeline } = simulateShown(trace, of, setting, { from, onRow });
        const searched = wanted.search ? searchedOf(trace, of, setting, wanted, onRow) : undefined;
        if (wanted.html !== undefined && charts !== undefined) {
          const page = { title: titleOf(wanted.source), timeline, reports };
          const whole = searched === undefined ? page : { ...page, search: searched };
          await writeFile(wanted.html, charts.htmlOf(whole));
          progress(`the report is in ${wanted.html}`);
        }
        const found = searched === undefined ? {} : { search: searchJson(searched) };
        return {
          json: { ...jsonOf(trace, reports), ...found },
          text: [
            simulationText({ trace, from, reports }),
            ...(searched === undefined ? [] : ['', searchText(searched)]),
          ].join('\n'),
        };
      }),
    );
}

function traceFrom(source: Source, context: CliContext): Promise<Trace> {
  if (source.kind === 'file') return readTrace(source.file);
  return askPrometheus(context, source, Date.now());
}

const titleOf = (source: Source): string =>
  source.kind === 'prometheus'
    ? source.query
    : source.file === '-'
      ? 'standard input'
      : basename(source.file);

/** By the names of their files; with their folders where two are called the same. */
function namedPolicies(files: readonly string[]): Promise<NamedPolicy[]> {
  const isTwice = (file: string): boolean =>
    files.some((other) => other !== file && basename(other) === basename(file));
  return Promise.all(
    files.map(async (file) => ({
      name: isTwice(file) ? file : basename(file),
      policy: await readPolicy(file),
    })),
  );
}

/** Around the first policy. */
function searchedOf(
  trace: Trace,
  [base]: readonly NamedPolicy[],
  setting: Setting,
  wanted: Wanted,
  onRow: (row: number, rows: number) => void,
): Searched {
  if (base === undefined) throw new Error('a policy to search around');
  const points = search(trace, base.policy, setting, { from: wanted.from, onRow });
  return { points, ...budgetsOf(wanted, trace) };
}

/** Found now, not after the minutes that a search takes; nothing is left of the question. */
async function requireWritable(file: string): Promise<void> {
  const isNew = !existsSync(file);
  try {
    await (await open(file, 'a')).close();
    if (isNew) await rm(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BadInputError(`cannot write the report: ${why}`, {
      field: '--html',
      found: file,
      allowed: 'a file that can be written',
      cause,
    });
  }
}

function defaultsFor(trace: Trace): NamedPolicy {
  const policy = defaultPolicy(trace);
  if (policy !== undefined) return { name: 'defaults', policy };
  throw new BadInputError('the trace has no load, so nothing says how large an instance is', {
    field: '--trace',
    found: 'nothing but zeros',
    allowed: 'a trace with load, or --policy FILE',
  });
}

/** The first policy's report as the protocol has it; all of them when there are several. */
function jsonOf({ values, stepMs, startMs, filled }: Trace, reports: readonly Report[]): object {
  const trace = { rows: values.length, filled: filled.size, stepMs, startMs };
  const policies = reports.length > 1 ? { policies: reports } : {};
  return { ...reports[0], trace, ...policies };
}

function budgetsOf(
  { overloads, hours, from }: Wanted,
  { values, stepMs }: Trace,
): Pick<Wanted, 'overloads' | 'hours'> {
  if (overloads.length + hours.length > 0) return { overloads, hours };
  const minutes = ((values.length - from) * stepMs) / 60_000;
  return { overloads: overloadShares.map((share) => Math.ceil(share * minutes)), hours };
}

function progressTo(progress: (line: string) => void): (row: number, rows: number) => void {
  let saidAtMs = performance.now();
  return (row, rows) => {
    const nowMs = performance.now();
    if (nowMs - saidAtMs < progressEveryMs) return;
    saidAtMs = nowMs;
    progress(`${Math.floor((100 * row) / rows)} % of ${rows} rows`);
  };
}
