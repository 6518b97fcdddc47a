// Commands of the documents that want a running service, typed as they stand there, page by page, in a copy
// of the checkout. `messaging` is called what the service of this test is called; nothing else is changed.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { copyCheckout, type CheckoutCopy } from '../../support/checkout-copy.js';
import { stackVariables, typeLine } from '../../support/demo-process.js';
import { pages, whereOf, type Block } from '../../support/documents.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';
import { isShell, stepsOf, writeShownFiles } from '../../support/shell-blocks.js';
import { root } from '../../support/source-tree.js';
import { whereRun } from '../../support/where-run.js';

const blockWithinMs = 400_000;
const width = 80;

/** What tells that a command did what the page says; those that print nothing are not here. */
const telling: readonly (readonly [command: RegExp, output: RegExp])[] = [
  [/^evenkeel doctor/, /schedule .*it is paused by ada/],
  [/^evenkeel history/, /completed/],
  [/^evenkeel rebalance .*--dry-run/, /messaging/],
  [/^evenkeel rebalance .*--wait/, /(completed|unnecessary): /],
  [/rebalance messaging/, /a rebalance of messaging was asked for/],
  [/^evenkeel resume/, /resumed/],
  [/verify --service/, /0 overlaps/],
  [/^temporal workflow signal-with-start/, /rebalance\/messaging/],
  [/^npm run (-s )?stack -- (up|env|status)/, /KAFKA_BROKERS=|kafka .*answering/],
  [/stack -- logs kafka/, /kafka/i],
  [/stack -- down/, /ended .*kafka/],
];

/** What a page takes as given: before its block, and after it. */
const given: readonly (readonly [command: string, before: () => unknown, after?: () => unknown])[] =
  [
    // An undo that failed has paused the Schedule.
    [
      'evenkeel resume messaging',
      () => own('pause', under.name, '--by', 'ada', '--reason', 'a test'),
    ],
    // No worker can carry the run on.
    [
      'temporal workflow terminate',
      async () => {
        under.worker?.process.signal('SIGSTOP');
        await under.ask({ instances: 3 });
      },
      () => under.worker?.process.signal('SIGCONT'),
    ],
  ];

/** Doctor says by its exit status that something is the matter. */
const statuses = (command: string): readonly number[] => (/ doctor /.test(command) ? [0, 1] : [0]);

let copy: CheckoutCopy;
let under: ServiceUnderTest;

beforeAll(async () => {
  [copy, under] = await Promise.all([
    copyCheckout(),
    startServiceUnderTest({ name: 'documents', instances: 2 }),
  ]);
});
afterAll(async () => {
  await typeLine('npm run stack -- down', { cwd: copy.folder }).ended;
  await under.stop();
  copy.remove();
});

async function own(...argv: readonly string[]): Promise<void> {
  let said = '';
  const say = (text: string) => void (said += text);
  expect(await main(argv, { out: say, err: say, env: under.cluster.env }), said).toBe(0);
}

const blocks = pages().flatMap((page) => page.blocks);
const live = blocks.filter(isShell).flatMap((block) => {
  const here = stepsOf(block).filter((step) => whereRun(step, root).kind === 'live');
  const commands = here.map(({ command }) => command);
  return commands.length === 0 ? [] : [[whereOf(block), block, commands] as const];
});

/** Types the commands into one shell; each answer with its status. */
async function answersTo(block: Block, commands: readonly string[]) {
  const told = join(copy.folder, '.told');
  mkdirSync(told, { recursive: true });
  writeShownFiles(blocks, block.page, copy.folder);
  const script = commands.map((command, at) => {
    const typed = command
      .replace(/\bmessaging\b/g, under.name)
      .replace('--task-queue evenkeel', `--task-queue ${under.cluster.taskQueue}`);
    return `{ ${typed}\n} > ${join(told, `${at}.said`)} 2>&1; echo $? > ${join(told, `${at}.status`)}`;
  });
  // Who starts a stack has none; everybody else has the service's.
  const isAlone = commands.some((command) => command.includes('npm run -s stack'));
  const more = isAlone
    ? {}
    : { ...under.cluster.env, EVENKEEL_TASK_QUEUE: under.cluster.taskQueue };
  const absent = isAlone ? stackVariables : [];
  const typed = typeLine(script.join('\n').replace(/^/, 'set +e\n'), {
    cwd: copy.folder,
    more: { ...more, PATH: copy.path },
    absent,
  });
  expect(await typed.ended, typed.output()).toBe(0);
  return commands.map((command, at) => ({
    command,
    status: Number(readFileSync(join(told, `${at}.status`), 'utf8')),
    said: readFileSync(join(told, `${at}.said`), 'utf8').replaceAll(under.name, 'messaging'),
  }));
}

describe('a running service answers', () => {
  it.each(live)(
    '%s',
    async (_, block, commands) => {
      const wanted = given.filter(([command]) => commands.some((one) => one.startsWith(command)));
      for (const [, before] of wanted) await before();
      const answers = await answersTo(block, commands);
      for (const [, , after] of wanted) await after?.();
      for (const { command, status, said } of answers) {
        process.stderr.write(`$ ${command}\n${said}`);
        expect(statuses(command), `${command}\n${said}`).toContain(status);
        const [, output] = telling.find(([pattern]) => pattern.test(command)) ?? [];
        if (output !== undefined) expect(said, command).toMatch(output);
        const wide = said
          .split('\n')
          .filter((row) => row.length > width && /^evenkeel |-s evenkeel /.test(command));
        expect(wide.filter((row) => row.trim().includes(' '))).toEqual([]);
      }
    },
    blockWithinMs,
  );

  it('what a page asks of it', () => expect(live.length).toBeGreaterThan(8));
});
