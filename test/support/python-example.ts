// Owns: how examples/python is run: an environment with its pinned packages, made once in the cache, and
// the command of an instance in it. Never starts one.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { InstanceProgram } from '../../src/local/service.js';
import { checkoutDir } from '../../stack/checkout.js';
import { cachedOrBuilt } from '../../stack/part-cache.js';

const run = promisify(execFile);

/** Where the example is. */
export const pythonExampleDir = join(checkoutDir, 'examples', 'python');
const requirements = join(pythonExampleDir, 'requirements.txt');
const candidates = ['python3.13', 'python3.12', 'python3.11', 'python3'];
const isRecent = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';

/** A Python that can run the example, or null where this machine has none. */
export async function findPython(): Promise<string | null> {
  for (const candidate of candidates) {
    const isOne = await run(candidate, ['-c', isRecent]).then(
      () => true,
      () => false,
    );
    if (isOne) return candidate;
  }
  return null;
}

/** The interpreter of an environment with the pinned packages. Throws what pip says when it cannot. */
export async function pythonWithPackages(python: string): Promise<string> {
  const { stdout: version } = await run(python, ['--version']);
  const wanted = createHash('sha256').update(version).update(readFileSync(requirements));
  const { directory } = await cachedOrBuilt(
    {
      key: `python-example-${wanted.digest('hex').slice(0, 8)}`,
      title: 'the packages of the Python example',
      estimateS: 20,
      build: async (into) => {
        await run(python, ['-m', 'venv', into]);
        const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
        await run(join(into, 'bin', 'python'), [
          ...pip,
          '--no-deps',
          '--require-hashes',
          '-r',
          requirements,
        ]);
        return 'download';
      },
    },
    (line) => process.stderr.write(`${line}\n`),
  );
  return join(directory, 'bin', 'python');
}

/** An instance in Python. */
export function pythonInstance(interpreter: string): InstanceProgram {
  return { command: interpreter, args: ['-m', 'instance'], env: environment };
}

/** Ordinal 0 in Python, all others the Messaging of this checkout: one service. */
export function mixedInstance(interpreter: string): InstanceProgram {
  const messaging = join(checkoutDir, 'dist', 'src', 'messaging', 'instance-main.js');
  const choose = `[ "$EVENKEEL_ORDINAL" = 0 ] && exec "$0" -m instance; exec "$1" "$2"`;
  return {
    command: '/bin/sh',
    args: ['-c', choose, interpreter, process.execPath, messaging],
    env: environment,
  };
}

const environment = {
  PYTHONPATH: pythonExampleDir,
  PYTHONDONTWRITEBYTECODE: '1', // the tree stays as it is committed
};
