import { MockActivityEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { outlast, whatIsAway } from '../../activities/outlast.js';
import { AppendFailedError, BadInputError, UnreachableError } from '../../src/errors.js';
import type { Clock } from '../../src/ports.js';

const noDb = () => new UnreachableError('MongoDB', 'MONGODB_URI: no answer');

/** A clock on which each reading is a second later. */
function seconds(): Clock {
  let at = 0;
  return { monotonicMs: () => (at += 1_000), wallMs: () => 0 };
}

/** Runs it as an activity; answers what came of it, and the heartbeats. */
async function run(work: () => Promise<string>, patienceMs: number) {
  const env = new MockActivityEnvironment();
  const beats: unknown[] = [];
  env.on('heartbeat', (details) => beats.push(details));
  const result = await env
    .run(() => outlast(seconds(), work, { patienceMs }))
    .catch((error: unknown) => error);
  return { result, beats };
}

function failing(times: number, error: () => Error) {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw error();
    return `after ${calls} tries`;
  };
}

describe('an activity whose ConfigDB is away', () => {
  it('looks again by itself, and says so in its heartbeats', async () => {
    const { result, beats } = await run(failing(2, noDb), 60_000);
    expect(result).toBe('after 3 tries');
    expect(JSON.stringify(beats.at(-1))).toContain('ConfigDB does not answer since');
    expect(JSON.stringify(beats.at(-1))).toContain('tried 2 times, goes on by itself');
  });

  it('tells the workflow when its patience is over, with what is away and for how long', async () => {
    const { result } = await run(failing(9, noDb), 2_000);
    expect(result).toBeInstanceOf(ApplicationFailure);
    expect(result).toMatchObject({ type: 'Away', nonRetryable: true });
    const [detail] = (result as ApplicationFailure).details ?? [];
    expect(detail).toMatchObject({ what: 'ConfigDB', tries: 2 });
  });

  it('fails as it is without patience, and with any other error', async () => {
    const { result } = await run(failing(1, noDb), 0);
    expect(result).toBeInstanceOf(UnreachableError);
    const other = await run(
      failing(1, () => new Error('a bug')),
      60_000,
    );
    expect(other.result).toMatchObject({ message: 'a bug' });
  });
});

describe('what is away', () => {
  it.each([
    ['ConfigDB', noDb()],
    ['Kafka', new UnreachableError('kafka', 'no answer')],
    ['Kafka', new AppendFailedError('no answer', { maybeWritten: true })],
    ['the platform', new UnreachableError('supervisor', 'no answer')],
    [
      undefined,
      new AppendFailedError('bad', { maybeWritten: false, cause: new BadInputError('bad') }),
    ],
    [undefined, new BadInputError('bad')],
    [undefined, new Error('a bug')],
  ])('is %s', (what, error) => {
    expect(whatIsAway(error)).toBe(what);
  });
});
