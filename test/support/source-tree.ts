// The sources of this repository as data for the tests about them: files, imports, code without
// its comments. Judges nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** Path from the root for a relative import (with .ts for .js), undefined for a package. */
  readonly target: string | undefined;
}

export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

const skipped = new Set(['node_modules', 'dist', 'coverage']);

/** Every file below the folder whose name ends so, in order. */
export function filesBelow(folder: string, endings: readonly string[]): readonly SourceFile[] {
  const found: SourceFile[] = [];
  const visit = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name) && !entry.name.startsWith('.')) visit(path);
      } else if (endings.some((ending) => entry.name.endsWith(ending))) {
        found.push({ path: relative(root, path), text: readFileSync(path, 'utf8') });
      }
    }
  };
  try {
    visit(join(root, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'/g;

/** Static and dynamic imports and re-exports. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  return [...codeOf(text).matchAll(importPattern)].map((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? '';
    const typeOnly = match[1] !== undefined;
    if (!specifier.startsWith('.')) return { specifier, typeOnly, target: undefined };
    const target = normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts');
    return { specifier, typeOnly, target };
  });
}

/** The text without comments (strings that look like comments go as well: good enough here). */
export function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}
