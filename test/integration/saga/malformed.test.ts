// What anybody may send without this program: runs that are started with nonsense, payloads that the
// worker cannot read. The workflow id is the lock of its service, so such a run must go on and serve the
// requests that come to it.

import { randomBytes } from 'node:crypto';
import { RawValue, defaultPayloadConverter } from '@temporalio/common';
import { Client, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import { dataConverterOf } from '../../../src/payload-codec.js';
import { abortUpdate, statusQuery, type RebalanceResult } from '../../../workflows/messages.js';
import type { rebalance } from '../../../workflows/rebalance.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

const wish = { requestId: 'grow', reason: 'r', source: 'operator', instances: 3 } as const;

async function startedWith(w: World, args: unknown[]) {
  const handle = await w.client.workflow.signalWithStart('rebalance', {
    workflowId: `rebalance/${w.service}`,
    taskQueue: w.taskQueue,
    args,
    signal: 'requestRebalance',
    signalArgs: [wish],
  });
  const result = (await handle.result()) as RebalanceResult;
  const { notes } = await w.client.workflow
    .getHandle(handle.workflowId, handle.signaledRunId)
    .query(statusQuery);
  return { result, notes };
}

describe('a run that is started with nonsense', () => {
  it.each<[string, unknown[]]>([
    ['nothing', []],
    ['null', [null]],
    ['a text', ['m']],
    ['a number for a name', [{ service: 5 }]],
    ['another service', [{ service: 'other' }]],
  ])('%s is about the service that its id names', async (_what, args) => {
    const w = await bootstrapped();
    const { result, notes } = await startedWith(w, args);
    expect(result.service).toBe(w.service);
    expect(result.outcomes).toMatchObject([{ requestId: 'grow', outcome: 'completed' }]);
    expect(notes[0]).toContain(`it is about ${w.service}, as its id says`);
  });

  it('leaves out what was handed on and is none', async () => {
    const w = await bootstrapped();
    const { result, notes } = await startedWith(w, [
      { service: w.service, pending: 'abc', outcomes: [7] },
    ]);
    expect(result.outcomes).toMatchObject([{ requestId: 'grow', outcome: 'completed' }]);
    expect(notes).toEqual([
      "left out of the run's input: pending, which was no list",
      "left out of the run's input: an outcome that is none",
    ]);
  });

  it('fails at once, with a sentence, under an id that names no service', async () => {
    const w = await bootstrapped();
    const options = { taskQueue: w.taskQueue, args: [{ service: w.service }] };
    const workflowId = `not-a-rebalance-of-${w.service}`;
    const error: unknown = await w.client.workflow
      .execute('rebalance', { workflowId, ...options })
      .catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause?.message).toBe(
      `the workflow id "${workflowId}" names no service: a run is started as rebalance/SERVICE`,
    );
  });
});

const rawOf = (encoding: string, text: string) =>
  RawValue.fromPayload({
    metadata: { encoding: Buffer.from(encoding) },
    data: Buffer.from(text),
  });

/** A saga that is in its hand-over, until it is let go. */
async function handingOver() {
  let open = false;
  const w = await bootstrapped({ mayMove: (revision) => open || revision !== 2 });
  const handle = await w.request({ requestId: 'grow', instances: 3 });
  await eventually('it hands over', async () => {
    return (await handle.query(statusQuery)).phase === 'hand-over';
  });
  const outcomeOf = async (at: number) =>
    eventually('it is answered', async () => (await handle.query(statusQuery)).outcomes[at]);
  return { w, handle, outcomeOf, open: () => (open = true) };
}

