// Lines of an export against the reader and the check of `evenkeel verify`. An input is a list of
// lines, mostly in order. Wrong lines are refused with a sentence; the report is consistent.

import { exportLine, parseExportLine } from '../../src/cli/export-file.js';
import { checkEvidence } from '../../src/core/evidence/check.js';
import { BadInputError } from '../../src/errors.js';
import { mutated } from '../mutate.js';
import type { Random } from '../random.js';
import { expectThat, type Target } from '../target.js';
import { leaseOf, ownershipOf, sessionOf } from './samples.js';

export async function openExports(): Promise<Target> {
  return { name: 'exports', generate, execute, close: async () => undefined };
}

function generate(random: Random): readonly string[] {
  const lines: string[] = [];
  const log = (topic: string, partition: number, value: (offset: number) => unknown): void => {
    for (let offset = 0, n = random.below(12); offset < n; offset += 1) {
      const record = {
        topic,
        partition,
        offset,
        timestamp: 1_000 + lines.length,
        value: value(offset),
      };
      const line = exportLine(record);
      lines.push(random.oneIn(4) ? mutated(line, random) : line);
    }
  };
  log('messaging.leases', 1, () => leaseOf(random));
  log('messaging.ownership', 0, (offset) =>
    ownershipOf(random, offset === 0 ? null : String(random.below(offset))),
  );
  for (let partition = 0; partition < 3; partition += 1) {
    log('messaging.sessions', partition, () => sessionOf(random));
  }
  return lines;
}

function execute(lines: readonly string[]): void {
  const check = checkEvidence('messaging', lines.length % 2 === 0 ? 8 : undefined);
  let records = 0;
  lines.forEach((line, at) => {
    try {
      const record = parseExportLine(line, at + 1);
      records += 1;
      check.add(record);
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error;
    }
  });
  const report = check.finish();
  const violations = Object.values(report.violations).reduce((sum, n) => sum + n, 0);
  expectThat(report.records === records, `${report.records} of ${records} records`);
  expectThat(report.void <= records && report.unreadable <= records, 'more void than there are');
  expectThat(report.ok === (violations === 0 && report.unreadable === 0), 'ok is not what it says');
  expectThat(report.ok === (report.first === undefined), 'a counter-example too many, or too few');
  expectThat(report.overlaps <= report.ownershipOverlaps, 'overlaps of nobody');
  expectThat(report.unclosed >= 0 && report.notReturned >= 0, 'less than nobody');
  JSON.stringify(report);
}
