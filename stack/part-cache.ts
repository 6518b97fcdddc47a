// Owns: the cache of built parts: one directory per name and version, complete or absent. A build
// works in a directory beside it that is renamed at the end, under a lock, so that a build that was
// interrupted or runs twice never leaves half a part. Never decides what a part needs.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, withLock } from './checkout.js';

/** How often a long build says that it still runs. */
const progressEveryMs = 10_000;

/** How to make one part. */
export interface BuildRecipe {
  /** Directory name in the cache: name and version. */
  readonly key: string;
  readonly title: string;
  /** Cold, on two cores: what a person is told to expect. */
  readonly estimateS: number;
  /** Fills the directory; throws a sentence when it cannot. */
  build(directory: string, onProgress: (line: string) => void): Promise<'download' | 'build'>;
}

/** Where a part came from, and its directory. */
export interface CachedPart {
  readonly directory: string;
  readonly from: 'cache' | 'download' | 'build';
}

/**
 * The directory of a part, made first when the cache has none.
 * Throws what the build throws; the next call starts again (compilers keep their own caches, so it
 * goes on from where it was).
 */
export async function cachedOrBuilt(
  recipe: BuildRecipe,
  onProgress: (line: string) => void,
): Promise<CachedPart> {
  const cache = cacheDir();
  const directory = join(cache, recipe.key);
  if (existsSync(directory)) return { directory, from: 'cache' };
  mkdirSync(cache, { recursive: true });
  return withLock(
    join(cache, `${recipe.key}.lock`),
    async () => {
      if (existsSync(directory)) return { directory, from: 'cache' };
      removeAbandoned(cache, recipe.key);
      const building = join(cache, `${recipe.key}.building-${process.pid}`);
      mkdirSync(building, { recursive: true });
      const startedAtMs = Date.now();
      const elapsedS = () => Math.round((Date.now() - startedAtMs) / 1000);
      onProgress(`building ${recipe.title}, once: about ${recipe.estimateS} s`);
      const timer = setInterval(() => {
        onProgress(`building ${recipe.title}: ${elapsedS()} s of about ${recipe.estimateS} s`);
      }, progressEveryMs);
      try {
        const from = await recipe.build(building, onProgress);
        renameSync(building, directory);
        onProgress(`${recipe.title} is ready after ${elapsedS()} s, kept in ${directory}`);
        return { directory, from };
      } finally {
        clearInterval(timer);
        rmSync(building, { recursive: true, force: true });
      }
    },
    {
      onWait: (owner) =>
        onProgress(`waiting for process ${owner?.pid ?? '?'}, which builds ${recipe.title}`),
    },
  );
}

/** We hold the lock, so whatever half-built directory is there belongs to a dead process. */
function removeAbandoned(cache: string, key: string): void {
  for (const name of readdirSync(cache)) {
    if (name.startsWith(`${key}.building-`)) {
      rmSync(join(cache, name), { recursive: true, force: true });
    }
  }
}
