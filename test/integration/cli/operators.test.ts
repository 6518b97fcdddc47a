// What operators say on the command line, against the real Temporal server.
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { ensureSchedule, scheduleIdOf } from '../../../src/schedule.js';
import { registerSearchAttributes } from '../../../src/search-attributes.js';

const service = `cli-${randomUUID().slice(0, 8)}`;
const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
let client: Client;

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address }) });
  await registerSearchAttributes(client.connection.operatorService, 'default');
  // Never due while the test runs, so it needs no worker.
  await ensureSchedule(client, { service, scheduleEveryMs: 3_600_000 }, 'nobody');
});
afterAll(async () => {
  await client.schedule.getHandle(scheduleIdOf(service)).delete();
  await client.connection.close();
});

async function run(...argv: string[]) {
  const written = { out: '', err: '' };
  const code = await main([...argv, '--json', '--temporal-address', address], {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: {},
  });
  return { code, json: JSON.parse(written.out) as Record<string, unknown> };
}

const schedule = async () =>
  (await client.schedule.getHandle(scheduleIdOf(service)).describe()).state;

describe('pause and resume', () => {
  it('leave the person and the reason in the note, and repeating them changes nothing', async () => {
    const paused = await run('pause', service, '--by', 'ada', '--reason', 'the match');
    expect(paused).toMatchObject({ code: 0, json: { paused: true, changed: true } });
    expect(await schedule()).toMatchObject({ paused: true, note: 'paused by ada: the match' });

    const again = await run('pause', service, '--by', 'bob');
    expect(again.json).toMatchObject({ changed: false, note: 'paused by ada: the match' });

    expect((await run('resume', service, '--by', 'bob')).code).toBe(0);
    expect(await schedule()).toMatchObject({ paused: false, note: 'resumed by bob' });
  });

  it('are answered to each of two people who say so at once; one of them is in the note', async () => {
    for (const [word, paused] of [
      ['pause', true],
      ['resume', false],
    ] as const) {
      const both = await Promise.all(['ada', 'bob'].map((by) => run(word, service, '--by', by)));
      expect(both).toMatchObject([0, 0].map((code) => ({ code, json: { paused } })));
      expect(await schedule()).toMatchObject({
        paused,
        note: expect.stringMatching(/ by (ada|bob)$/) as string,
      });
    }
  });

  it.each(['pause', 'resume'])('%s refuses a service that has no Schedule', async (word) => {
    const { code, json } = await run(word, 'nobody-knows');
    expect(code).toBe(2);
    expect(json).toMatchObject({ error: { field: 'service', found: 'nobody-knows' } });
  });
});

describe('approve, reject and abort', () => {
  it.each(['approve', 'reject', 'abort'])('%s says that no rebalance runs', async (word) => {
    const { code, json } = await run(word, service, '--by', 'ada');
    expect(code).toBe(1);
    expect(json).toMatchObject({ accepted: false });
    expect(json['text']).toMatch(/^no rebalance of cli-.* is under way/);
  });
});
