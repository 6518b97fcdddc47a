// Owns: the programs of this checkout that a local Evenkeel consists of: where they are in dist/, how
// they are started so that they die with this process, and waiting until one answers its probe.
// Never knows which services there are.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkoutDir } from '../../stack/checkout.js';
import { spawnGuarded, type GuardedProcess } from '../../stack/guarded.js';
import { tailOf } from '../../stack/programs.js';
import { UnreachableError } from '../errors.js';

/** From start to a probe that says ready: reading logs of a fresh service takes a second or two. */
const readyWithinMs = 60_000;
const pollMs = 50;
const probeTimeoutMs = 1_000;

/** Module of each program below dist/, and the arguments it takes first. */
const programs = {
  supervisor: ['src/supervisor/main.js'],
  instance: ['src/messaging/instance-main.js'],
  directory: ['src/directory/main.js'],
  worker: ['src/cli/main.js', 'worker'],
} as const;

export type ProgramName = keyof typeof programs;

/** Arguments of Node that run a program. Throws when dist/ was not built. */
export function argumentsOf(name: ProgramName): string[] {
  const [module, ...first] = programs[name];
  return [builtModule(module), ...first];
}

function builtModule(module: string): string {
  const path = join(checkoutDir, 'dist', module);
  if (existsSync(path)) return path;
  throw new UnreachableError(module, `${path} is missing: run \`npm run build\` first`);
}

/** A program of this checkout's build as what every instance of a service is. */
export function builtProgram(module: string): { command: string; args: readonly string[] } {
  return { command: process.execPath, args: [builtModule(module)] };
}

/** The build that instances run, and their arguments in which `{image}` stands for it. */
export function imageOf(name: ProgramName): { readonly image: string; readonly args: string[] } {
  const image = join(checkoutDir, 'dist');
  const [path, ...rest] = argumentsOf(name) as [string, ...string[]];
  return { image, args: [path.replace(image, '{image}'), ...rest] };
}

/** Starts a program of ours; its output goes to `<logDir>/<title>.log`. */
export function startProgram(
  name: ProgramName,
  options: {
    readonly title: string;
    readonly logDir: string;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<GuardedProcess> {
  const { title, logDir, env } = options;
  return spawnGuarded(title, process.execPath, argumentsOf(name), {
    env,
    logFile: join(logDir, `${title}.log`),
  });
}

/**
 * Waits until `look` finds something, and ends early, with the tail of the program's log, when the
 * program has ended or the bound has passed.
 */
export async function whenReady<T>(
  program: GuardedProcess,
  logDir: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const untilMs = performance.now() + readyWithinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    const isOver = performance.now() > untilMs;
    if (isOver || !program.isRunning()) {
      const what = isOver ? `is not ready after ${readyWithinMs / 1000} s` : 'ended at its start';
      const log = join(logDir, `${program.name}.log`);
      const tail = existsSync(log) ? tailOf(readFileSync(log, 'utf8')) : '';
      throw new UnreachableError(program.name, `${program.name} ${what}; its log ends:\n${tail}`);
    }
    await sleep(pollMs);
  }
}

/** True when the probe answers 2xx. */
export async function isReady(probePort: number): Promise<true | undefined> {
  try {
    const url = `http://127.0.0.1:${probePort}/healthz/ready`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(probeTimeoutMs) });
    await answer.body?.cancel();
    return answer.ok ? true : undefined;
  } catch {
    return undefined;
  }
}
