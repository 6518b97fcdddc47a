// Nobody waits for a rebalance that no worker would carry out.
import { expect, it } from 'vitest';
import { expectWorker, type Asked } from '../../../src/cli/conformance/expect-worker.js';
import { UnreachableError } from '../../../src/errors.js';

const nowMs = 1_000_000_000;

/** A Temporal whose task queue was polled so long ago. */
function polled(...agoMs: readonly number[]): Asked {
  const pollers = agoMs.map((ms) => ({ lastAccessTime: { seconds: (nowMs - ms) / 1_000 } }));
  return {
    options: { namespace: 'default' },
    workflowService: {
      describeTaskQueue: () => Promise.resolve({ pollers }),
    } as unknown as Asked['workflowService'],
  };
}

it('a worker that has polled lately is enough', async () => {
  await expectWorker(polled(300_000, 30_000), 'evenkeel', nowMs);
});

it('a task queue that nobody polls, or nobody any more, is said at once', async () => {
  for (const temporal of [polled(), polled(300_000)]) {
    const error = await expectWorker(temporal, 'chat-queue', nowMs).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(String(error)).toMatch(
      /no worker polls task queue chat-queue, .*evenkeel worker; .*--no-moves/,
    );
  }
});
