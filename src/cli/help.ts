// Owns: what stands below the options in the --help of each command: an example that can be typed as it
// is, and the page that says more. Never says what a command does: that is its description.

export interface HelpTail {
  /** Command lines, without the prompt. */
  readonly examples: readonly string[];
  /** Path in this repository. */
  readonly page: string;
}

const operations = 'docs/operations.md';
const reading = 'docs/reading-a-run.md';

const tails: Readonly<Record<string, HelpTail>> = {
  plan: {
    examples: ['evenkeel plan --input plan.json', 'evenkeel plan --input - < plan.json'],
    page: 'docs/placement.md',
  },
  simulate: {
    examples: [
      'evenkeel simulate --trace load.csv',
      'evenkeel simulate --trace load.csv --policy now.yaml calmer.yaml --from 2016',
      'evenkeel simulate --trace load.csv --search --html report.html',
      "evenkeel simulate --prometheus 'sum(evenkeel_connected_clients)'",
    ],
    page: 'docs/replay-lab.md',
  },
  worker: {
    examples: ['evenkeel worker --probe-port 9464'],
    page: 'docs/permissions.md, docs/changing-a-workflow.md (versions)',
  },
  apply: { examples: ['evenkeel apply policy.yaml'], page: 'docs/policy.md' },
  diff: { examples: ['evenkeel diff policy.yaml'], page: 'docs/policy.md' },
  policy: {
    examples: [
      'evenkeel policy lint policy.yaml',
      'evenkeel policy lint policy.yaml --measured --strict',
      'evenkeel policy schema > policy.schema.json',
    ],
    page: 'docs/policy.md',
  },
  status: {
    examples: ['evenkeel status messaging', 'evenkeel status messaging --watch'],
    page: reading,
  },
  history: { examples: ['evenkeel history messaging --limit 5'], page: reading },
  explain: {
    examples: [
      'evenkeel explain 17 --service messaging',
      'evenkeel explain --last 1h --service messaging',
    ],
    page: reading,
  },
  rebalance: {
    examples: [
      'evenkeel rebalance messaging --to 3 --dry-run',
      'evenkeel rebalance messaging --to 3 --reason "before the match" --wait',
      'evenkeel rebalance messaging --drain messaging-1',
    ],
    page: operations,
  },
  rollback: {
    examples: ['evenkeel rollback 16 --service messaging --wait'],
    page: operations,
  },
  approve: {
    examples: ['evenkeel approve messaging --by ada --reason "seen the plan"'],
    page: operations,
  },
  reject: { examples: ['evenkeel reject messaging --reason "not now"'], page: operations },
  abort: { examples: ['evenkeel abort messaging --reason "too slow"'], page: operations },
  pause: { examples: ['evenkeel pause messaging --reason "the match"'], page: operations },
  resume: { examples: ['evenkeel resume messaging'], page: operations },
  roll: {
    examples: ['evenkeel roll messaging --dry-run', 'evenkeel roll messaging --wait'],
    page: 'docs/rolling-upgrades.md',
  },
  console: {
    examples: [
      'evenkeel console',
      'evenkeel console --host 0.0.0.0 --token-file /run/secrets/token',
    ],
    page: 'docs/console.md',
  },
  doctor: { examples: ['evenkeel doctor messaging'], page: operations },
  verify: {
    examples: [
      'evenkeel verify --service messaging',
      'evenkeel verify --service chat --export chat.jsonl',
      'evenkeel verify --input chat.jsonl --json',
    ],
    page: 'docs/protocol.md',
  },
  supervisor: {
    examples: ['evenkeel supervisor scores --partitions 12 --replicas 2 -- node main.js'],
    page: 'docs/embedding.md',
  },
  directory: {
    examples: ['evenkeel directory scores --partitions 12'],
    page: 'docs/embedding.md',
  },
  conformance: {
    examples: [
      'evenkeel conformance --instance ws://127.0.0.1:7401 --no-moves',
      'evenkeel conformance --command "python instance.py" --json',
    ],
    page: 'docs/conformance.md',
  },
};

/** Empty for a command that says it itself. */
export function helpTail(name: string): string {
  const tail = tails[name];
  if (tail === undefined) return '';
  const examples = tail.examples.map((line) => `  $ ${line}`);
  const word = examples.length === 1 ? 'Example' : 'Examples';
  return `\n${word}:\n${examples.join('\n')}\n\nMore: ${tail.page}`;
}
