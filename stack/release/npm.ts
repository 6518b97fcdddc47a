// Owns: running npm for a directory that is not this checkout, and the package as npm packs it. What the npm
// above us tells its scripts would mean something else there, so it is not passed on.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import { run } from '../programs.js';
import { outputOf } from './output.js';

/** A cold build before it is packed, or packages over a slow network. */
const npmWithinMs = 600_000;
const forgotten = ['NODE_ENV', 'INIT_CWD', 'npm_config_local_prefix', 'npm_config_json'];

/** Resolves with the end of what it said; rejects with its last lines. Packages come from npm's cache where they can. */
export function npm(args: readonly string[], cwd: string): Promise<string> {
  const [program = '', ...rest] = npmCommand(args);
  return run(program, rest, { cwd, timeoutMs: npmWithinMs });
}

/** All that it wrote to standard output. `anyExit`: also when it fails. */
export function npmOutput(args: readonly string[], cwd: string, anyExit = false): Promise<string> {
  return outputOf(npmCommand(args), { cwd, timeoutMs: npmWithinMs, anyExit });
}

function npmCommand(args: readonly string[]): readonly string[] {
  const without = forgotten.flatMap((name) => ['-u', name]);
  return ['env', ...without, 'npm', '--prefer-offline', '--no-audit', '--no-fund', ...args];
}

export interface PackedPackage {
  /** The tarball. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Inside of it, without the leading `package/`, sorted. */
  readonly files: readonly string[];
}

/** `npm pack` of this checkout, which builds first, into a directory that has no other tarball. */
export async function packPackage(into: string): Promise<PackedPackage> {
  await npm(['pack', '--pack-destination', into], checkoutDir);
  const [name, ...more] = readdirSync(into).filter((file) => file.endsWith('.tgz'));
  if (name === undefined || more.length > 0) throw new Error(`not one tarball in ${into}`);
  const path = join(into, name);
  const listed = await outputOf(['tar', '-tzf', path], { cwd: into, timeoutMs: npmWithinMs });
  const files = listed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^package\//, ''))
    .sort();
  return { path, sizeBytes: statSync(path).size, files };
}
