// Owns: the page docs/faults.md: one table per flow, steps across, faults down. Made by the command.

import { faults } from './matrix.js';
import type { CellResult } from './run-cell.js';

const head = `# Faults, cell by cell

Made by \`npm run faults -- --table docs/faults.md\`; do not edit. Each cell is one service in memory under a
real Temporal server: a saga in which one fault happens at one step. It says how the request ended. In
every cell, at the end: each partition is held as the latest distribution says, by an instance that runs;
every distribution covers all partitions once; the independent check finds one owner at a time; no
instance was ended while it held anything; after an undo the former instances own everything; no payload
in the history is above 2 KB.

\`ConfigDB away\` and \`Kafka away\` last 30 s, longer than failures are tried again for: the saga waits and
ends as if nothing had been. \`terminated, ConfigDB restored\`: on the way a backup from before the request
is restored; what was handed over by then stays where it is.

In the flow \`undo\` a grow fails at its last check, and the faults happen on the way back. \`surge\` and
\`roll\` are steps of a rolling upgrade: a new image and one instance more on it; and an instance that
hands over to that one and is started again.

After \`terminated\` the outcome is that of the next request. A request that could not bring a lost
instance's partitions to others is asked again, too, as the watcher does.
`;

export function tableOf(results: readonly CellResult[]): string {
  const flows = [...new Set(results.map(({ flow }) => flow))];
  const failed = results.filter(({ ok }) => !ok).length;
  const sum = `${results.length} cells, ${results.length - failed} as they must be.`;
  const tables = flows.map((flow) => tableOfFlow(flow, results));
  return `${[head, sum, ...tables].join('\n').trimEnd()}\n`;
}

function tableOfFlow(flow: string, results: readonly CellResult[]): string {
  const own = results.filter((result) => result.flow === flow);
  const steps = [...new Set(own.map(({ step }) => step))];
  const rows = faults.map((fault) => [
    fault,
    ...steps.map((step) => {
      const found = own.find((result) => result.step === step && result.fault === fault);
      if (found === undefined) return '';
      return found.ok ? found.outcome : `**${found.outcome}: ${found.why ?? ''}**`;
    }),
  ]);
  return ['', `## ${flow}`, '', ...aligned([['', ...steps], ...rows])].join('\n');
}

/** As the formatter of this repository writes tables: padded to the widest cell. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0] ?? '', rule, ...lines.slice(1)];
}
