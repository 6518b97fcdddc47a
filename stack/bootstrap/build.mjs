// Owns: dist/ being what the sources say: TypeScript, then the bundles of the workflows and
// of the console's page. It compares
// a digest of the sources with the one that dist/ was made from, so that a command that has nothing
// to build starts at once. One process at a time.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { withLock } from './lock.mjs';
import { checkoutDir, runOnStderr, say } from './say.mjs';

const dist = join(checkoutDir, 'dist');
const stamp = join(dist, '.sources');
const sourceDirs = [
  'src',
  'workflows',
  'activities',
  'stack',
  'examples',
  'bench',
  'fuzz',
  'faults',
  'chaos',
];
/** The console's page, which Vite bundles. */
const page = join(checkoutDir, 'console');
const sourceFiles = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
/** Everything that tsc makes of one source file. */
const outputEndings = ['.js', '.js.map', '.d.ts'];

export async function build() {
  if (isCurrent()) return;
  await withLock(
    join(checkoutDir, '.stack', 'build.lock'),
    async () => {
      if (!isCurrent()) await make();
    },
    { onWait: (owner) => say(`waiting for process ${owner?.pid}, which builds this checkout …`) },
  );
}

function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest();
}

async function make() {
  say(existsSync(stamp) ? 'building what changed …' : 'building, about 15 s …');
  const made = digest(); // Before compiling: what is edited meanwhile must be built again.
  mkdirSync(dist, { recursive: true });
  rmSync(stamp, { force: true });
  removeOrphans();
  const tsc = join(checkoutDir, 'node_modules', 'typescript', 'bin', 'tsc');
  const compiled = await runOnStderr(process.execPath, [tsc, '-p', 'tsconfig.build.json']);
  if (compiled !== 0) throw new Error('the build failed: TypeScript found the errors above');
  if (existsSync(join(dist, 'workflows', 'index.js'))) {
    const bundler = join(checkoutDir, 'stack', 'bootstrap', 'bundle.mjs');
    const bundled = await runOnStderr(process.execPath, [bundler, dist]);
    if (bundled !== 0) throw new Error('the build failed: the workflows cannot be bundled');
  }
  if (existsSync(page)) {
    const bundler = join(checkoutDir, 'stack', 'bootstrap', 'page.mjs');
    const bundled = await runOnStderr(process.execPath, [bundler, dist]);
    if (bundled !== 0) throw new Error("the build failed: the console's page cannot be bundled");
  }
  writeFileSync(stamp, made);
}

function digest() {
  const hash = createHash('sha256');
  const named = sourceFiles.map((name) => join(checkoutDir, name)).filter(existsSync);
  for (const path of [...named, ...sources(), ...filesBelow(page).sort()]) {
    hash.update(`${relative(checkoutDir, path)}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function sources() {
  return sourceDirs
    .flatMap((name) => filesBelow(join(checkoutDir, name)))
    .filter((path) => path.endsWith('.ts') || /(bundle|page)\.mjs$/.test(path))
    .sort();
}

function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Output whose source was deleted or renamed would go on being found by imports. */
function removeOrphans() {
  const kept = new Set(
    sources().flatMap((path) => {
      const output = join(dist, relative(checkoutDir, path)).replace(/\.ts$/, '');
      return outputEndings.map((ending) => output + ending);
    }),
  );
  for (const name of sourceDirs) {
    for (const path of filesBelow(join(dist, name))) {
      const isOutput = outputEndings.some((ending) => path.endsWith(ending));
      if (isOutput && !kept.has(path)) rmSync(path);
    }
  }
}
