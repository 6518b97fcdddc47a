// Owns: node_modules being what package-lock.json says. It runs `npm ci` only when it has to, one
// process at a time. Never changes the lockfile.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { checkoutDir, runOnStderr, say } from './say.mjs';

const lockfile = join(checkoutDir, 'package-lock.json');
const modules = join(checkoutDir, 'node_modules');
/** The digest of the lockfile that node_modules was made from. */
const stamp = join(modules, '.evenkeel-lock');

export async function install() {
  if (isCurrent()) return;
  await withLock(
    join(checkoutDir, '.stack', 'install.lock'),
    async () => {
      if (isCurrent()) return;
      if (!matchesLockfile()) {
        say('installing packages (npm ci), about half a minute …');
        const code = await runOnStderr('npm', [
          'ci',
          '--no-audit',
          '--no-fund',
          '--loglevel=error',
        ]);
        if (code !== 0) throw new Error(`npm ci failed with exit code ${code}; see above`);
      }
      writeFileSync(stamp, digest());
    },
    { onWait: (owner) => say(`waiting for process ${owner?.pid}, which installs packages …`) },
  );
}

function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest();
}

function digest() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex');
}

/** True when somebody ran npm by hand and node_modules is already right. */
function matchesLockfile() {
  try {
    const installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
    const wanted = JSON.parse(readFileSync(lockfile, 'utf8')).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      const found = installed.packages[path];
      if (path === '' || entry.link) return true;
      return found === undefined ? entry.optional === true : found.version === entry.version;
    });
  } catch {
    return false;
  }
}
