// Owns: a reader's checkout: a copy of this one as it is built, in which commands of the documents may write
// and start what they like. Its packages are those of this checkout.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkoutDir } from '../../stack/checkout.js';
import { temporal } from '../../stack/parts/temporal.js';

export interface CheckoutCopy {
  readonly folder: string;
  /** PATH on which `evenkeel` and `temporal` are found, as a reader has them. */
  readonly path: string;
  remove(): void;
}

/** What is no part of a checkout, or is too much to copy. */
const leftOut = ['node_modules', '.git', '.stack'];

export async function copyCheckout(): Promise<CheckoutCopy> {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-reader-'));
  cpSync(checkoutDir, folder, {
    recursive: true,
    filter: (source) => !leftOut.includes(basename(source)),
  });
  symlinkSync(join(checkoutDir, 'node_modules'), join(folder, 'node_modules'));
  const programs = join(folder, '.programs');
  mkdirSync(programs);
  const own = join(programs, 'evenkeel');
  writeFileSync(own, `#!/bin/sh\nexec node ${join(folder, 'dist/src/cli/main.js')} "$@"\n`);
  chmodSync(own, 0o755);
  const found = await temporal.find(() => undefined);
  const { command } = found.command({ ports: [0, 0, 0], dataDir: '', logFile: '' });
  symlinkSync(command, join(programs, 'temporal'));
  return {
    folder,
    path: `${programs}:${process.env['PATH'] ?? ''}`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
