// Owns: the tables in docs/benchmarks.md: only what is between a group's two markers is ever
// replaced, the words around it are written by people.
import { readFileSync, writeFileSync } from 'node:fs';
import { machineLines, type Machine } from './report.js';

/** Replaces what is between the markers of a group; throws when the file has none. */
export async function writeTables(
  file: string,
  group: string,
  tables: string,
  machine: Machine,
): Promise<void> {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- bench ${group}: begin -->`, `<!-- bench ${group}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no lines "${begin}" and "${end}"`);
  const body = `${begin}\n\nMeasured on ${machineLines(machine).join(', ')}.\n\n${tables}\n`;
  const written = text.slice(0, from) + body + text.slice(to);
  // Only here: a development dependency.
  const { format } = await import('prettier');
  writeFileSync(file, await format(written, { parser: 'markdown', printWidth: 100 }));
}
