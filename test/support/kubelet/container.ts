// One life of one container: a process in the directory that plays its image, with the log and the
// termination message that it leaves. Dies with the test, however that ends.

import type { V1Container } from '@kubernetes/client-node';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnGuarded } from '../../../stack/guarded.js';
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
  readonly ended: Promise<EndOfLife>;
}

const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

/** Starts it, or throws what a container runtime would say. */
export async function startContainer(options: {
  readonly container: V1Container;
  readonly env: Readonly<Record<string, string>>;
  /** Of the image: what is its working directory. */
  readonly root: string;
  /** Of the pod. */
  readonly directory: string;
  /** Where the pod is reached. */
  readonly address: string;
  /** Numbers its lives, from 0. */
  readonly attempt: number;
}): Promise<ContainerLife> {
  const { container, root, directory, address, attempt } = options;
  const [program = 'node', ...args] = [...(container.command ?? []), ...(container.args ?? [])];
  const messageFile = join(directory, `${container.name}-${attempt}.termination-log`);
  const logFile = join(directory, `${container.name}-${attempt}.log`);
  writeFileSync(messageFile, '');
  closeSync(openSync(logFile, 'a'));
  const process_ = await spawnGuarded(
    container.name,
    program === 'node' ? process.execPath : program,
    args,
    {
      cwd: root,
      logFile,
      // What a container runtime does by namespaces: an address and a file of its own.
      env: { ...options.env, EVENKEEL_HOST: address, EVENKEEL_TERMINATION_LOG: messageFile },
    },
  );
  const startedAt = new Date();
  const containerID = `process://${randomUUID()}`;
  return {
    containerID,
    pid: process_.pid,
    startedAt,
    isRunning: () => process_.isRunning(),
    signal: (signal) => process_.signal(signal),
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
