import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { historyFiles, readHistory } from './recorded-histories.js';

// Runs of released versions go on with the present code: their histories must replay as they are.
// How they are recorded: test/integration/saga/record-histories.test.ts.

const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

let workflowBundle: { code: string };

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}, 180_000);

describe('recorded histories', () => {
  it.each(historyFiles())('%s replays with the present workflows', async (file) => {
    const history = readHistory(file);
    // The id says whom a run is about, whatever its input says.
    const id = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
    await Worker.runReplayHistory({ workflowBundle }, history, id);
  });

  it('are rejected when the workflow would do something else', async () => {
    const changed = JSON.stringify(readHistory('grow.json')).replaceAll(
      '"scaleUp"',
      '"somethingElse"',
    );
    await expect(
      Worker.runReplayHistory({ workflowBundle }, JSON.parse(changed)),
    ).rejects.toThrow();
  });

  /** The present workflows with deliberate changes in their code. */
  const changedBundle = (...changes: readonly (readonly [from: string | RegExp, to: string])[]) => {
    let { code } = workflowBundle;
    for (const [from, to] of changes) {
      const found =
        typeof from === 'string' ? code.split(from).slice(1) : code.match(RegExp(from, 'g'));
      expect(found, `${String(from)} stands once in the bundle`).toHaveLength(1);
      code = code.replace(from, to);
    }
    return { code };
  };
  const whyRejected = (bundle: { code: string }, file: string) =>
    Worker.runReplayHistory({ workflowBundle: bundle }, readHistory(file)).then(
      () => '',
      (error: unknown) => String(error),
    );
  const order = 'prepare,\n    commit,\n    notify,\n    handOverStep';

  it.each([
    ['steps in another order', order, 'commit,\n    prepare,\n    notify,\n    handOverStep'],
    ['a step that is left out', order, 'prepare,\n    commit,\n    handOverStep'],
    [
      'a step that is done twice',
      order,
      'prepare,\n    commit,\n    notify,\n    notify, handOverStep',
    ],
    ['undos in another order', /(?<=undos\.values\(\)\s*\])\.reverse\(\)/, ''],
  ] as const)('catch %s', async (_change, from, to) => {
    // The last one has undone a grow at notify: the first of them has only a way forward.
    const files = ['grow.json', 'grow-undone-at-notify.json'];
    const changed = changedBundle([from, to]);
    const caught = await Promise.all(files.map((file) => whyRejected(changed, file)));
    expect(caught.filter((text) => text !== '')[0]).toMatch(/Nondeterminism/);
  });

  /** Another order of commands is found in one of two places, a cancellation too many in the second. */
  const rejected = /Nondeterminism|Fatal error in workflow machines/;

  // What makes the saga safe, taken away one by one.
  it.each([
    [
      'an undo that is registered after its step',
      'grow-undone-at-scale-up.json',
      [
        ['undos.set(step, undo);', 'saga.registerLater = () => undos.set(step, undo);'],
        [/(?=if \(!interrupted\) \{)/, 'saga.registerLater?.();'],
      ],
    ],
    [
      'a recovery that an abort cancels',
      'grow-aborted-while-others-take-over.json',
      [[/CancellationScope\.nonCancellable\(recover\)/, 'CancellationScope.cancellable(recover)']],
    ],
    [
      'an approved plan that is not computed again',
      'grow-approved.json',
      [[/const again = await [^;]*planForward[^;]*\(saga\);/, 'const again = shown;']],
    ],
    [
      'a scale-down that an abort cancels',
      'shrink-aborted-past-the-point-of-no-return.json',
      [["title: 'scale down',\n    onward: true", "title: 'scale down',\n    onward: false"]],
    ],
    [
      'a scale-down under the epoch of what scaled up',
      'grow-planned-smaller-on-its-way.json',
      [['if (grew && ', 'if (false && ']],
    ],
    [
      'an undo under the epoch of what it undoes',
      'grow-undone-at-verify.json',
      [['if (takesEpoch) ', 'if (false) ']],
    ],
    [
      'a pause between two tries while something is away',
      'grow-while-config-db-is-away.json',
      [
        [
          'if (patienceMs === null) throw error;',
          'if (patienceMs === null) throw error; await new Promise((go) => setTimeout(go, 1));',
        ],
      ],
    ],
    [
      'something away that is not waited for a second time',
      'grow-while-config-db-is-away.json',
      [['if (patienceMs === null) throw error;', 'if (patience !== undefined) throw error;']],
    ],
    [
      'a plan that is made when nobody approved',
      'grow-that-nobody-approved.json',
      [
        [
          /(if \(rejected !== undefined\)) return rejected;(\s*const again = await )([^;]*planForward[^;]*);/,
          '$1 { if (rejected.startsWith("nobody")) await $3; return rejected; } $2 $3;',
        ],
      ],
    ],
    [
      'an approval that counts for whatever the plan has become',
      'grow-approved-twice.json',
      [['if (covers(shown, again)) {', 'if (true) {']],
    ],
    [
      'a plan that is made twice after a lost race',
      'grow-that-lost-a-race.json',
      [
        [
          'const again = await planAgain(saga);',
          'await planAgain(saga); const again = await planAgain(saga);',
        ],
      ],
    ],
    [
      'nobody warmed up for what was planned after a lost race',
      'grow-that-lost-a-race.json',
      [['if (again.gaining > 0) await warmUp(saga);', '']],
    ],
    [
      'races that are given up earlier',
      'grow-undone-after-races-that-were-all-lost.json',
      [['const replansMax = 3;', 'const replansMax = 2;']],
    ],
  ] as const)('catch %s', async (_change, file, changes) => {
    expect(await whyRejected(workflowBundle, file)).toBe('');
    expect(await whyRejected(changedBundle(...changes), file)).toMatch(rejected);
  });

  describe('that began with what nobody could read', () => {
    const file = 'started-with-what-nobody-can-read.json';
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const changed = (change: (text: string) => string) => {
      const history = JSON.parse(change(JSON.stringify(readHistory(file)))) as ReturnType<
        typeof readHistory
      >;
      const id = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
      return Worker.runReplayHistory({ workflowBundle }, history, id);
    };
    const sealed = `{"encoding":"${base64('binary/encrypted')}"}`;

    it('go on without it when the key is there', async () => {
      const readable = {
        service: 'other',
        pending: [{ requestId: 'x', reason: 'r', source: 'roll' }],
      };
      const opened = (text: string) =>
        text
          .replaceAll(sealed, `{"encoding":"${base64('json/plain')}"}`)
          .replaceAll(base64('abc'), base64(JSON.stringify(readable)));
      await changed((text) => {
        expect(opened(text)).not.toBe(text);
        return opened(text);
      });
    });

    it('are not taken for those that could be read: these wait until the key is back', async () => {
      const marked = base64('{"id":"unreadable-input-0","deprecated":false}');
      const other = base64('{"id":"unreadable-input-9","deprecated":false}');
      await expect(changed((text) => text.replaceAll(marked, other))).rejects.toThrow();
    });
  });

  it('do not mind what people read', async () => {
    const changed = changedBundle(['{but}, the least movement', '{but}, as little as can be']);
    await Worker.runReplayHistory({ workflowBundle: changed }, readHistory('grow.json'));
  });
});
