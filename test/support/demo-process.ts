// Owns: a command of this checkout (the demo, the load generator) as a child process, built or as a person
// types it, with what it printed and which processes it started. Finds processes by /proc, so it is of use on Linux only.

import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkoutDir, identityOf, isSameProcess } from '../../stack/checkout.js';
import { processGuard } from '../../stack/guarded.js';

export interface StartedProgram {
  readonly pid: number;
  output(): string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
  /** Processes that it started, directly or not, its guards included; each with its start time. */
  descendants(): readonly { pid: number; startId?: string | undefined }[];
}

export const stackVariables = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_UI_URL',
  'KAFKA_BROKERS',
  'MONGODB_URI',
];

/** `ownStack`: it must start Temporal, Kafka and MongoDB itself, whatever the environment names. */
export function startDemo(argv: readonly string[], options: { ownStack: boolean }): StartedProgram {
  const absent = options.ownStack ? stackVariables : [];
  return startProgram('examples/demo/main.js', argv, {}, absent);
}

/** Runs `main(argv)` of a module below dist/, with these variables and without those. */
export function startProgram(
  module: string,
  argv: readonly string[],
  more: Readonly<Record<string, string>> = {},
  absent: readonly string[] = [],
): StartedProgram {
  const url = pathToFileURL(join(checkoutDir, 'dist', module)).href;
  const code = `process.exit(await (await import(${JSON.stringify(url)})).main(process.argv.slice(1)));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code, '--', ...argv], {
    env: environment(more, absent),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watched(child, (signal) => void child.kill(signal));
}

/** What a person types in a terminal of their own: a signal reaches all of it, as Ctrl-C does. */
export function typeLine(
  line: string,
  options: {
    readonly cwd?: string;
    readonly more?: Readonly<Record<string, string>>;
    readonly absent?: readonly string[];
  } = {},
): StartedProgram {
  const child = spawn('bash', ['-ec', line], {
    cwd: options.cwd ?? checkoutDir,
    env: environment({ COLUMNS: '80', ...options.more }, options.absent ?? []),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = child.pid as number;
  processGuard().watch(pid);
  child.once('close', () => processGuard().unwatch(pid));
  return watched(child, (signal) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // All of it has ended.
    }
  });
}

function environment(
  more: Readonly<Record<string, string>>,
  absent: readonly string[],
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...more };
  for (const name of absent) delete env[name];
  return env;
}

function watched(child: ChildProcess, kill: (signal: NodeJS.Signals) => void): StartedProgram {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => (output += text));
  }
  const pid = child.pid as number;
  return {
    pid,
    output: () => output,
    ended: new Promise((resolve) => {
      child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
    }),
    kill,
    descendants: () => descendantsOf(pid).map((one) => identityOf(one)),
  };
}

/** Those of the processes that still are what they were. */
export function living<T extends { pid: number }>(processes: readonly T[]): T[] {
  return processes.filter((one) => isSameProcess(one));
}

function descendantsOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name in parentheses may hold anything; the state and the parent follow it.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Gone meanwhile.
    }
  }
  const found: number[] = [];
  for (const queue = [root]; queue.length > 0;) {
    const own = children.get(queue.shift() as number) ?? [];
    found.push(...own);
    queue.push(...own);
  }
  return found;
}
