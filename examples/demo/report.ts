// Owns: the report of the demo, for programs, and what counts as correct. The exact ranges are not
// judged here: a plan may be better than the one we know; who owns what must be what was planned.

import { renameSync, writeFileSync } from 'node:fs';
import { BadInputError } from '../../src/errors.js';
import type { Ranges } from '../../src/core/ranges.js';
import type { GapSummary } from '../../src/load/gaps.js';
import type { MessageCounts } from '../../src/load/message-account.js';

/** What users were promised. */
export const gapP99LimitMs = 1_000;
export const gapMaxLimitMs = 5_000;
/** Fewer checked messages prove too little. */
export const messagesMin = 2_000;

export type ScenarioName = 'grow' | 'shrink-back' | 'shrink' | 'forced' | 'forecast';

export interface Scenario {
  readonly name: ScenarioName;
  readonly service: string;
  readonly revision: { readonly from: number; readonly to: number };
  readonly workflowId: string;
  readonly runId: string;
  /** Who asked for the rebalance, by the distribution's own cause. */
  readonly source: string;
  /** By the ownership log, after the rebalance. */
  readonly distribution: Readonly<Record<string, Ranges>>;
  readonly moved: {
    /** By the ownership log. */
    readonly partitions: number;
    /** Clients that were told to move and are connected again. */
    readonly clients: number;
    /** Fewest partitions that any plan as balanced moves, by the plan. */
    readonly lowerBound: number;
  };
  /** By the clients' own clocks. */
  readonly gapMs: GapSummary;
  readonly messages: MessageCounts;
  /** By the independent check of the logs. */
  readonly overlaps: number;
  readonly durationMs: number;
  /** What is wrong, one sentence each; empty when all is well. */
  readonly wrong: readonly string[];
}

export interface DemoReport {
  readonly ok: boolean;
  readonly scenarios: readonly Scenario[];
  readonly urls: Readonly<Record<string, string>>;
  readonly durationMs: number;
  /** Present when the demo could not go on. */
  readonly failure?: string;
}

/** What of a scenario's own numbers breaks a promise. */
export function judge(scenario: Omit<Scenario, 'wrong'>): string[] {
  const { source, name, moved, gapMs, messages, overlaps } = scenario;
  const asked = name === 'forced' ? 'operator' : name === 'forecast' ? 'forecast' : 'threshold';
  const wrong: string[] = [];
  const expect = (isRight: boolean, sentence: string) => {
    if (!isRight) wrong.push(sentence);
  };
  expect(source === asked, `the rebalance was asked for by "${source}", not by "${asked}"`);
  expect(gapMs.p99 < gapP99LimitMs, `gap P99 ${gapMs.p99} ms is not below ${gapP99LimitMs} ms`);
  expect(gapMs.max < gapMaxLimitMs, `longest gap ${gapMs.max} ms is not below ${gapMaxLimitMs} ms`);
  expect(gapMs.n >= moved.clients, `${moved.clients} clients moved and ${gapMs.n} told their gap`);
  expect(messages.sent >= messagesMin, `only ${messages.sent} messages, ${messagesMin} are wanted`);
  expect(messages.lost === 0, `${messages.lost} messages were lost`);
  expect(messages.duplicated === 0, `${messages.duplicated} messages arrived twice`);
  expect(messages.outOfOrder === 0, `${messages.outOfOrder} messages arrived out of order`);
  expect(messages.unanswered === 0, `${messages.unanswered} messages were never accepted`);
  expect(overlaps === 0, `${overlaps} clients were connected to two instances at once`);
  expect(
    moved.partitions === moved.lowerBound,
    `${moved.partitions} partitions moved, ${moved.lowerBound} would do`,
  );
  return wrong;
}

/** Written beside and renamed, so that nobody reads half a report. */
export function writeReport(path: string, report: DemoReport): void {
  try {
    writeFileSync(`${path}.partial`, `${JSON.stringify(report, null, 2)}\n`);
    renameSync(`${path}.partial`, path);
  } catch (cause) {
    throw new BadInputError(`cannot write the report: ${(cause as Error).message}`, {
      field: '--report',
      found: path,
      allowed: 'a file in a directory that exists',
      cause,
    });
  }
}
