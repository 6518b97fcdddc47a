// Owns: whether a command line of a document names what there is: the npm script, the command of ours, every
// option by the command's own --help. Runs nothing else.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { commandNames, main } from '../../src/cli/main.js';
import { evenkeelArguments, npmScript } from './shell-words.js';
import { root } from './source-tree.js';

const scripts = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  }
).scripts;
const npmVerbs = [
  'ci',
  'install',
  'i',
  'pack',
  'audit',
  'init',
  'view',
  'publish',
  'version',
  'pkg',
  'exec',
  'create',
];

/** The modules behind npm scripts, for their --help. */
const mains = Object.fromEntries(
  [
    ...readFileSync(join(root, 'stack/run.mjs'), 'utf8').matchAll(/'?([\w:]+)'?: '(\S+)\.js',/g),
  ].map(([, name = '', path = '']) => [name, `../../${path}.ts`]),
);

const helps = new Map<string, Promise<string>>();
function helpOf(name: string, argv: readonly string[]): Promise<string> {
  const key = [name, ...argv].join(' ');
  const known = helps.get(key) ?? (name === 'evenkeel' ? ownHelp(argv) : scriptHelp(name, argv));
  helps.set(key, known);
  return known;
}

async function ownHelp(argv: readonly string[]): Promise<string> {
  let text = '';
  const io = { out: (part: string) => void (text += part), err: () => undefined, env: {} };
  await main([...argv, '--help'], io);
  return text;
}

async function scriptHelp(name: string, argv: readonly string[]): Promise<string> {
  const module = (await import(mains[name] ?? '')) as {
    main(argv: readonly string[]): Promise<number>;
  };
  let text = '';
  const keep = (part: string | Uint8Array) => {
    text += String(part);
    return true;
  };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  try {
    await module.main([...argv, '--help']);
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
  return text;
}

const optionsIn = (args: readonly string[]) =>
  args.filter((arg) => /^--?[a-z]/.test(arg)).map((arg) => arg.split('=')[0] ?? '');

/** What is wrong about one command line. */
export async function complaintOf(words: readonly string[]): Promise<string | undefined> {
  const own = evenkeelArguments(words);
  if (own !== undefined) return complaintOfOwn(own);
  const npm = npmScript(words);
  if (npm !== undefined) {
    if (scripts[npm.script] === undefined) return `there is no npm script "${npm.script}"`;
    if (mains[npm.script] === undefined) return undefined;
    const verb = npm.script === 'stack' ? npm.args.slice(0, 1) : [];
    const asked = optionsIn(npm.args);
    if (asked.length === 0 && verb.length === 0) return undefined;
    return missing(asked, await helpOf(npm.script, verb), words);
  }
  if (words[0] === 'npm' && !npmVerbs.includes(words[1] ?? '')) return `npm knows no ${words[1]}`;
  if (words[0] === 'npx' && words[1] === 'vitest') {
    const gone = words
      .slice(2)
      .filter((word) => word.includes('/') && !existsSync(join(root, word)));
    return gone.length > 0 ? `${gone.join(', ')} is not there` : undefined;
  }
  return undefined;
}

async function complaintOfOwn(args: readonly string[]): Promise<string | undefined> {
  const [name] = args.filter((arg) => !arg.startsWith('-'));
  if (name === undefined) return missing(optionsIn(args), await helpOf('evenkeel', []), args);
  if (!commandNames.includes(name)) return `evenkeel has no command "${name}"`;
  const below = args[args.indexOf(name) + 1] ?? '';
  const whole = await helpOf('evenkeel', [name]);
  const isBelow = new RegExp(`^ {2}${below}\\b`, 'm').test(whole.split('Commands:')[1] ?? '');
  const path = below !== '' && isBelow ? [name, below] : [name];
  const help = path.length === 1 ? whole : whole + (await helpOf('evenkeel', path));
  // What stands behind `--` is of another program: `evenkeel supervisor … -- node --import tsx main.ts`.
  const end = args.indexOf('--', args.indexOf(name));
  return missing(optionsIn(end === -1 ? args : args.slice(0, end)), help, args);
}

function missing(asked: readonly string[], help: string, words: readonly string[]) {
  const gone = asked.filter(
    (option) => !new RegExp(`(^|[\\s,])${option}([\\s,=]|$)`, 'm').test(help),
  );
  return gone.length > 0 ? `${words.join(' ')}: there is no ${gone.join(', ')}` : undefined;
}
