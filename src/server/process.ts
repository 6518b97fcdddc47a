// What both server processes do the same way: JSON lines on standard output, one sentence and an exit
// code when they cannot start, orderly ends on signals. Never logs a token, a body or an address with
// a password.

import { appendFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pino, type DestinationStream, type Logger } from 'pino';
import { AssertionError, BadInputError } from '../errors.js';

/** Exit codes of a server process. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, fenced: 3 } as const;

/** Where a container's termination message is, unless its manifest says otherwise. */
export const terminationLog = '/dev/termination-log';

/** Never written, wherever they stand in what is logged. */
const secrets = ['token', 'body', 'authorization', 'uri', 'key', 'd'];

/** One JSON object a line. */
export function createLog(
  fields: Readonly<Record<string, string>>,
  to: DestinationStream = pino.destination(1),
): Logger {
  return pino({ base: fields, redact: secrets.flatMap((name) => [name, `*.${name}`]) }, to);
}

/** Whether a module is the program that Node was told to run. */
export function isProgram(moduleUrl: string): boolean {
  const program = process.argv[1];
  if (program === undefined) return false;
  try {
    return realpathSync(program) === fileURLToPath(moduleUrl);
  } catch {
    return false;
  }
}

/** Runs a server to its end and exits with its code; a failure is one sentence on standard error. */
export async function runProgram(main: () => Promise<number>): Promise<never> {
  let code: number;
  process.on('uncaughtExceptionMonitor', (error) => sayLast(error, process.env));
  try {
    code = await main();
  } catch (error) {
    code = error instanceof BadInputError ? exitCodes.badInput : exitCodes.failed;
    process.stderr.write(`${sentenceOf(error)}\n`);
    sayLast(error, process.env);
  }
  process.exit(code);
}

/**
 * In a pod: leaves the sentence in the termination message, behind the name of this life, where
 * `kubectl describe pod` and a saga that waited for this instance find it.
 */
export function sayLast(error: unknown, env: Readonly<Record<string, string | undefined>>): void {
  if (!env['EVENKEEL_POD_UID']) return;
  const [sentence] = sentenceOf(error).split('\n');
  try {
    appendFileSync(env['EVENKEEL_TERMINATION_LOG'] || terminationLog, `${sentence}\n`);
  } catch {
    // It stands on standard error, too.
  }
}

export interface Termination {
  /** Resolves with the first signal that asks the process to end, once it was `armed`. */
  readonly asked: Promise<NodeJS.Signals>;
  /** Resolves with SIGINT, or a second signal: everything ends, and nothing else will happen first. */
  readonly hurried: Promise<unknown>;
  /** From here on the process ends in order; before, nothing is held and it just exits. */
  arm(): void;
}

export function onTermination(): Termination {
  let armed = false;
  let signals = 0;
  let hurry: (how: unknown) => void = () => undefined;
  const hurried = new Promise<unknown>((resolve) => (hurry = resolve));
  const asked = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (!armed) process.exit(exitCodes.done);
        signals += 1;
        if (signal === 'SIGINT' || signals > 1) hurry(signal);
        resolve(signal);
      });
    }
  });
  return {
    asked,
    hurried,
    arm: () => {
      armed = true;
    },
  };
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A bug of ours needs its place; whoever operates the server needs the sentence.
  return error instanceof AssertionError ? (error.stack ?? error.message) : error.message;
}
