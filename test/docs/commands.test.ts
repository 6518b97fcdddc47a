// Every command that a document shows exists, with every option; those that need nothing but files are
// run, and print what the document says they print. A block of a kind that cannot be held to this
// says so by the word `no-run`; those are counted and listed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';
import { complaintOf } from '../support/command-lookup.js';
import { pages, whereOf, type Block } from '../support/documents.js';
import { commandLines, evenkeelArguments } from '../support/shell-words.js';
import { root } from '../support/source-tree.js';

/** More blocks that nobody holds to anything would be a habit. */
const noRunMax = 20;

const all = pages();
const blocks = all.flatMap((page) => page.blocks);
const isShell = ({ language }: Block) => ['sh', 'bash', 'shell', 'console'].includes(language);
/** Without an info string a block is what it looks like. */
const looksLikeShell = ({ language, text }: Block) =>
  language === '' && /^(\$ |npm |npx |evenkeel )/.test(text.trimStart());
const shell = blocks.filter((block) => isShell(block) || looksLikeShell(block));
const held = shell.filter(({ words }) => !words.includes('no-run'));

/** A block's commands, each with what the document says it prints; undefined where it does not say. */
interface Step {
  readonly command: string;
  readonly output: string | undefined;
}

function stepsOf({ language, text }: Block): readonly Step[] {
  if (language !== 'console') return [{ command: text, output: undefined }];
  const steps: { command: string; output: string }[] = [];
  for (const line of text.split('\n')) {
    const last = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: '' });
    else if (last === undefined) throw new Error(`starts with "${line}", not with $`);
    else if (last.command.endsWith('\\') && last.output === '') last.command += `\n${line}`;
    else last.output += `${line}\n`;
  }
  return steps;
}

/** Commands that need nothing but files. */
function isOffline(args: readonly string[]): boolean {
  const [name, below] = args;
  if (args.includes('--help') || args.includes('--version')) return true;
  if (name === 'plan') return true;
  if (name === 'policy') return below !== undefined && !args.includes('--measured');
  if (name === 'simulate') return !args.includes('--prometheus') && !args.includes('--search');
  return name === 'verify' && args.includes('--input');
}

const folders = new Map<string, string>();
/** A folder for the commands of a page: the files that it shows (`file=NAME`), and the repository's own. */
function folderOf(page: string): string {
  const known = folders.get(page);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-page-'));
  for (const name of ['test', 'examples', 'helm', 'docs']) {
    symlinkSync(join(root, name), join(folder, name));
  }
  for (const { words, text } of blocks.filter((block) => block.page === page)) {
    const [, name] =
      /^file=([\w.-]+)$/.exec(words.find((word) => word.startsWith('file=')) ?? '') ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), `${text}\n`);
  }
  folders.set(page, folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders.values()) rmSync(folder, { recursive: true });
});

/** Files that an offline command names and nobody shows. */
const absent = (args: readonly string[], folder: string) =>
  args.filter((arg) => /\.(json|yaml|yml|csv|jsonl)$/.test(arg) && !existsSync(join(folder, arg)));

async function run(
  args: readonly string[],
  folder: string,
): Promise<{ code: number; text: string }> {
  const before = process.cwd();
  let out = '';
  let err = '';
  const io = {
    out: (part: string) => void (out += part),
    err: (part: string) => void (err += part),
    env: {},
  };
  process.chdir(folder);
  try {
    const code = await main(args, io);
    // Progress is no answer; a complaint is.
    return { code, text: code === 0 || out !== '' ? out : err };
  } finally {
    process.chdir(before);
  }
}

/** Times are of this machine; `…` in a document stands for whatever there is. */
const comparable = (text: string) =>
  text
    .replace(/[\u00a0\u202f]/g, ' ')
    .replace(/[\d.]+ ms\b/g, 'N ms')
    .replace(/"elapsedMs":[\d.]+/g, '"elapsedMs":N')
    .trimEnd();

function expectOutput(shown: string, printed: string): void {
  const parts = comparable(shown).split('…');
  const text = comparable(printed);
  if (parts.length === 1) return void expect(text).toBe(parts[0]);
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    expect(found, `${JSON.stringify(part)} in\n${text}`).toBeGreaterThanOrEqual(0);
    at = found + part.length;
  }
}

const seen = { checked: 0, run: 0, compared: 0 };

describe.each(held.map((block) => [whereOf(block), block] as const))('%s', (_, block) => {
  const steps = stepsOf(block);

  it('is what a shell can read', () => {
    const script = steps.map(({ command }) => command).join('\n');
    expect(() => execFileSync('bash', ['-n'], { input: script, stdio: 'pipe' })).not.toThrow();
  });

  it('names commands and options that there are', async () => {
    const wrong: string[] = [];
    for (const { command } of steps) {
      for (const { words } of commandLines(command)) {
        seen.checked += 1;
        const complaint = await complaintOf(words);
        if (complaint !== undefined) wrong.push(complaint);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('prints what it says', async () => {
    for (const { command, output } of steps) {
      const lines = commandLines(command);
      for (const { words, env, redirected } of lines) {
        const args = evenkeelArguments(words);
        const folder = folderOf(block.page);
        const runs =
          args !== undefined &&
          !redirected &&
          Object.keys(env).length === 0 &&
          isOffline(args) &&
          absent(args, folder).length === 0;
        expect(
          runs || output === undefined,
          `"${words.join(' ')}" shows output and cannot be run here: say no-run`,
        ).toBe(true);
        if (!runs || args === undefined) continue;
        seen.run += 1;
        const { code, text } = await run(args, folder);
        if (output === undefined) expect(code, text).toBe(0);
        else if (lines.length === 1) {
          seen.compared += 1;
          expectOutput(output, text);
        }
      }
    }
  });
});

describe('what is held to nothing', () => {
  it('says so, and is little', () => {
    const noRun = blocks.filter(({ words }) => words.includes('no-run')).map(whereOf);
    console.log(
      `${seen.checked} command lines looked up, ${seen.run} run, ${seen.compared} compared with what is shown; ` +
        `${noRun.length} blocks not run: ${noRun.join(', ')}`,
    );
    expect(noRun.length).toBeLessThanOrEqual(noRunMax);
    expect(seen.run).toBeGreaterThan(0);
  });
});

describe('these rules', () => {
  it('see what there is not', async () => {
    const all =
      'npm run nonsense; evenkeel fly; evenkeel plan --fast; npm run bench -- --slow; npx vitest run test/gone';
    const complaints = await Promise.all(commandLines(all).map(({ words }) => complaintOf(words)));
    expect(complaints.filter((complaint) => complaint !== undefined)).toHaveLength(5);
  });

  it('read a command line as a shell does', () => {
    const [first, second, third] = commandLines(
      `A=1 npm run -s evenkeel -- plan --input 'a b.json' # why\nevenkeel x \\\n  --y "z" | jq . > f && ls`,
    );
    expect(first).toEqual({
      env: { A: '1' },
      words: ['npm', 'run', '-s', 'evenkeel', '--', 'plan', '--input', 'a b.json'],
      redirected: false,
    });
    expect(second?.words).toEqual(['evenkeel', 'x', '--y', 'z']);
    expect(third).toMatchObject({ words: ['jq', '.'], redirected: true });
  });
});
