// One life of one container: a process in the directory that plays its image, with the log and the
// termination message that it leaves. Dies with the test, however that ends.

import type { V1Container } from '@kubernetes/client-node';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnGuarded } from '../../../stack/guarded.js';
import type { Image } from './image.js';
import { sandboxed, type Invocation, type Sandbox } from './sandbox.js';
import { messageMaxBytes } from './timing.js';

export interface EndOfLife {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason: 'Completed' | 'Error';
  readonly message?: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly containerID: string;
}

export interface ContainerLife {
  readonly containerID: string;
  readonly pid: number;
  readonly startedAt: Date;
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Another program beside it, as by `kubectl exec`: with what it has. */
  exec(command: readonly string[]): Promise<ExecResult>;
  readonly ended: Promise<EndOfLife>;
}

export interface ExecResult {
  readonly code: number | null;
  /** Both of its streams. */
  readonly output: string;
}

const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

export interface ContainerOptions {
  readonly container: V1Container;
  readonly image: Image;
  readonly env: Readonly<Record<string, string>>;
  /** Of the image: what is its working directory. */
  readonly root: string;
  /** Of the pod. */
  readonly directory: string;
  /** Where the pod is reached. */
  readonly address: string;
  /** Numbers its lives, from 0. */
  readonly attempt: number;
  /** Undefined: it runs in the open. */
  readonly confine: ((messageFile: string) => Promise<Sandbox>) | undefined;
}

/** Starts it, or throws what a container runtime would say. */
export async function startContainer(options: ContainerOptions): Promise<ContainerLife> {
  const { container, root, directory, address, attempt } = options;
  const messageFile = join(directory, `${container.name}-${attempt}.termination-log`);
  const logFile = join(directory, `${container.name}-${attempt}.log`);
  writeFileSync(messageFile, '');
  closeSync(openSync(logFile, 'a'));
  // What a container runtime does by namespaces: an address of its own, and a file.
  const given = { EVENKEEL_HOST: address, EVENKEEL_CONSOLE_HOST: address };
  const sandbox = await options.confine?.(messageFile);
  const invoke = async (title: string, command: readonly string[], log: string) => {
    const [program = '', ...args] = command;
    const invocation = { program: program === 'node' ? process.execPath : program, args };
    if (sandbox === undefined) {
      const env = { ...options.env, ...given, EVENKEEL_TERMINATION_LOG: messageFile };
      return start(title, invocation, { cwd: root, logFile: log, env });
    }
    const inside = { ...sandbox, env: { ...sandbox.env, ...given } };
    return start(title, sandboxed(inside, invocation), { logFile: log });
  };
  const process_ = await invoke(container.name, commandOf(options), logFile);
  const startedAt = new Date();
  const containerID = `process://${randomUUID()}`;
  let execs = 0;
  return {
    containerID,
    pid: process_.pid,
    startedAt,
    isRunning: () => process_.isRunning(),
    signal: (signal) => process_.signal(signal),
    exec: async (command) => {
      execs += 1;
      const log = join(directory, `${container.name}-${attempt}.exec-${execs}.log`);
      const { code } = await (await invoke('exec', command, log)).exited;
      return { code, output: readFileSync(log, 'utf8') };
    },
    ended: process_.exited.then(({ code, signal }): EndOfLife => {
      const number = signal === null ? undefined : signalNumbers[signal];
      const exitCode = code ?? 128 + (number ?? 0);
      const message = messageOf(container, { exitCode, messageFile, logFile });
      return {
        exitCode,
        ...(number === undefined ? {} : { signal: number }),
        reason: exitCode === 0 ? 'Completed' : 'Error',
        ...(message === '' ? {} : { message }),
        startedAt,
        finishedAt: new Date(),
        containerID,
      };
    }),
  };
}

const start = (
  title: string,
  { program, args }: Invocation,
  options: Parameters<typeof spawnGuarded>[3],
) => spawnGuarded(title, program, args, options);

/** `command` takes the place of the image's entrypoint, `args` that of its arguments. */
function commandOf({ container, image }: ContainerOptions): readonly string[] {
  const { command, args } = container;
  return [...(command ?? image.entrypoint), ...(args ?? (command === undefined ? image.cmd : []))];
}

/** What it wrote there, or, where the pod says so, the end of its log when it failed. */
function messageOf(
  container: V1Container,
  life: { exitCode: number; messageFile: string; logFile: string },
): string {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const written = read(life.messageFile).slice(0, 2 * messageMaxBytes);
  const fallsBack = container.terminationMessagePolicy === 'FallbackToLogsOnError';
  if (written !== '' || !fallsBack || life.exitCode === 0) return written;
  return read(life.logFile).slice(-messageMaxBytes);
}
