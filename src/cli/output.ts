// Owns: what a command leaves behind: one JSON object or text on standard output, progress on
// standard error, the exit code, and the form of errors. Never does the work of a command.

import { BadInputError, UnreachableError } from '../errors.js';
import { MissingPackageError } from '../package/peers.js';
import { widthOf, wrapText } from './wrap.js';

/** 0 done, 1 failed, 2 wrong use or input, 3 refused by policy. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Where a command reads its surroundings and writes; handed in, so that tests need no process. */
export interface CliIo {
  out(text: string): void;
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Width of the terminal that standard output is; undefined when it is none. */
  columns?(): number | undefined;
  /** Resolves when everything written to standard output has been taken. */
  flush?(): Promise<void>;
}

/** The streams and the environment of this process. */
export const processIo: CliIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  columns: () =>
    process.stdout.isTTY && process.env['TERM'] !== 'dumb' ? process.stdout.columns : undefined,
  // A pipe takes 64 KiB at once, a plan can be larger, and the process exits after main.
  flush: () => new Promise((resolve) => process.stdout.write('', () => resolve())),
};

/**
 * Ends the process when standard output takes no more: without a word when its reader has gone (`| head`),
 * with a sentence when the disk is full. What standard error does not take is lost, and stops nothing.
 */
export function endWithoutReader(
  streams: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process,
  exit: (code: ExitCode) => void = (code) => process.exit(code),
): void {
  streams.stderr.on('error', () => undefined);
  streams.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      streams.stderr.write(`evenkeel: standard output cannot be written (${error.message})\n`);
    }
    exit(1);
  });
}

/** Columns that people's text may take. */
export const widthOfIo = (io: CliIo): number => widthOf(io.columns?.(), io.env['COLUMNS']);

/** The JSON form of an error: what was wrong, where, and what would be right. */
export interface ErrorJson {
  readonly error: {
    readonly field?: string;
    readonly found?: string;
    readonly allowed?: string;
    readonly message: string;
  };
}

/** Wrong use or input is 2; everything else that goes wrong is 1. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof BadInputError ? 2 : 1;
}

/** One object for programs; absent members are left out. */
export function errorJson(error: unknown): ErrorJson {
  const message = sentenceOf(error);
  if (!(error instanceof BadInputError)) return { error: { message } };
  return {
    error: {
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error.found === undefined ? {} : { found: error.found }),
      ...(error.allowed === undefined ? {} : { allowed: error.allowed }),
      message,
    },
  };
}

/**
 * One clear paragraph for people; a stack trace only when `debug` asks for it. `help`: what to type to
 * see what can be said, after a wrong argument.
 */
export function errorText(error: unknown, debug: boolean, width: number, help?: string): string {
  const lines = [`evenkeel: ${sentenceOf(error)}`];
  if (error instanceof BadInputError) {
    if (error.field !== undefined) lines.push(`  field:    ${error.field}`);
    if (error.found !== undefined) lines.push(`  found:    ${error.found}`);
    if (error.allowed !== undefined) lines.push(`  allowed:  ${error.allowed}`);
    if (help !== undefined && isArgument(error.field))
      lines.push(`  nothing was done; what is possible: ${help}`);
  } else if (!saysWhatToDo(error) && !debug) {
    lines.push('  (EVENKEEL_DEBUG=1 shows where this came from)');
  }
  const said = wrapText(lines.join('\n'), width);
  const stack = debug && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return `${said}${stack}\n`;
}

/** Where it came from in our code helps nobody. */
const saysWhatToDo = (error: unknown): boolean =>
  error instanceof UnreachableError || error instanceof MissingPackageError;

/** Of the command line; files and settings have fields, too. */
function isArgument(field: string | undefined): boolean {
  return field !== undefined && (field.startsWith('--') || ['service', 'revision'].includes(field));
}

/** First line of the message: client libraries put stacks and dumps behind it. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return (text.split('\n')[0] ?? text).trim() || 'unknown error';
}
