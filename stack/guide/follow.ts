// Owns: doing what a guide says, literally, as somebody would who has an empty folder and a shell: files are
// written, commands run in one shell, one after the other, and what was started in the background goes on
// until the end. Never helps: a guide that leaves something out fails here.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../guarded.js';
import { tailOf } from '../programs.js';
import type { GuideStep } from './document.js';

export interface Followed {
  /** Of each step that was done, when it ended: ms since the beginning. */
  readonly endedMs: readonly number[];
  /** All that the commands said. */
  readonly output: string;
}

export interface FollowOptions {
  /** Empty or not there. Beside it come `<folder>.log` and `<folder>.steps`. */
  readonly folder: string;
  /** Where the backing services are. */
  readonly env: Readonly<Record<string, string>>;
  readonly withinMs: number;
  readonly onStep?: (step: GuideStep, endedMs: number) => void;
}

const pollMs = 50;

/** Throws naming the step that failed, with the end of what was said, or that took too long. */
export async function follow(
  steps: readonly GuideStep[],
  options: FollowOptions,
): Promise<Followed> {
  const { folder, env, withinMs, onStep = () => undefined } = options;
  const told = `${folder}.steps`;
  const logFile = `${folder}.log`;
  const ended = join(told, 'ended');
  mkdirSync(folder, { recursive: true });
  mkdirSync(told, { recursive: true });
  const script = join(told, 'all.sh');
  writeFileSync(script, scriptOf(steps, told, ended));
  writeFileSync(logFile, '');
  const beganMs = performance.now();
  const shell = await spawnGuarded('guide', 'bash', [script], { cwd: folder, env, logFile });
  const endedMs: number[] = [];
  const look = (): void => {
    const done = existsSync(ended) ? readFileSync(ended, 'utf8').length : 0;
    for (const step of steps.slice(endedMs.length, done)) {
      endedMs.push(performance.now() - beganMs);
      onStep(step, endedMs.at(-1) ?? 0);
    }
  };
  try {
    while (shell.isRunning() && performance.now() - beganMs < withinMs) {
      look();
      await Promise.race([shell.exited, sleep(pollMs)]);
    }
  } finally {
    await shell.stop();
  }
  look();
  const output = readFileSync(logFile, 'utf8');
  const failed = steps[endedMs.length];
  if (failed !== undefined) {
    const late = performance.now() - beganMs >= withinMs ? ' was not done in time' : ' failed';
    throw new Error(`line ${failed.line} (${failed.under})${late}:\n${tailOf(output)}`);
  }
  return { endedMs, output };
}

/** One shell for all steps: variables, folders and background jobs live on, as at a reader's prompt. */
function scriptOf(steps: readonly GuideStep[], told: string, ended: string): string {
  const lines = steps.flatMap((step, index) => {
    const path = join(told, String(index));
    writeFileSync(path, step.text.endsWith('\n') ? step.text : `${step.text}\n`);
    const name = step.name ?? '';
    const does =
      step.kind === 'file'
        ? [`mkdir -p ${quoted(dirname(name))}`, `cp ${quoted(path)} ${quoted(name)}`]
        : step.kind === 'run'
          ? [`echo '$ line ${step.line}'`, `. ${quoted(path)} < /dev/null`]
          : [];
    return [...does, `printf . >> ${quoted(ended)}`];
  });
  const endJobs = `trap 'kill $(jobs -p) 2> /dev/null; wait' EXIT`;
  // What the npm above us tells its scripts no reader has in the environment.
  const forget = 'unset NODE_ENV INIT_CWD "${!npm_@}"';
  return ['set -e', forget, endJobs, ...lines, ''].join('\n');
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
