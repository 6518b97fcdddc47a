// Owns: what a run of the hand-over simulation says on one screen of 80 columns, for one world or for
// the sum of many. Reads results; runs nothing.

import { duration, number, percentile } from '../figures.js';
import type { WorldResult } from './world.js';

/** What remains of a world when many are added up. */
export interface Totals {
  worlds: number;
  virtualMs: number;
  events: number;
  revisions: number;
  incarnations: number;
  readonly outcomes: Map<string, number>;
  readonly faults: Map<string, number>;
  readonly messages: { sent: number; accepted: number; delivered: number; copies: number };
  readonly plannedMs: number[];
  readonly lostMs: number[];
  readonly evidence: { records: number; void: number; overlaps: number };
}

export function noTotals(): Totals {
  return {
    worlds: 0,
    virtualMs: 0,
    events: 0,
    revisions: 0,
    incarnations: 0,
    outcomes: new Map(),
    faults: new Map(),
    messages: { sent: 0, accepted: 0, delivered: 0, copies: 0 },
    plannedMs: [],
    lostMs: [],
    evidence: { records: 0, void: 0, overlaps: 0 },
  };
}

export function addWorld(totals: Totals, world: WorldResult): void {
  totals.worlds += 1;
  totals.virtualMs += world.virtualMs;
  totals.events += world.events;
  totals.revisions += world.revisions;
  totals.incarnations += world.incarnations;
  for (const [outcome, n] of Object.entries(world.outcomes)) count(totals.outcomes, outcome, n);
  for (const [fault, n] of world.faults) count(totals.faults, fault, n);
  totals.messages.sent += world.messages.sent;
  totals.messages.accepted += world.messages.accepted;
  totals.messages.delivered += world.messages.delivered;
  totals.messages.copies += world.messages.copies;
  for (const gapMs of world.gapsMs.planned) totals.plannedMs.push(gapMs);
  for (const gapMs of world.gapsMs.lost) totals.lostMs.push(gapMs);
  totals.evidence.records += world.evidence?.records ?? 0;
  totals.evidence.void += world.evidence?.void ?? 0;
  totals.evidence.overlaps += world.evidence?.overlaps ?? 0;
}

export function summaryOf(totals: Totals, tookMs: number): string {
  const { messages, evidence } = totals;
  const rebalances = [...totals.outcomes.values()].reduce((sum, n) => sum + n, 0);
  const worlds = totals.worlds === 1 ? '' : `${number(totals.worlds)} worlds, `;
  const lines: [string, string][] = [
    [
      'virtual time',
      `${worlds}${duration(totals.virtualMs)}, ${number(totals.events)} events, here ${duration(tookMs)}`,
    ],
    ['rebalances', `${number(rebalances)}: ${list(totals.outcomes)}`],
    ['', `${number(totals.revisions)} revisions, ${number(totals.incarnations)} incarnations`],
    ['faults', totals.faults.size === 0 ? 'none' : list(totals.faults)],
    ['clients moved', gaps(totals.plannedMs)],
    ['clients lost', gaps(totals.lostMs)],
    [
      'messages',
      `${number(messages.sent)} sent, ${number(messages.accepted)} accepted, ${number(messages.delivered)} delivered`,
    ],
    ['', `0 lost, 0 duplicated, 0 out of order; ${number(messages.copies)} copies dropped`],
    [
      'evidence',
      `${evidence.overlaps} overlaps in ${number(evidence.records)} records, ${number(evidence.void)} of them void`,
    ],
    ['held', 'SingleOwner SingleSession Tiling Monotone NoKill NoLoss NoDup InOrder'],
  ];
  return lines.flatMap(([name, text]) => wrap(name, text)).join('\n');
}

/** The seed, the moment, and the story that led there. */
export function violationOf({ options, violated }: WorldResult): string {
  if (violated === null) return '';
  const { seed, rebalances, clients, instances, partitions, faults } = options;
  const again = `--seed ${seed} --rebalances ${rebalances} --clients ${clients} --instances ${instances} --partitions ${partitions} --faults ${faults}`;
  return [
    `${violated.invariant} is violated at ${(violated.atMs / 1_000).toFixed(6)} s of seed ${seed}:`,
    `  ${violated.text}`,
    'The last events before it:',
    ...violated.story,
    `Again: npm run simulate:handover -- ${again} --events`,
  ].join('\n');
}

function gaps(unsorted: readonly number[]): string {
  if (unsorted.length === 0) return 'none';
  const sorted = Float64Array.from(unsorted).sort();
  const at = (share: number): string => `${Math.round(percentile(sorted, share))} ms`;
  return `${number(sorted.length)}, gap P50 ${at(0.5)}, P99 ${at(0.99)}, maximum ${at(1)}`;
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, n]) => `${name} ${number(n)}`)
    .join(', ');
}

const nameWidth = 15;
const lineMax = 80;

function wrap(name: string, text: string): string[] {
  const lines: string[] = [];
  let line = name.padEnd(nameWidth);
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > lineMax && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = ' '.repeat(nameWidth);
    }
    line += line.length > nameWidth ? ` ${word}` : word;
  }
  return [...lines, line.trimEnd()];
}

function count(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n);
}
