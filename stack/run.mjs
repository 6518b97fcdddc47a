// Owns: the way from a fresh clone to any command of this repository. Every npm script comes
// through here: it checks Node, installs packages when the lockfile changed, builds when sources
// changed, and hands over to the command. Standard output belongs to the command alone.
// Plain JavaScript without dependencies: nothing is installed or built yet when it starts.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './bootstrap/build.mjs';
import { install } from './bootstrap/install.mjs';
import { endWithNpm } from './bootstrap/parent.mjs';
import { checkoutDir, say } from './bootstrap/say.mjs';
import { test } from './bootstrap/vitest.mjs';

const nodeMin = [20, 19];

/** The module of each command; it exports main(argv) → exit code. */
const commands = {
  stack: 'stack/cli.js',
  evenkeel: 'src/cli/main.js',
  demo: 'examples/demo/main.js',
  load: 'src/load/main.js',
  bench: 'bench/main.js',
  explore: 'src/simulate/explore/main.js',
  'simulate:handover': 'src/simulate/handover/main.js',
  fuzz: 'fuzz/main.js',
  faults: 'faults/main.js',
  chaos: 'chaos/main.js',
  pictures: 'examples/pictures/main.js',
  'pictures:dashboard': 'examples/dashboard/main.js',
  image: 'stack/image/main.js',
  api: 'stack/release/api-main.js',
  guide: 'stack/guide/main.js',
  licences: 'stack/release/licences-main.js',
  release: 'stack/release/main.js',
};

/** The Vitest projects of each command that tests; those of Kubernetes are built for minutes, once. */
const projects = {
  test: ['unit', 'integration', 'whole'],
  'test:long': ['long'],
  'test:kubernetes': ['kubernetes'],
};

const [command = '', ...argv] = process.argv.slice(2);
process.exit(await main());

async function main() {
  try {
    checkNode();
    endWithNpm();
    if (command !== 'build' && !(command in projects) && !(command in commands)) {
      const known = ['build', ...Object.keys(projects), ...Object.keys(commands)].join(', ');
      return failed(`"${command}" is not a command of this repository; there are: ${known}`, 2);
    }
    await install();
    await build();
    if (command === 'build') return 0;
    if (command in projects) return await test(argv, projects[command]);
    const path = join(checkoutDir, 'dist', commands[command]);
    const loaded = await import(pathToFileURL(path).href);
    return await loaded.main(argv);
  } catch (error) {
    return failed(error.message, 1);
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])) return;
  throw new Error(
    `Node ${nodeMin.join('.')} or later is needed, and this is ${process.versions.node}. ` +
      'Install a newer Node and run the command again.',
  );
}

function failed(message, code) {
  say(message);
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { message } })}\n`);
  return code;
}
