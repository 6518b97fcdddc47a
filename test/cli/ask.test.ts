// What `--wait` says of a request, by what the run says of it.
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { ask } from '../../src/cli/ask.js';
import { readRequest } from '../../workflows/request-reading.js';
import { outcomeOf } from '../../workflows/outcomes.js';
import { Unreadable } from '../../workflows/payload-reading.js';

const service = 'm';
const mine = { requestId: 'mine', reason: 'r', source: 'operator' } as const;

/** As the run names what it could not read: by an id of its own. */
function unread() {
  const why = 'encoding binary/encrypted with key "k1", which EVENKEEL_PAYLOAD_KEYS does not have';
  const { request, fault = '' } = readRequest(new Unreadable(why), () => 'an-id', service);
  return { ...outcomeOf(request, 'refused', fault), notBegun: true };
}

const waited = async (result: () => Promise<unknown>) => {
  const handle = { workflowId: 'rebalance/m', signaledRunId: 'r', result };
  const context = {
    configDb: async () => ({ latestPolicy: async () => ({ service }), services: async () => [] }),
    temporal: async () => ({ workflow: { signalWithStart: async () => handle } }),
  } as unknown as Parameters<typeof ask>[0]['context'];
  return ask({ context, progress: () => undefined }, service, mine, {
    ...{ reason: 'r', wait: true, taskQueue: 'q' },
  });
};

describe('waiting for a request', () => {
  const done = { ...outcomeOf(mine, 'completed', 'grow 2 → 3'), revision: 3 };

  it('tells its own outcome, whatever else was refused', async () => {
    const said = await waited(async () => ({ service, outcomes: [done, unread()] }));
    expect(said).toMatchObject({ text: 'completed: grow 2 → 3', exitCode: 0 });
  });

  it('that the worker could not read says so, with the key, and exits as refused', async () => {
    const said = await waited(async () => ({ service, outcomes: [unread()] }));
    expect(said.text).toMatch(
      /^refused: the payload of this signal cannot be read: .*key "k1", which EVENKEEL_PAYLOAD_KEYS/,
    );
    expect(said).toMatchObject({ exitCode: 3, json: { requestId: 'mine', outcome: 'refused' } });
  });

  it('that came to a run which failed over another is told the same', async () => {
    const others = { ...done, requestId: 'theirs', outcome: 'undone' };
    const details = [{ service, outcomes: [others, unread()] }];
    const failure = ApplicationFailure.create({ message: 'undone', details });
    const said = await waited(() =>
      Promise.reject(new WorkflowFailedError('failed', failure, 'NON_RETRYABLE_FAILURE')),
    );
    expect(said).toMatchObject({ exitCode: 3, json: { outcome: 'refused' } });
  });

  it('that no outcome is about ended without it', async () => {
    const said = await waited(async () => ({ service, outcomes: [] }));
    expect(said).toMatchObject({ text: 'rebalance/m ended without this request', exitCode: 1 });
  });
});
