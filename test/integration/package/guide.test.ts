// `npm run guide` on a small guide and on the real one: the package as it is packed, on the stack under the tests.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { main } from '../../../stack/guide/main.js';

let directory: string;
let said = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-guide-'));
  said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

const fence = (info: string, ...lines: string[]) => ['```' + info, ...lines, '```', ''].join('\n');
const program = [
  "import assert from 'node:assert';",
  "import { connectKafka } from 'evenkeel/worker';",
  "import { planDistribution } from 'evenkeel/plan';",
  "const bus = await connectKafka({ brokers: [process.env.KAFKA_BROKERS], clientId: 'guide' });",
  'await bus.close();',
  "const current = { 'a-0': [[0, 11]] };",
  "const plan = planDistribution({ partitions: 12, instances: ['a-0', 'a-1'], current });",
  'assert.equal(plan.moved.partitions, 6);',
];
const write = (...last: string[]): string => {
  const path = join(directory, 'guide.md');
  const guide = [
    '## Install\n',
    fence('sh', 'npm init -y > init.log', 'npm install evenkeel'),
    '## Plan\n',
    fence('js file=plan.mjs', ...program),
    fence('sh', 'node plan.mjs', ...last),
  ];
  writeFileSync(path, guide.join('\n'));
  return path;
};

it('says what it did and how long that took', async () => {
  expect(await main([write()]), said).toBe(0);
  expect(said).toMatch(/guide: +[\d.]+ s {2}line 3 {2}Install: npm init/);
  expect(said).toMatch(
    /guide: from an empty folder to the end of\nguide: +[\d.]+ s {2}Install\nguide: +[\d.]+ s {2}Plan\n$/,
  );
}, 600_000);

it('docs/embedding.md leads from an empty folder to a hand-over by the real saga', async () => {
  expect(await main([]), said).toBe(0);
  // Its steps fail where nobody moved, or somebody was on two instances.
  expect(said).toMatch(/npx evenkeel rebalance scores --to 3/);
  expect(said).toMatch(/npx evenkeel verify --service scores/);
  process.stderr.write(said.slice(said.indexOf('guide: from an empty folder')));
}, 600_000);

it('fails where the guide is wrong, by its line', async () => {
  expect(await main([write('node other.mjs')]), said).toBe(1);
  expect(said).toMatch(/line 21 \(Plan\) failed:[\s\S]*other\.mjs/);
}, 600_000);

it.each([[['a.md', 'b.md']], [['--fast']], [['no-such.md']]])(
  'wrong use is 2: %j',
  async (argv) => {
    expect(await main(argv)).toBe(2);
  },
);
