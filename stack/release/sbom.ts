// Owns: the bills of materials, CycloneDX, of the package and of the image. npm makes them of the lockfile with
// what goes there and nothing else: its own marks do not know of the image.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import { npm, npmOutput } from './npm.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly overrides: object;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

interface Bill {
  readonly metadata: { readonly component: { name: string } };
  readonly components: readonly unknown[];
}

/** The document of either, as text; `directory` is made for it and removed. Versions are those of the lockfile. */
export async function billOfMaterials(
  what: 'package' | 'image',
  directory: string,
): Promise<{ readonly text: string; readonly components: number }> {
  mkdirSync(directory, { recursive: true });
  for (const file of ['package-lock.json', '.npmrc']) {
    cpSync(join(checkoutDir, file), join(directory, file));
  }
  const { name, version, license, overrides, dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(checkoutDir, 'package.json'), 'utf8'),
  ) as Manifest;
  const needed = what === 'image' ? { ...dependencies, ...peerDependencies } : dependencies;
  const manifest = { name, version, license, overrides, dependencies: needed };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  await npm(['install', '--package-lock-only', '--ignore-scripts'], directory);
  const said = await npmOutput(
    ['sbom', '--silent', '--package-lock-only', '--sbom-format=cyclonedx'],
    directory,
  );
  rmSync(directory, { recursive: true, force: true });
  const bill = JSON.parse(said) as Bill;
  // npm names what it describes by the folder.
  bill.metadata.component.name = name;
  return { text: `${JSON.stringify(bill, null, 2)}\n`, components: bill.components.length };
}
