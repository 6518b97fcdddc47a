// Owns: `npm run stack -- up|down|status|logs|env`: what the commands are called and what they print.
// Never knows how a part is built or started.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { partNames, usualParts, type PartName } from './part.js';
import { readRunningEnv } from './state.js';
import { bringDown, bringUp, describeStack, readLogs, type StackReport } from './up.js';

const logLinesDefault = 40;
const logLinesMax = 100_000;

const teaching = `
Examples:
  $ npm run stack -- up                    Temporal with its Web UI, Kafka, MongoDB; until down
  $ npm run stack -- up --parts kafka      only that one
  $ npm run stack -- up --parts kubernetes a real API server, etcd, controllers, scheduler; kwok's nodes
  $ npm run -s stack -- env                KEY=value lines that lead to all of it
  $ eval "$(npm run -s stack -- env | sed 's/^/export /')"
  $ npm run stack -- logs kafka --lines 100

Each part is taken from the first of: its environment variable (TEMPORAL_ADDRESS, KAFKA_BROKERS,
MONGODB_URI, EVENKEEL_KUBECONFIG), PATH (temporal, kafka-server-start.sh, mongod, kube-apiserver),
the cache (EVENKEEL_CACHE, default ~/.cache/evenkeel), the vendor's download, a build (Go; JDK 17 and
Maven), which happens once. Default ports 7233, 8233 (Web UI), 9092, 27017 and 6443; others when
they are taken.
Exit status: 0 done, 1 failed, 2 wrong use.`;

/** Runs one command line, given without the program's name; resolves with its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  let code = 0;
  const program = buildProgram((result) => (code = result));
  try {
    if (argv.length === 0) program.help({ error: true });
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (json) printJson({ error: { message: error.message.replace(/^error: /, '') } });
      return 2;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (json) printJson({ error: { message } });
    else say(message);
    return 1;
  }
}

function buildProgram(exitWith: (code: number) => void): Command {
  const program = new Command('stack')
    .description('The backing services of this checkout, run natively, without containers.')
    .usage('<command> [options]')
    .addHelpText('after', teaching)
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .exitOverride();
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--json', 'one JSON object on standard output')
      .exitOverride();

  command('up', 'start what does not run yet, and leave it running until down')
    .option('--parts <names>', `comma-separated, of: ${partNames.join(', ')}`, parseParts)
    .action(async (options: { parts?: PartName[]; json?: boolean }) => {
      const { alreadyUp, env } = await bringUp(options.parts ?? [...usualParts], say);
      say(alreadyUp ? 'it was up already' : 'up, until: npm run stack -- down');
      if (options.json === true) printJson({ up: true, alreadyUp, env });
      else printEnv(env);
    });

  command('down', 'end what up started, and remove its data')
    .option('--keep-data', 'leave the data and log files where they are')
    .action(async (options: { keepData?: boolean; json?: boolean }) => {
      const { ended, dataDir } = await bringDown({ keepData: options.keepData === true });
      say(ended.length === 0 ? 'nothing was up' : `ended ${ended.join(', ')}`);
      if (options.keepData === true && dataDir !== undefined) say(`data: ${dataDir}`);
      if (options.json === true) printJson({ up: false, ended });
    });

  command('status', 'show what runs, whether it answers, and where').action(
    async (options: { json?: boolean }) => {
      const report = await describeStack();
      if (options.json === true) printJson(report);
      else printReport(report);
      if (!report.ok) exitWith(1);
    },
  );

  command('logs', 'show the end of the log files')
    .argument('[part]', `one of: ${partNames.join(', ')}`, parsePart)
    .option('--lines <n>', 'lines of each', parseLines, logLinesDefault)
    .action((part: PartName | undefined, options: { lines: number; json?: boolean }) => {
      const logs = readLogs(part, options.lines);
      if (options.json === true) printJson({ logs });
      else for (const { path, text } of logs) process.stdout.write(`==> ${path} <==\n${text}\n`);
      if (logs.length > 0) return;
      say(
        `${part === undefined ? 'nothing runs' : `${part} does not run`} here, so there is no log`,
      );
      exitWith(1);
    });

  command('env', 'print KEY=value lines that lead to what runs').action(
    (options: { json?: boolean }) => {
      const env = readRunningEnv();
      if (options.json === true) printJson(env);
      else printEnv(env);
      if (Object.keys(env).length > 0) return;
      say('nothing runs for this checkout; start it with: npm run stack -- up');
      exitWith(1);
    },
  );
  return program;
}

function parsePart(text: string): PartName {
  const part = partNames.find((name) => name === text.trim());
  if (part !== undefined) return part;
  throw new InvalidArgumentError(`"${text}" is not a part; there are: ${partNames.join(', ')}`);
}

function parseParts(text: string): PartName[] {
  return [...new Set(text.split(',').map(parsePart))];
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (Number.isSafeInteger(lines) && lines >= 1 && lines <= logLinesMax) return lines;
  throw new InvalidArgumentError(`"${text}" is not a number of lines from 1 to ${logLinesMax}`);
}

function printReport(report: StackReport): void {
  for (const run of report.runs) {
    process.stdout.write(`${run.kind === 'up' ? 'started by up' : `process ${run.pid}`}\n`);
    for (const [name, part] of Object.entries(run.parts)) {
      const where = part.address ?? '';
      const pid = part.pid === undefined ? '' : `pid ${part.pid}`;
      const line = [name.padEnd(9), part.state.padEnd(10), where.padEnd(32), part.origin, pid];
      process.stdout.write(`  ${line.join('  ').trimEnd()}\n`);
    }
    if (run.dataDir !== undefined) process.stdout.write(`  data and logs in ${run.dataDir}\n`);
  }
  if (report.runs.length === 0) say('nothing runs for this checkout');
}

function printEnv(env: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(env)) process.stdout.write(`${key}=${value}\n`);
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
