// Owns: how tests run `evenkeel conformance`, in this process or as one of its own, and read its answer.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { main } from '../../src/cli/main.js';
import type { CheckResult, Verdict } from '../../src/conformance/check.js';
import type { InstanceProgram } from '../../src/local/service.js';
import { checkoutDir } from '../../stack/checkout.js';

const dist = join(checkoutDir, 'dist');
/** The built programs that are looked at. */
export const messagingProgram = join(dist, 'src', 'messaging', 'instance-main.js');
export const gatewayProgram = join(dist, 'examples', 'gateway', 'main.js');

/** A deliberate mistake that is loaded before a built program. */
export const mistakeModule = (name: string): string =>
  join(checkoutDir, 'test', 'conformance', 'broken', `${name}.mjs`);

/** Node with these words, as a platform starts it. */
export const nodeProgram = (...args: readonly string[]): InstanceProgram => ({
  command: process.execPath,
  args,
});

/** A program as the words of a shell. */
export function shellOf({ command, args, env = {} }: InstanceProgram): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return ['env', ...variables, command, ...args].map((word) => `'${word}'`).join(' ');
}

export interface ConformanceAnswer {
  readonly ok: boolean;
  readonly instance: string;
  readonly checks: readonly CheckResult[];
}

export interface ConformanceRun {
  readonly code: number;
  readonly answer: ConformanceAnswer;
  /** On standard error. */
  readonly said: string;
}

export async function conformance(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<ConformanceRun> {
  const written = { out: '', err: '' };
  const code = await main(['conformance', ...argv, '--json'], {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: { ...process.env, ...env },
  });
  return { code, answer: JSON.parse(written.out) as ConformanceAnswer, said: written.err };
}

export interface ConformanceProcess {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  written(): { readonly out: string; readonly err: string };
  /** Exit status; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** As a process of its own, which can be signalled. */
export function conformanceProcess(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ConformanceProcess {
  const cli = join(dist, 'src', 'cli', 'main.js');
  const child = spawn(process.execPath, [cli, 'conformance', ...argv, '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data.toString('utf8')));
  child.stderr.on('data', (data: Buffer) => (err += data.toString('utf8')));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { child, written: () => ({ out, err }), ended };
}

export const checksOf = ({ checks }: ConformanceAnswer, verdict: Verdict): CheckResult[] =>
  checks.filter((result) => result.verdict === verdict);
