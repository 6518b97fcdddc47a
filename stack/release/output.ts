// Owns: the whole standard output of a program that says more than is kept of others (stack/programs.ts keeps
// the end, for error messages).

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../programs.js';

/** Rejects with the end of its standard error when it fails, unless its exit code may be any. */
export async function outputOf(
  command: readonly string[],
  { cwd, timeoutMs, anyExit = false }: OutputOptions,
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-output-'));
  const path = join(directory, 'stdout');
  try {
    const script = `out=$1; shift; "$@" > "$out"${anyExit ? ' || true' : ''}`;
    await run('sh', ['-c', script, 'sh', path, ...command], { cwd, timeoutMs });
    return readFileSync(path, 'utf8');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface OutputOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly anyExit?: boolean;
}
