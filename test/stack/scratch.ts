// Owns: what the tests of the stack share: a directory of their own, programs that stand in for real
// ones, environment variables that are put back, and waiting with a bound. Never touches .stack/.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** Longest wait of `until`; far above what any of it takes. */
const untilMaxMs = 60_000;
const undo: (() => void)[] = [];

afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

/** A directory that is removed after the test. */
export function scratchDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-stack-'));
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Sets an environment variable (or removes it, when undefined) until the end of the test. */
export function setEnv(name: string, value: string | undefined): void {
  const before = process.env[name];
  const set = (to: string | undefined) => {
    if (to === undefined) delete process.env[name];
    else process.env[name] = to;
  };
  set(value);
  undo.push(() => set(before));
}

/** Puts shell scripts into a new directory, which becomes the whole PATH of the test. */
export function onlyOnPath(programs: Readonly<Record<string, string>>): string {
  const bin = join(scratchDir(), 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  setEnv('PATH', bin);
  return bin;
}

/** Polls until the condition holds; throws `what` when it never does. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const untilMs = Date.now() + untilMaxMs;
  while (!holds()) {
    if (Date.now() > untilMs) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** True while the process exists. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
