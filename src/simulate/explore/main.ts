// Owns: the command `npm run explore`: explores the worlds that are asked for, one after the other,
// says what it found, and writes it down where it is told to. Knows no world.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../../../stack/checkout.js';
import { explore } from './breadth-first.js';
import { agreementOf } from './evidence.js';
import { readOptions } from './options.js';
import { isFine, jsonOf, linesOf, markdownOf, totalOf } from './report.js';
import type { WorldReport } from './report.js';
import { spaceOf } from './space.js';
import { World } from './world.js';
import type { WorldOptions } from './world-options.js';
import { worlds } from './worlds.js';

const docsFile = join(checkoutDir, 'docs', 'exploration.md');
const markers = ['<!-- worlds: begin -->', '<!-- worlds: end -->'] as const;

/** Runs the exploration; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv, worlds);
  if (typeof options === 'number') return options;
  const { json, docs, statesMax } = options;
  const reports: WorldReport[] = [];
  const write = (): void => {
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify(jsonOf(reports), undefined, 2)}\n`);
  };
  try {
    write(); // A place that cannot be written is found now, not after minutes.
    for (const world of options.worlds) {
      const report = exploreWorld(world, statesMax);
      reports.push(report);
      process.stdout.write(`${linesOf(report).join('\n')}\n`);
      write();
    }
    process.stdout.write(`${totalOf(reports)}\n`);
    if (docs) await writeDocs(markdownOf(reports));
  } catch (error) {
    say(`The exploration cannot go on: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  return reports.every(isFine) ? 0 : 1;
}

function exploreWorld(options: WorldOptions, statesMax: number | undefined): WorldReport {
  const startedMs = performance.now();
  const world = new World(options);
  const exploration = explore(spaceOf(world), {
    ...(statesMax === undefined ? {} : { statesMax }),
    onProgress: (states, depth) => {
      say(`${options.name}: ${states} states, depth ${depth} …`);
    },
  });
  const elapsedMs = Math.round(performance.now() - startedMs);
  return { world: options, exploration, agreement: agreementOf(world), elapsedMs };
}

/** Only what is between the markers is replaced; the words around it are written by people. */
async function writeDocs(table: string): Promise<void> {
  const text = readFileSync(docsFile, 'utf8');
  const [from, to] = [text.indexOf(markers[0]), text.indexOf(markers[1])];
  if (from < 0 || to < from) throw new Error(`${docsFile} has no lines "${markers.join('", "')}"`);
  const written = `${text.slice(0, from)}${markers[0]}\n\n${table}\n\n${text.slice(to)}`;
  // Only here: a development dependency.
  const { format } = await import('prettier');
  writeFileSync(docsFile, await format(written, { parser: 'markdown', printWidth: 100 }));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
