// `evenkeel simulate --trace FILE`: what a policy would have done on a recorded load, in virtual time.
// Talks to no service, unless the trace is to come from Prometheus.
import { Command } from 'commander';
import { BadInputError } from '../errors.js';
import { measuredChange } from '../lab/change-model.js';
import { defaultPolicy } from '../lab/default-policy.js';
import { simulate, type NamedPolicy, type Report, type Setting } from '../lab/simulate.js';
import type { Trace } from '../lab/trace.js';
import { runCommand } from './command.js';
import { wholeNumber } from './given.js';
import { readPolicy } from './read-policy.js';
import { readTrace } from './simulate/read-trace.js';
import { simulationText } from './simulate/text.js';
import { durationMs } from './when.js';

interface SimulateOptions {
  readonly trace?: string;
  readonly policy?: readonly string[];
  readonly horizonSteps?: string;
  readonly from?: string;
  readonly capacity?: string;
  readonly every?: string;
  readonly lead?: string;
}

/** Rows that a forecast may look ahead: a week of rows every 5 minutes. */
const horizonMax = 2_016;
/** A word now and then shows that it goes on. */
const progressEveryMs = 2_000;

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
    .action(
      runCommand<SimulateOptions>(async ({ options, progress }) => {
        if (options.trace === undefined) {
          throw new BadInputError('simulate needs --trace FILE', {
            field: '--trace',
            found: 'nothing',
            allowed: 'a CSV file, or - for standard input',
          });
        }
        const trace = await readTrace(options.trace);
        const policies = await policiesOf(options, trace);
        const from = fromOf(options.from, trace);
        const setting = settingOf(options, trace);
        const onRow = progressTo(progress);
        const reports = simulate(trace, policies, setting, { from, onRow });
        return {
          json: jsonOf(trace, reports),
          text: simulationText({ trace, from, reports }),
        };
      }),
    );
}

async function policiesOf(options: SimulateOptions, trace: Trace): Promise<NamedPolicy[]> {
  const files = options.policy ?? [];
  if (files.length === 0) {
    const policy = defaultPolicy(trace);
    if (policy !== undefined) return [{ name: 'defaults', policy }];
    throw new BadInputError('the trace has no load, so nothing says how large an instance is', {
      field: '--trace',
      found: 'nothing but zeros',
      allowed: 'a trace with load, or --policy FILE',
    });
  }
  return Promise.all(files.map(async (name) => ({ name, policy: await readPolicy(name) })));
}

function fromOf(text: string | undefined, trace: Trace): number {
  if (text === undefined) return 0;
  const rows = trace.values.length - trace.filled.size;
  return wholeNumber('--from', text, { min: 0, max: rows - 1 });
}

function settingOf(options: SimulateOptions, { stepMs }: Trace): Setting {
  const { horizonSteps, capacity, every, lead } = options;
  const growthMs = lead === undefined ? null : durationMs('--lead', lead);
  return {
    change: { ...measuredChange, growthMs },
    capacity: capacity === undefined ? undefined : positive('--capacity', capacity),
    horizonSteps:
      horizonSteps === undefined
        ? undefined
        : wholeNumber('--horizon-steps', horizonSteps, { min: 1, max: horizonMax }),
    everyMs:
      every === 'row' ? stepMs : every === undefined ? undefined : durationMs('--every', every),
  };
}

/** The first policy's report as the protocol has it; all of them when there are several. */
function jsonOf({ values, stepMs, startMs, filled }: Trace, reports: readonly Report[]): object {
  const trace = { rows: values.length, filled: filled.size, stepMs, startMs };
  const policies = reports.length > 1 ? { policies: reports } : {};
  return { ...reports[0], trace, ...policies };
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number > 0 && Number.isFinite(number)) return number;
  throw new BadInputError(`${option} is ${text}`, {
    field: option,
    found: text,
    allowed: 'a number above 0',
  });
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
