// Owns: what the package says of itself: its version, and the packages that only some of its parts need.

import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** From sources two directories up, compiled one more. */
const path = import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json';
let manifest: Manifest | undefined;

/** Read once. */
export function packageManifest(): Manifest {
  return (manifest ??= JSON.parse(
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  ) as Manifest);
}
