// Somebody's project that embeds Evenkeel: the packed package installed into an empty directory.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkoutDir } from '../../../stack/checkout.js';
import { run } from '../../../stack/programs.js';
import { npm, packPackage, type PackedPackage } from '../../../stack/release/npm.js';

const withinMs = 120_000;

export interface Project {
  readonly packed: PackedPackage;
  readonly directory: string;
  readonly installMs: number;
  /** `name@version` of each package below node_modules, Evenkeel left out. */
  packages(): readonly string[];
  write(name: string, lines: readonly string[]): string;
  npm(...args: string[]): Promise<string>;
  /** Node by default. Resolves with what it said. */
  run(args: readonly string[], program?: string): Promise<string>;
  remove(): void;
}

export async function createProject(): Promise<Project> {
  // Not below this checkout: what is missing there would be found here.
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-package-'));
  const app = join(directory, 'app');
  mkdirSync(app);
  const packed = await packPackage(directory);
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }\n');
  const beganMs = performance.now();
  await npm(['install', packed.path], app);
  const installMs = performance.now() - beganMs;
  const at = (name: string): string => join(app, name);
  return {
    packed,
    directory: app,
    installMs,
    packages: () => {
      const lock = readFileSync(at('node_modules/.package-lock.json'), 'utf8');
      const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
      return Object.entries(packages)
        .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`)
        .filter((name) => !name.startsWith('evenkeel@'));
    },
    write: (name, lines) => {
      writeFileSync(at(name), `${lines.join('\n')}\n`);
      return name;
    },
    npm: (...args) => npm(args, app),
    run: (args, program = process.execPath) =>
      run(program, args, { cwd: app, timeoutMs: withinMs }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A program of this checkout's node_modules. */
export const ofCheckout = (path: string): string => join(checkoutDir, 'node_modules', path);
