// Owns: the command blocks of the documents as steps: what a reader types, and what the page says it prints.
import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Block } from './documents.js';
import { evenkeelArguments, statements } from './shell-words.js';
import { root } from './source-tree.js';

/** One thing that a reader types and ends with Enter. */
export interface Step {
  readonly block: Block;
  readonly command: string;
  /** What the document says it prints; undefined where it does not say. */
  readonly output: string | undefined;
}

const shells = ['sh', 'bash', 'shell', 'console'];
/** What some test reads, besides commands; `text` is what is no language. */
const readBySome = ['text', 'json', 'yaml', 'yml', 'ts', 'typescript', 'js', 'javascript', 'mjs'];
const beginsWithACommand =
  /^(\$ )?(npm|npx|node|evenkeel|temporal|kubectl|helm|docker|curl|git|python3?|export|sudo) [^=→]/m;

/** Why no test would look at a block; undefined when one does. */
export function complaintOfBlock({ language, text }: Block): string | undefined {
  if (language === '') return 'names no language';
  if (![...shells, ...readBySome].includes(language)) return `no test reads ${language}`;
  const [line] = language === 'text' ? (beginsWithACommand.exec(text) ?? []) : [];
  return line === undefined ? undefined : `a line begins with a command (${line}…): say sh`;
}

export const isShell = ({ language }: Block): boolean => shells.includes(language);

export function stepsOf(block: Block): readonly Step[] {
  if (block.language !== 'console') {
    return statements(block.text).map((command) => ({ block, command, output: undefined }));
  }
  const steps: { block: Block; command: string; output: string }[] = [];
  for (const line of block.text.split('\n')) {
    const last = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ block, command: line.slice(2), output: '' });
    else if (last === undefined) throw new Error(`starts with "${line}", not with $`);
    else if (last.command.endsWith('\\') && last.output === '') last.command += `\n${line}`;
    else last.output += `${line}\n`;
  }
  return steps;
}

/** Writes the files that a page shows (`file=NAME`) into the reader's folder. */
export function writeShownFiles(blocks: readonly Block[], page: string, folder: string): void {
  for (const { words, text } of blocks.filter((block) => block.page === page)) {
    const [, name] =
      /^file=([\w.-]+)$/.exec(words.find((word) => word.startsWith('file=')) ?? '') ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), `${text}\n`);
  }
}

/** A folder for offline commands of a page: the files that it shows, and the repository's own. */
export function folderFor(blocks: readonly Block[], page: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-page-'));
  for (const name of ['test', 'examples', 'helm', 'docs']) {
    symlinkSync(join(root, name), join(folder, name));
  }
  writeShownFiles(blocks, page, folder);
  return folder;
}

/** Whether a command needs nothing but files, and those are in the folder. */
export function runsOffline(words: readonly string[], folder: string): boolean {
  const args = evenkeelArguments(words);
  return args !== undefined && isOffline(args) && absentOf(args, folder).length === 0;
}

function isOffline(args: readonly string[]): boolean {
  const [name, below] = args;
  if (args.includes('--help') || args.includes('--version')) return true;
  if (name === 'plan') return true;
  if (name === 'policy') return below !== undefined && !args.includes('--measured');
  if (name === 'simulate') return !args.includes('--prometheus') && !args.includes('--search');
  return name === 'verify' && args.includes('--input');
}

/** Files that a command names and nobody shows. */
const absentOf = (args: readonly string[], folder: string) =>
  args.filter((arg) => /\.(json|yaml|yml|csv|jsonl)$/.test(arg) && !existsSync(join(folder, arg)));
