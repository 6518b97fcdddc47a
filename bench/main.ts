// Owns: the command `npm run bench`: runs the groups that are asked for, shows each case when it is
// there, and writes the report. Knows no case.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../stack/checkout.js';
import { writeTables } from './docs.js';
import type { BenchGroup } from './group.js';
import { readOptions, type BenchOptions } from './options.js';
import { forecastGroup } from './forecast/group.js';
import { handoverGroup } from './handover/group.js';
import { partitionsGroup } from './partitions/group.js';
import { planGroup } from './plan/group.js';
import { replayGroup } from './replay/group.js';
import { rollGroup } from './roll/group.js';
import { sagaGroup } from './saga/group.js';
import { machineFacts, machineLines, type BenchCase, type Report } from './report.js';

const groups: readonly BenchGroup[] = [
  planGroup,
  handoverGroup,
  partitionsGroup,
  sagaGroup,
  rollGroup,
  forecastGroup,
  replayGroup,
];
const interruptedCode = 130;
const docsFile = join(checkoutDir, 'docs', 'benchmarks.md');

/** Runs the benchmarks; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv, groups);
  if (typeof options === 'number') return options;
  const interrupted = (): void => process.exit(interruptedCode); // Exit handlers clean up.
  process.once('SIGINT', interrupted);
  try {
    await bench(options);
    return 0;
  } catch (error) {
    say(`The benchmarks cannot go on: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    process.off('SIGINT', interrupted);
  }
}

async function bench(options: BenchOptions): Promise<void> {
  const { groups: asked, json, quick, docs, seed, kinds, rounds } = options;
  const machine = machineFacts();
  process.stdout.write(`${machineLines(machine).join('\n')}\n\n`);
  const cases: BenchCase[] = [];
  const write = (): void => {
    if (json !== undefined) writeReport(json, { cases, machine, quick });
  };
  write(); // A place that cannot be written is found now, not after minutes.
  for (const group of asked) {
    const own: BenchCase[] = [];
    for await (const one of group.run({ quick, seed, say, kinds, rounds })) {
      own.push(one);
      cases.push(one);
      process.stdout.write(`${group.textOf(one)}\n`);
      // After every case: a run that is interrupted has not measured for nothing.
      write();
    }
    if (docs) await writeTables(docsFile, group.name, group.markdownOf(own), machine);
  }
}

function writeReport(file: string, report: Report): void {
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
