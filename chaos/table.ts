// Owns: the page docs/chaos.md: one row per seed, and what a seed is. Made by the command.

import * as limits from './limits.js';
import type { SeedResult } from './run-seed.js';

const head = `# Chaos, seed by seed

Made by \`npm run chaos -- --table docs/chaos.md\`; do not edit. Each seed is a script of requests (operators
and the autoscaler), words of people (approve, reject, abort, cancel, terminate) and faults (worker,
instances, session directory, Temporal killed; instances, Kafka, ConfigDB, Temporal standing still;
instances told to end; every connection cut) at random moments, the same on every machine. It is played on
the whole real stack, started anew for it, while clients chat through one WebSocket each. \`npm run chaos
-- --dry-run --seed 7\` prints a script.

When it is over the faults stop, and within ${limits.graceMs / 1_000} s the service must be whole by itself: every partition owned by
an instance that is ready, nothing under way, as many instances as the platform wants, everybody connected.
Then newcomers of ${limits.sampledPartitions} partitions must be welcomed, the last run must be in a state with a name, and the next
request must end well. At last ConfigDB must say what the ownership log says, no process may be too many, and
\`verify\` and the account of every message must find nothing.

A seed that fails names a directory: \`events.log\` says what happened when, beside the logs of all programs;
\`evidence.jsonl\` is for \`evenkeel verify --input\`, \`config-db.json\` has revisions, sagas and decisions, and
\`histories/\` the runs as Temporal kept them.
`;

const columns = [
  'seed',
  'sagas',
  'revisions',
  'moved, cut off',
  'messages',
  'overlaps',
  'lost ÷ twice ÷ order',
  'last run',
  'whole after',
  'stall',
  'verdict',
];

/** `about`: machine and date. */
export function pageOf(results: readonly SeedResult[], about: string): string {
  const sorted = [...results].sort((a, b) => a.seed - b.seed);
  const failed = sorted.filter(({ wrong }) => wrong.length > 0).length;
  const sum = (of: (result: SeedResult) => number): number =>
    sorted.reduce((total, result) => total + of(result), 0);
  const [clients] = sorted.map((result) => result.clients);
  const total = `${sorted.length} seeds with ${clients ?? 0} clients each, ${failed} failed: ${sum((one) => one.requests)} requests, ${sum((one) => one.words)} words, ${sum((one) => one.faults)} faults, ${sum((one) => one.revisions)} revisions, ${sum((one) => one.planned.n)} planned moves, ${sum((one) => one.lostConnections.n)} lost connections, ${sum((one) => one.messages.sent)} messages; ${sum((one) => one.overlaps)} overlaps, ${sum((one) => one.messages.lost)} messages lost, ${sum((one) => one.messages.duplicated)} twice, ${sum((one) => one.messages.outOfOrder)} out of order. ${about}.`;
  const legend =
    'Sagas: how each ended by its record; `none` died before it said. Moved, cut off: moves that clients were told of, and connections that they lost. Stall: the longest time for which the machine gave the command no processor.';
  const rows = sorted.map(rowOf);
  return `${[head, total, '', legend, '', ...aligned([columns, ...rows])].join('\n')}\n`;
}

function rowOf(result: SeedResult): readonly string[] {
  const { messages, outcomes, wrong } = result;
  const sagas = Object.entries(outcomes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([outcome, count]) => `${count} ${outcome}`);
  return [
    String(result.seed),
    sagas.join(', '),
    String(result.revisions),
    `${result.planned.n}, ${result.lostConnections.n}`,
    String(messages.sent),
    String(result.overlaps),
    `${messages.lost} ÷ ${messages.duplicated} ÷ ${messages.outOfOrder}`,
    result.state,
    `${(result.peaceMs / 1_000).toFixed(1)} s`,
    `${(result.stallMs / 1_000).toFixed(1)} s`,
    wrong.length === 0 ? 'well' : `**${wrong.join('; ')}**`,
  ];
}

/** As the formatter of this repository writes tables: padded to the widest cell. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columns.map((_cell, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0] ?? '', rule, ...lines.slice(1)];
}
