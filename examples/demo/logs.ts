// Owns: where the logs of the demo's own processes lie: kept when something went wrong, and of the
// latest few runs only. Never looks into one.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stackHome } from '../../stack/checkout.js';

const runsKeptMax = 3;

/** A new directory; those of the oldest runs are removed. */
export function newLogDir(): string {
  const home = join(stackHome, 'demo');
  mkdirSync(home, { recursive: true });
  const earlier = readdirSync(home).sort();
  for (const name of earlier.slice(0, Math.max(0, earlier.length - runsKeptMax + 1))) {
    rmSync(join(home, name), { recursive: true, force: true });
  }
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 17);
  const directory = join(home, `${time}-${process.pid}`);
  mkdirSync(directory);
  return directory;
}
