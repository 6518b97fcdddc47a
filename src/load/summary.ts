// Owns: what the load generator says at its end: the report for programs and for people, at 80 columns,
// and whether all is well. Measures nothing.

import { renameSync, writeFileSync } from 'node:fs';
import { BadInputError } from '../errors.js';
import type { GapSummary } from './gaps.js';
import { missingNamedMax } from './limits.js';
import type { MessageCounts } from './message-account.js';

export interface LoadReport {
  readonly ok: boolean;
  readonly service: string;
  readonly clients: number;
  readonly processes: number;
  /** From the first message to the end of the chat. */
  readonly seconds: number;
  readonly messages: MessageCounts;
  /** Of planned moves, by the clients' own clocks. */
  readonly gapMs: GapSummary;
  /** Of lost connections, from noticing to the next welcome. */
  readonly lostGapMs: GapSummary;
  /** Clients without a connection at the end. */
  readonly missing: number;
  readonly interrupted?: true;
  /** Present when it could not go on. */
  readonly failure?: string;
}

/** What is wrong, one sentence each; empty when all is well. */
export function faultsOf({
  messages,
  missing,
}: Pick<LoadReport, 'messages' | 'missing'>): string[] {
  const { lost, duplicated, outOfOrder, unanswered } = messages;
  const faults: [count: number, what: string][] = [
    [lost, 'messages were accepted and did not arrive'],
    [duplicated, 'messages arrived more than once'],
    [outOfOrder, 'messages arrived out of order'],
    [unanswered, 'messages were never accepted'],
    [missing, 'clients are not connected at the end'],
  ];
  return faults.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}

export function summaryText(report: LoadReport, missing: readonly string[]): string {
  const { clients, processes, seconds, service, messages, gapMs, lostGapMs } = report;
  const { sent, delivered, lost, duplicated, outOfOrder, unanswered } = messages;
  const rate = seconds > 0 ? (sent / seconds).toFixed(1) : '0';
  const row = (name: string, text: string): string => `  ${name.padEnd(18)}${text}`;
  const faults = faultsOf(report);
  const lines = [
    `${clients} clients of ${service} in ${processes} processes, ${seconds} s, ${rate} messages/s`,
    row('messages', `${sent} accepted, ${delivered} delivered, ${unanswered} unanswered`),
    row('', `${lost} lost, ${duplicated} duplicated, ${outOfOrder} out of order`),
    row('planned moves', gapText(gapMs)),
    row('lost connections', gapText(lostGapMs)),
    ...faults.map((fault) => `WRONG: ${fault}`),
    ...missing.slice(0, missingNamedMax).map((name) => `  not connected: ${name}`),
    ...(report.interrupted ? ['Interrupted before its time.'] : []),
    faults.length === 0 ? 'All as promised.' : 'NOT all as promised.',
  ];
  return lines.join('\n');
}

export function gapText({ n, p50, p99, max }: GapSummary): string {
  return n === 0 ? 'none' : `${n}: gap P50 ${p50} ms, P99 ${p99} ms, max ${max} ms`;
}

/** Written beside and renamed, so that nobody reads half a report. Throws BadInputError. */
export function writeReport(path: string, report: LoadReport): void {
  try {
    writeFileSync(`${path}.partial`, `${JSON.stringify(report, null, 2)}\n`);
    renameSync(`${path}.partial`, path);
  } catch (cause) {
    throw new BadInputError(`cannot write the report: ${(cause as Error).message}`, {
      field: '--json',
      found: path,
      allowed: 'a file in a directory that exists',
      cause,
    });
  }
}
