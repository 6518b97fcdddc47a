// `npm run guide`: follows docs/embedding.md on an empty folder, with the package as it would be published and
// a local stack, and says how long it took from nothing to the end of each chapter.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packPackage } from '../release/npm.js';
import { startStack } from '../start.js';
import { guideSteps, withTarball, type GuideStep } from './document.js';
import { follow } from './follow.js';

const usage =
  'npm run guide -- [DOCUMENT] [--keep]: default docs/embedding.md; --keep leaves the folder';
/** The guide promises 15 minutes to a person; a machine that only types is given as long. */
const withinMs = 15 * 60_000;

export async function main(argv: readonly string[]): Promise<number> {
  const [document = 'docs/embedding.md', ...more] = argv.filter((one) => !one.startsWith('--'));
  const flags = argv.filter((one) => one.startsWith('--'));
  if (more.length > 0 || flags.some((flag) => flag !== '--keep')) {
    say(usage);
    return 2;
  }
  if (!existsSync(document)) {
    say(`${resolve(document)} is not there; ${usage}`);
    return 2;
  }
  const steps = guideSteps(readFileSync(document, 'utf8'));
  if (steps.length === 0) {
    say(`${document} has no step: no \`\`\`sh block and no file=NAME`);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-guide-'));
  const stack = await startStack({ onProgress: (line) => say(`stack: ${line}`) });
  try {
    await followed(steps, directory, stack.env);
    return 0;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await stack.stop();
    if (flags.includes('--keep')) say(`what was made is in ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  }
}

async function followed(
  steps: readonly GuideStep[],
  directory: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const packing = join(directory, 'package');
  mkdirSync(packing);
  const packed = await packPackage(packing);
  say(`evenkeel is ${packed.path}, ${(packed.sizeBytes / 1e6).toFixed(1)} MB`);
  const own = steps.map((step) => ({ ...step, text: withTarball(step.text, packed.path) }));
  const { endedMs } = await follow(own, {
    folder: join(directory, 'reader'),
    env,
    withinMs,
    onStep: (step, atMs) => say(`${secondsOf(atMs)}  line ${step.line}  ${wordsOf(step)}`),
  });
  say('from an empty folder to the end of');
  for (const [under, ms] of new Map(own.map((step, at) => [step.under, endedMs[at] ?? 0]))) {
    say(`${secondsOf(ms)}  ${under}`);
  }
}

function wordsOf({ kind, name = '', text, under }: GuideStep): string {
  if (kind === 'file') return `wrote ${name} (${text.split('\n').length} lines)`;
  if (kind === 'stack') return `${under}: the local stack runs already`;
  return `${under}: ${text.split('\n')[0] ?? ''}`;
}

const secondsOf = (ms: number): string => `${(ms / 1000).toFixed(1)} s`.padStart(8);
const say = (line: string): void => void process.stdout.write(`guide: ${line}\n`);