describe('a payload that the worker cannot read', () => {
  it.each([
    ['of what the run was started with', true],
    ['of that and of the request', false],
  ])('leaves the service to the id, and the run goes on: %s', async (_what, isReadable) => {
    const w = await bootstrapped();
    const sealed = rawOf('binary/encrypted', 'abc');
    const handle = await w.client.workflow.signalWithStart('rebalance', {
      workflowId: `rebalance/${w.service}`,
      taskQueue: w.taskQueue,
      args: [sealed, sealed],
      signal: 'requestRebalance',
      signalArgs: [isReadable ? wish : sealed],
    });
    const { service, outcomes } = (await handle.result()) as RebalanceResult;
    expect(service).toBe(w.service);
    expect(outcomes).toMatchObject([{ outcome: isReadable ? 'completed' : 'refused' }]);
    const run = w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
    expect((await run.query(statusQuery)).notes.join('; ')).toContain(
      'what the run was started with cannot be read: encoding binary/encrypted',
    );
    expect(await w.replicas()).toBe(isReadable ? 3 : 2);
  });

  it.each([
    ['roll', 'roll/'],
    ['autoscale', 'autoscale/'],
  ])('ends at once, with a sentence, and its id is free again: %s', async (type, prefix) => {
    const w = await bootstrapped();
    const args = [rawOf('binary/encrypted', 'abc')];
    const workflowId = `${prefix}${w.service}`;
    const error: unknown = await w.client.workflow
      .execute(type, { workflowId, taskQueue: w.taskQueue, args })
      .catch((failed: unknown) => failed);
    expect((error as WorkflowFailedError).cause?.message).toContain(
      'cannot be read: encoding binary/encrypted',
    );
  });

  it.each([
    ['binary/what', 'abc', 'encoding binary/what'],
    ['binary/encrypted', 'abc', 'encoding binary/encrypted'],
    ['json/plain', '{"half', 'JSON'],
  ])('is refused as a signal, and the saga goes on: %s', async (encoding, text, why) => {
    const { handle, outcomeOf, open } = await handingOver();
    await handle.signal('requestRebalance', rawOf(encoding, text));
    await handle.signal('requestRebalance', rawOf(encoding, text), rawOf(encoding, text));
    const seen = await outcomeOf(1);
    expect(seen.outcome).toBe('refused');
    expect(seen.text).toContain('the payload of this signal cannot be read: ');
    expect(seen.text).toContain(why);
    await handle.signal('requestRebalance', { ...wish, requestId: 'back', instances: 2 });
    open();
    const { outcomes } = await handle.result();
    expect(outcomes.slice(-2)).toMatchObject([
      { requestId: 'grow', outcome: 'completed' },
      { requestId: 'back', outcome: 'completed' },
    ]);
  });

  it('is refused as an update, and the saga goes on', async () => {
    const { handle, open } = await handingOver();
    const args = [rawOf('binary/what', 'abc')] as never;
    const error: unknown = await handle
      .executeUpdate(abortUpdate, { args })
      .catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((error as WorkflowUpdateFailedError).cause?.message).toBe(
      'the payload of this update cannot be read: encoding binary/what',
    );
    open();
    expect((await handle.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
  });

  it('stays refused when a worker that has the key goes on with the run', async () => {
    const w = await bootstrapped();
    const mine = randomBytes(32).toString('base64');
    const theirs = `two:${randomBytes(32).toString('base64')}`;
    // Their operator's program: encrypted with a key that this worker does not have.
    const [codec] = dataConverterOf(theirs)?.payloadCodecs ?? [];
    const said = { ...wish, requestId: 'theirs', instances: 4 };
    const sealed = await codec?.encode([defaultPayloadConverter.toPayload(said)]);
    await w.stopWorkers();
    let open = false;
    const slow: Parameters<World['startWorker']>[0] = (activities) => ({
      ...activities,
      verify: async (input) => {
        if (!open) throw new Error('not yet');
        return activities.verify(input);
      },
    });
    const one = await w.startWorker(slow, undefined, dataConverterOf(`one:${mine}`));
    const handle = await w.request({ requestId: 'grow', instances: 3 });
    await handle.signal('requestRebalance', RawValue.fromPayload(sealed?.[0] ?? {}));
    const client = new Client({
      connection: w.client.connection,
      dataConverter: dataConverterOf(`one:${mine}`) ?? {},
    });
    const seen = client.workflow.getHandle<typeof rebalance>(handle.workflowId);
    await eventually('it verifies', async () => {
      const { phase, outcomes } = await seen.query(statusQuery);
      return phase === 'verify' && outcomes.length > 0;
    });
    await one.shutdown();
    await w.startWorker(slow, undefined, dataConverterOf(`one:${mine},${theirs}`));
    open = true;
    const { outcomes } = await seen.result();
    expect(outcomes).toMatchObject([
      { outcome: 'refused' },
      { requestId: 'grow', outcome: 'completed' },
    ]);
    expect(outcomes[0]?.text).toContain('it could not be read when it came');
    expect(await w.replicas()).toBe(3);
  });
});
