// Owns: what the bootstrap steps share: where the checkout is, and how they talk: to standard error
// only, because standard output belongs to the command that runs after them.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkoutDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs a program with all its output on standard error; resolves with its exit code. */
export function runOnStderr(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: checkoutDir, stdio: ['ignore', 2, 2] });
    child.once('error', (error) => reject(new Error(`cannot run ${program}: ${error.message}`)));
    child.once('close', (code, signal) => resolve(signal === null ? code : 1));
  });
}
