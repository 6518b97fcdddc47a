// Owns: finding programs on PATH and running them to their end with their output kept; they end with
// this process too. Never decides what to do about a missing one.
import { spawn } from 'node:child_process';
import { accessSync, constants, createWriteStream, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { processGuard } from './guarded.js';

/** Bytes of output kept for error messages. */
const keptOutputMaxBytes = 64 * 1024;
/** Lines of it that a person is shown. */
export const tailLines = 20;

/** The absolute path of an executable on PATH, or undefined. */
export function findOnPath(program: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    const path = join(directory, program);
    try {
      if (!statSync(path).isFile()) continue;
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** All of the output is also written here. */
  readonly logFile?: string;
}

/**
 * Runs a program to its end. Resolves with its output (both streams); rejects with its last lines
 * when it fails or takes longer than `timeoutMs`, after which it has been killed.
 */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const guard = processGuard();
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env, EVENKEEL_RUN_ID: guard.runId },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile);
    if (child.pid !== undefined) guard.watch(child.pid);
    let output = '';
    const keep = (chunk: Buffer) => {
      log?.write(chunk);
      output = (output + chunk.toString('utf8')).slice(-keptOutputMaxBytes);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`cannot run ${command}: ${cause.message}`, { cause }));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (child.pid !== undefined) guard.unwatch(child.pid);
      log?.end();
      if (code === 0) return resolve(output);
      const how = signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`;
      reject(new Error(`${command} ended with ${how}:\n${tailOf(output)}`));
    });
  });
}

/** The last lines of a text. */
export function tailOf(text: string, lines: number = tailLines): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
