// Owns: one child process of the load generator, from its start to its certain end, and the words to
// and from it. It dies with this process, by whatever way. Never knows what the words mean.

import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../../stack/checkout.js';
import { processGuard } from '../../stack/guarded.js';
import { UnreachableError } from '../errors.js';
import type { CrowdReport, Order, Word } from './crowd-messages.js';
import { answerWithinMs, endWithinMs, startWithinMs } from './limits.js';

export interface CrowdProcess {
  readonly pid: number;
  tell(order: Order): void;
  /** Everything that the process saw before has been told to `onWord` when it resolves. */
  report(): Promise<CrowdReport>;
  /** How it ended, if nobody had asked it to. */
  failure(): string | undefined;
  /** Rejects with that when it happens; never resolves. */
  readonly broken: Promise<never>;
  stop(): Promise<void>;
}

const never = new Promise<never>(() => undefined);

export async function startCrowdProcess(
  name: string,
  onWord: (word: Exclude<Word, { kind: 'report' }>) => void,
): Promise<CrowdProcess> {
  const path = join(checkoutDir, 'dist', 'src', 'load', 'crowd-main.js');
  if (!existsSync(path)) {
    throw new UnreachableError(name, `${path} is missing: run \`npm run build\` first`);
  }
  const child = fork(path, [], {
    serialization: 'advanced',
    detached: true, // The terminal's Ctrl-C is for the parent.
    execArgv: [],
  });
  const pid = child.pid ?? 0;
  processGuard().watch(pid);
  const asked = new Map<number, (report: CrowdReport) => void>();
  let asks = 0;
  let stopping = false;
  let failure: string | undefined;
  let ready = (): void => undefined;
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => (failure ??= error.message));
    child.once('exit', (code, signal) => {
      processGuard().unwatch(pid);
      if (!stopping) failure ??= `${name} ended: ${signal ?? `exit code ${code}`}`;
      resolve();
    });
  });
  child.on('message', (message) => {
    const word = message as Word;
    if (word.kind === 'ready') ready();
    if (word.kind !== 'report') return onWord(word);
    asked.get(word.ask)?.(word.report);
    asked.delete(word.ask);
  });

  const within = <T>(wait: Promise<T>, ms: number, what: string): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${name} ${what} within ${ms / 1000} s`)), ms);
    });
    const gone = ended.then(() => {
      throw new Error(failure ?? `${name} has ended`);
    });
    return Promise.race([wait, late, gone]).finally(() => clearTimeout(timer));
  };
  const tell = (order: Order): void => {
    if (child.connected) child.send(order, () => undefined);
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    tell({ kind: 'stop' });
    const timer = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
    await ended;
    clearTimeout(timer);
  };

  try {
    await within(isReady, startWithinMs, 'did not start');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid,
    tell,
    report: () => {
      asks += 1;
      const ask = asks;
      const answer = new Promise<CrowdReport>((resolve) => asked.set(ask, resolve));
      tell({ kind: 'report', ask });
      return within(answer, answerWithinMs, 'did not answer').finally(() => asked.delete(ask));
    },
    failure: () => failure,
    broken: ended.then(() => (failure === undefined ? never : Promise.reject(new Error(failure)))),
    stop,
  };
}
