// Every command that a document shows exists, with every option, and is run by a test: those that need
// nothing but files are run here and print what the document says they print; which test runs each of the
// others is test/support/where-run.ts. A block that nobody can run says so by the word `no-run`; those are
// counted and listed.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';
import { complaintOf } from '../support/command-lookup.js';
import { pages, whereOf, type Block } from '../support/documents.js';
import { folderFor, isShell, runsOffline, stepsOf } from '../support/shell-blocks.js';
import { commandLines, evenkeelArguments, statements } from '../support/shell-words.js';
import { root } from '../support/source-tree.js';
import { elsewhere, plainly, whereRun, type Place } from '../support/where-run.js';

/** More blocks that nobody holds to anything would be a habit. */
const noRunMax = 20;

const all = pages();
const blocks = all.flatMap((page) => page.blocks);
const shell = blocks.filter(isShell);

const folders = new Map<string, string>();
function folderOf(page: string): string {
  const known = folders.get(page) ?? folderFor(blocks, page);
  folders.set(page, known);
  return known;
}
afterAll(() => {
  for (const folder of folders.values()) rmSync(folder, { recursive: true });
});

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

describe.each(shell.map((block) => [whereOf(block), block] as const))('%s', (_, block) => {
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

  it.skipIf(block.words.includes('no-run'))('prints what it says', async () => {
    const folder = folderOf(block.page);
    for (const { command, output } of steps) {
      const lines = commandLines(command);
      for (const { words, env, redirected } of lines) {
        const args = evenkeelArguments(words);
        const alone = !redirected && Object.keys(env).length === 0;
        const runs = alone && runsOffline(words, folder);
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

describe('commands within sentences, tables and help', () => {
  const inSentences = all
    .filter(({ path }) => path !== 'CHANGELOG.md')
    .flatMap(({ codes }) => codes)
    .filter(({ text }) => /^(npm|npx|evenkeel) [\w-]/.test(text) && !text.endsWith(' …'))
    .map((code) => [code, code.text] as const);
  // Examples of a help, below `Examples:`.
  const inHelp = blocks
    .filter(({ language }) => language === 'text')
    .flatMap((block) =>
      [...block.text.matchAll(/^ +\$ (.*(?:\\\n.*)*)/gm)].map(
        ([, text = '']) => [block, text] as const,
      ),
    );

  it('and their options are there', async () => {
    const wrong: string[] = [];
    for (const [place, text] of [...inSentences, ...inHelp]) {
      for (const { words } of commandLines(text.replaceAll('…', 'X'))) {
        const complaint = await complaintOf(words);
        if (complaint !== undefined) wrong.push(`${whereOf(place)}: ${text}: ${complaint}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(Math.min(inSentences.length, inHelp.length)).toBeGreaterThan(20);
  });
});

describe('where commands are run', () => {
  const steps = shell.flatMap(stepsOf);
  const placed = steps.map((step) => [step, whereRun(step, folderOf(step.block.page))] as const);
  const of = (kind: Place['kind']) => placed.filter(([, place]) => place.kind === kind);

  it('is known of each: run it, name the test that does, or say no-run', () => {
    const lost = of('nowhere').map(([{ block, command }]) => `${whereOf(block)}: ${command}`);
    expect(lost, 'see test/support/where-run.ts').toEqual([]);
    const counts = ['offline', 'live', 'elsewhere', 'tests', 'no-run'] as const;
    console.log(counts.map((kind) => `${of(kind).length} ${kind}`).join(', '));
  });

  it('is there, and speaks of it', () => {
    const wrong = placed.flatMap(([{ command }, place]) => {
      if (place.kind !== 'elsewhere') return [];
      const path = join(root, place.by);
      const speaks = existsSync(path) && readFileSync(path, 'utf8').includes(place.says);
      return speaks ? [] : [`${command}: ${place.by} does not say ${place.says}`];
    });
    expect(wrong).toEqual([]);
  });

  it('is written down for no command that is gone', () => {
    const commands = steps.map(({ command }) => plainly(command));
    const idle = elsewhere.filter(([pattern]) => !commands.some((one) => pattern.test(one)));
    expect(idle.map(([pattern]) => pattern.source)).toEqual([]);
  });

  it('is a project that Vitest has, where a command runs tests', () => {
    const config = readFileSync(join(root, 'vitest.config.ts'), 'utf8');
    for (const [{ command }] of of('tests')) {
      const [, project] = /--project (\w+)/.exec(command) ?? [];
      if (project !== undefined) expect(config).toContain(`name: '${project}'`);
    }
    expect(of('tests').length).toBeGreaterThan(0);
  });

  it('sees a command that nobody runs', () => {
    const block: Block = { page: 'docs/x.md', line: 1, language: 'sh', words: [], text: '' };
    const kindOf = (command: string, words: readonly string[] = []) =>
      whereRun({ block: { ...block, words }, command, output: undefined }, root).kind;
    expect(kindOf('kubectl get pods')).toBe('nowhere');
    expect(kindOf('kubectl get pods', ['no-run'])).toBe('no-run');
    expect(kindOf('npm run bench -- --only sleep')).toBe('nowhere');
    expect(kindOf('evenkeel status messaging')).toBe('live');
    expect(kindOf('evenkeel status messaging && kubectl get pods')).toBe('nowhere');
    expect(kindOf('evenkeel plan --help')).toBe('offline');
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

  it('join lines that go on, and leave out remarks', () => {
    const text = "# why\na '#b' \\\n  b # it's\n\nnode -e \"\n  'x';\"\nd";
    expect(statements(text)).toEqual(["a '#b' \\\n  b", 'node -e "\n  \'x\';"', 'd']);
  });
});
