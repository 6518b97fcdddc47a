// `evenkeel simulate --trace FILE`: what a policy would have done on a recorded load, in virtual time.
// Talks to no service, unless the trace is to come from Prometheus.
import { Command } from 'commander';
import { BadInputError } from '../errors.js';
import { defaultPolicy } from '../lab/default-policy.js';
import { search } from '../lab/search.js';
import { simulate, type NamedPolicy, type Report } from '../lab/simulate.js';
import type { Trace } from '../lab/trace.js';
import { runCommand } from './command.js';
import { readPolicy } from './read-policy.js';
import { settingFor, wantedOf, type SimulateOptions, type Wanted } from './simulate/options.js';
import { readTrace } from './simulate/read-trace.js';
import { searchJson, searchText } from './simulate/search-text.js';
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
    .option('--policy <file...>', 'replayed side by side; default: the documented defaults')
    .option('--from <row>', 'first data row that is counted, from 0; those before are learnt from')
    .option('--horizon-steps <n>', 'rows ahead of forecasts, and from a growth to its service')
    .option('--lead <duration>', 'from a growth to its service, such as 90s; default: as measured')
    .option('--capacity <users>', 'that an instance can serve; default: target ÷ 0.8')
    .option('--every <duration>', "between evaluations, or 'row'; default: as the policy says")
    .option('--search', 'try a grid of targets and rules, and those of others, beside them')
    .option('--overload <minutes...>', 'of a search: the cheapest within so many minutes')
    .option('--hours <hours...>', 'of a search: the least overload within so many instance-hours')
    .action(
      runCommand<SimulateOptions>(async ({ options, progress }) => {
        const wanted = wantedOf(options);
        const policies = await Promise.all(wanted.policies.map(named));
        const trace = await readTrace(wanted.trace);
        const setting = settingFor(wanted, trace);
        const { from } = wanted;
        const of = policies.length > 0 ? policies : [defaultsFor(trace)];
        const onRow = progressTo(progress);
        const reports = simulate(trace, of, setting, { from, onRow });
        const json = jsonOf(trace, reports);
        const text = simulationText({ trace, from, reports });
        const [base] = of;
        if (!wanted.search || base === undefined) return { json, text };
        const points = search(trace, base.policy, setting, { from, onRow });
        const searched = { points, ...budgetsOf(wanted, trace) };
        return {
          json: { ...json, search: searchJson(searched) },
          text: `${text}\n\n${searchText(searched)}`,
        };
      }),
    );
}

const named = async (file: string): Promise<NamedPolicy> => ({
  name: file,
  policy: await readPolicy(file),
});

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
