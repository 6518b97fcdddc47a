// Owns: where each command of the documents is run: by whom, or why by nobody. Runs nothing itself.
import { runsOffline, type Step } from './shell-blocks.js';
import { commandLines, evenkeelArguments, npmScript } from './shell-words.js';

export type Place =
  /** test/docs/commands.test.ts runs it and compares what it prints. */
  | { readonly kind: 'offline' }
  /** test/integration/cli/documents.test.ts types it beside a service that is at work. */
  | { readonly kind: 'live' }
  /** The page, or the very command in a smaller form, is another test's; `says` stands in that file. */
  | { readonly kind: 'elsewhere'; readonly by: string; readonly says: string }
  /** It is a run of tests. */
  | { readonly kind: 'tests' }
  /** The page says so. */
  | { readonly kind: 'no-run' }
  | { readonly kind: 'nowhere' };

/** Pages that a test follows from their beginning to their end. */
const followed: Readonly<Record<string, readonly [by: string, says: string]>> = {
  'docs/embedding.md': ['test/integration/package/guide.test.ts', 'main([])'],
  'docs/quick-start.md': ['test/integration/long/quick-start.test.ts', 'docs/quick-start.md'],
};

/** Commands that take minutes, serve until they are ended, or need what only their own test has. */
export const elsewhere: readonly (readonly [command: RegExp, by: string, says: string])[] = [
  // Its first word is the reader's own: the address. What follows is any command of the repository.
  [/^git clone … && cd evenkeel$/, '.ci/run', 'npm test'],
  [/^npm run demo\b/, 'test/integration/long/quick-start.test.ts', 'docs/quick-start.md'],
  [/^npm run load\b/, 'test/integration/load/load.test.ts', "'--processes', '2'"],
  [/^npm run lint && npm run typecheck && npm run format$/, '.ci/run', 'npm run -s typecheck'],
  [/^npm run bench -- --only plan/, 'test/bench/bench.test.ts', "'--only', 'plan', '--quick'"],
  [/^npm run bench .*handover/, 'test/integration/bench/handover.test.ts', 'bench/handover/'],
  [/^npm run bench .*partitions/, 'test/integration/bench/partitions.test.ts', 'quickSize'],
  [/^npm run bench .*saga/, 'test/integration/bench/saga.test.ts', 'bench/saga/'],
  [/^npm run bench .*roll/, 'test/integration/whole/roll.test.ts', 'rollOf'],
  [/^npm run bench .*forecast/, 'test/core/forecast/regret.test.ts', 'bench/forecast/measure.js'],
  [/^npm run bench .*replay/, 'test/lab/search.test.ts', 'frontier'],
  [/^npm run explore\b/, 'test/simulate/explore/main.test.ts', "'--world', 'move'"],
  [/^npm run simulate:handover .*--big/, 'test/simulate/scale/scale-world.test.ts', 'seed'],
  [/^npm run simulate:handover\b/, 'test/simulate/handover/main.test.ts', "'--sweep', '3'"],
  [/^npm run fuzz\b/, 'test/fuzz/fuzz.test.ts', "'--seconds', '1'"],
  [/^npm run faults$/, 'test/integration/saga/fault-matrix.test.ts', 'sample of cells'],
  [/^npm run chaos\b/, 'test/integration/long/chaos.test.ts', 'chaos/main.js'],
  [/^npm run pictures$/, 'test/examples/pictures/terminal.test.ts', 'examples/pictures/'],
  [/^npm run pictures:dashboard$/, 'test/helm/dashboard.test.ts', 'examples/dashboard/'],
  [/^npm run api$/, 'test/integration/package/api.test.ts', 'npm run api'],
  [/^npm run guide$/, 'test/integration/package/guide.test.ts', 'main([])'],
  [/^npm run licences$/, 'test/stack/release/licences.test.ts', 'docs/licences.md'],
  [/^npm run release\b/, 'test/integration/package/release.test.ts', 'notes'],
  [/^npm run image\b/, 'test/integration/kubernetes/image.test.ts', 'buildImage'],
  [/^npm run stack -- up --parts kubernetes$/, 'test/support/kubernetes-setup.ts', 'kubernetes'],
  [/^npm install @opentelemetry/, 'test/package/peers.test.ts', 'peerDependencies'],
  [/^evenkeel console\b/, 'test/integration/cli/console.test.ts', "main(['console'"],
  [/^evenkeel conformance --command/, 'test/integration/cli/conformance.test.ts', "['--command'"],
  [
    /^evenkeel conformance --instance/,
    'test/integration/cli/conformance-instance.test.ts',
    'kitFor',
  ],
  [/^python3 -m venv .* requirements.txt$/, 'test/support/python-example.ts', "['-m', 'venv'"],
  [/^\.venv\/bin\/python -m instance$/, 'test/support/python-example.ts', "['-m', 'instance']"],
  [/^evenkeel roll\b/, 'test/integration/cli/roll.test.ts', "'--image', another()"],
  [/^evenkeel worker --deployment/, 'test/integration/saga/versioning.test.ts', 'makeCurrent'],
  [/^temporal worker deployment /, 'test/integration/saga/versioning.test.ts', 'deployment'],
  [/^temporal .* update-options /, 'test/integration/saga/versioning.test.ts', 'update-options'],
  [/^PROMETHEUS_URL=/, 'test/integration/cli/simulate-prometheus.test.ts', '--prometheus'],
  [/^evenkeel simulate .*--search\b/s, 'test/lab/search.test.ts', 'the known figures'],
];

/** Programs that a reader beside a running service has. */
const livePrograms = ['temporal', 'node', 'export', 'eval', 'for', 'grep', 'ls', 'cat', 'done'];
const liveScripts = ['evenkeel', 'stack', 'build'];

/** `folder`: where the files of its page are. */
export function whereRun({ block, command }: Step, folder: string): Place {
  if (block.words.includes('no-run')) return { kind: 'no-run' };
  const lines = commandLines(command);
  const isOffline = lines.every(
    ({ words, env, redirected }) =>
      !redirected && Object.keys(env).length === 0 && runsOffline(words, folder),
  );
  if (isOffline) return { kind: 'offline' };
  const page = followed[block.page];
  if (page !== undefined) return { kind: 'elsewhere', by: page[0], says: page[1] };
  const found = elsewhere.find(([pattern]) => pattern.test(plainly(command)));
  if (found !== undefined) return { kind: 'elsewhere', by: found[1], says: found[2] };
  if (lines.every(({ words }) => isTests(words))) return { kind: 'tests' };
  return lines.length > 0 && lines.every(({ words }) => isLive(words))
    ? { kind: 'live' }
    : { kind: 'nowhere' };
}

/** However our own command is called. */
export const plainly = (command: string): string =>
  command.replace(/^(npm run -s evenkeel --|npx evenkeel) /, 'evenkeel ');

/** Names a project of Vitest, or all that a command of ours runs. */
function isTests(words: readonly string[]): boolean {
  if (words[0] === 'npx' && words[1] === 'vitest') return words.includes('--project');
  return /^test(:\w+)?$/.test(npmScript(words)?.script ?? '');
}

function isLive(words: readonly string[]): boolean {
  if (words[0] === 'do') return isLive(words.slice(1));
  if (evenkeelArguments(words) !== undefined) return words[0] !== 'kubectl';
  const script = npmScript(words)?.script;
  return script === undefined
    ? livePrograms.includes(words[0] ?? '')
    : liveScripts.includes(script);
}
