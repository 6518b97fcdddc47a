// What `status` still says while one of the four that it asks does not answer.
import { ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { openMemoryService } from '../../../faults/memory-service.js';
import { openQuestions } from '../../../src/cli/status/away.js';
import { statusOf } from '../../../src/cli/status/service-status.js';
import { statusText } from '../../../src/cli/status.js';
import { BadInputError, UnreachableError } from '../../../src/errors.js';

const service = 'm';
type Context = Parameters<typeof statusOf>[0];

/** A Temporal that has neither a run nor a Schedule. */
const idle = {
  workflow: {
    getHandle: () => ({
      describe: () => Promise.reject(new WorkflowNotFoundError('none', 'rebalance/m', undefined)),
    }),
  },
  schedule: {
    getHandle: () => ({ describe: () => Promise.reject(new ScheduleNotFoundError('none', 's')) }),
  },
} as unknown as Awaited<ReturnType<Context['temporal']>>;

async function seen(away: Partial<Context>) {
  const { ports, simulated } = await openMemoryService({ service, replicas: 2, partitions: 12 });
  const { configDb, bus, platform } = ports;
  await configDb.insertDistribution({
    ...{ service, revision: 1, partitions: 12, hash: 'h', base: null, plan: null, epoch: 1 },
    ranges: [
      [0, 5, 0],
      [6, 11, 1],
    ],
    cause: { kind: 'bootstrap', text: 'first' },
    workflow: { id: 'rebalance/m', runId: 'r' },
    atMs: 0,
  });
  await configDb.saveRebalance({
    ...{ id: 'm@1', service, runId: 'r', atMs: 0 },
    body: { outcome: 'completed', text: 'bootstrap of 2', request: { requestId: 'q' } },
  });
  const records = [0, 1].map((instance) => ({
    ...{ topic: 'm.ownership', partition: 0 },
    value: JSON.stringify({
      ...{ type: 'acquired', partition: 6 * instance, revision: 1, instance: `m-${instance}` },
      ...{ incarnation: `i${instance}`, prev: null, next: '0', url: 'http://x' },
    }),
  }));
  const appender = await bus.appender('test');
  await appender.append(records);
  const context: Context = {
    configDb: async () => configDb,
    bus: async () => bus,
    platform: async () => platform,
    knowsPlatform: async () => true,
    temporal: async () => idle,
    ...away,
  };
  const status = await statusOf(context, service, openQuestions(2_000));
  await appender.close();
  await simulated.stopAll();
  return { status, text: statusText(status) };
}

const gone = (what: string) => () =>
  Promise.reject(new UnreachableError(what, `${what} does not answer at 127.0.0.1:1`));

describe('status', () => {
  it('has the whole picture while everybody answers', async () => {
    const { status, text } = await seen({});
    expect(status.away).toEqual([]);
    expect(text).toContain('m: revision 1, 12 partitions');
    expect(text).toContain('  no Schedule');
    expect(text).not.toContain('does not answer');
  });

  it('shows who owns what and how the last one ended while Temporal is away', async () => {
    const { status, text } = await seen({ temporal: gone('Temporal') });
    expect(status.away).toEqual([
      { what: 'Temporal', why: 'Temporal does not answer at 127.0.0.1:1' },
    ]);
    expect(status.platform?.instances).toHaveLength(2);
    expect(text).toMatch(/! Temporal does not answer, so what is under way is not shown: /);
    expect(text).toContain('  m-0  [0]');
    expect(text).toContain('  last recorded   completed: bootstrap of 2');
    expect(text).not.toContain('no Schedule');
  });

  it('shows what shall be while Kafka is away', async () => {
    const { status, text } = await seen({ bus: gone('Kafka') });
    expect(text).toContain('! Kafka does not answer, so who holds what is not shown: ');
    expect(text).toContain('  m-0  [0-5]');
    expect(text).not.toContain('ownership is not (yet) as planned');
    expect(status).toMatchObject({ settled: null, owned: {}, revision: 1 });
  });

  it('shows who holds what while ConfigDB is away', async () => {
    const { status, text } = await seen({ configDb: gone('ConfigDB') });
    expect(text).toContain('m: revision unknown, 12 partitions');
    expect(text).toContain('! ConfigDB does not answer, so what shall be, ');
    expect(text).toContain('  m-1  [6]');
    expect(status).toMatchObject({ settled: null, revision: null });
  });

  it('says so while the platform is away, which was missing without a word', async () => {
    const { status, text } = await seen({ platform: gone('the platform') });
    expect(text).toContain('! the platform does not answer, so instances are shown by their own');
    expect(status).toMatchObject({ platform: null, revision: 1 });
  });

  it('does not wait for who says nothing at all', async () => {
    const { away, ask } = openQuestions(1);
    expect(await ask('Kafka', () => new Promise(() => undefined))).toBe(null);
    expect(away).toEqual([{ what: 'Kafka', why: 'Kafka did not answer within 1 ms' }]);
  });

  it('takes a setting that is wrong for what it is', async () => {
    const wrong = () =>
      Promise.reject(new BadInputError('bad', { field: 'f', found: 'x', allowed: 'y' }));
    await expect(seen({ temporal: wrong })).rejects.toBeInstanceOf(BadInputError);
  });
});
