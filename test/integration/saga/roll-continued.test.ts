// A roll whose history gets long continues as new between two steps: it ends as one run would, also on its
// way back, and no history or payload gets large.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  abortRollUpdate,
  pauseRollUpdate,
  rollStatusQuery,
} from '../../../workflows/roll-messages.js';
import { eventually } from '../../support/eventually.js';
import { one, start, templates, two } from './rolls.js';
import { createWorlds, type World } from './saga-world.js';
import { startShortHistoryServer } from './short-histories.js';

const payloadMaxBytes = 2_048;
/** The server suggests it after 40; a step that has begun is finished. */
const eventsMax = 100;

const { bootstrapped, closeAll } = createWorlds();
let server: Awaited<ReturnType<typeof startShortHistoryServer>>;
beforeAll(async () => {
  server = await startShortHistoryServer();
});
afterEach(closeAll);
afterAll(() => server.stop());

async function runsOf(w: World) {
  const runs: { runId: string; status: string }[] = [];
  const query = `WorkflowId = "roll/${w.service}"`;
  for await (const { runId, status } of w.client.workflow.list({ query })) {
    runs.push({ runId, status: status.name });
  }
  return runs;
}

async function expectBounded(w: World): Promise<void> {
  for (const { runId } of await runsOf(w)) {
    const { events } = await w.client.workflow.getHandle(`roll/${w.service}`, runId).fetchHistory();
    expect(events?.length).toBeLessThan(eventsMax);
    for (const event of events ?? []) {
      const { payloads } = event.workflowExecutionStartedEventAttributes?.input ?? {};
      for (const { data } of payloads ?? []) expect(data?.length).toBeLessThan(payloadMaxBytes);
    }
  }
}

const continued = (w: World) => async () =>
  (await runsOf(w)).filter(({ status }) => status === 'CONTINUED_AS_NEW').length > 0;

describe('a roll with a long history', () => {
  it('continues as new, and ends as one run would', async () => {
    const { temporalAddress } = server;
    const w = await bootstrapped({ replicas: 3, temporalAddress });
    const handle = await start(w);
    expect(await handle.result()).toEqual({
      service: w.service,
      outcome: 'completed',
      text: `all 3 instances run ${two}`,
      template: { from: one, to: two },
      movedClients: 480,
    });
    // The server lists what has closed some moments later.
    const runs = await eventually('its last run is listed', async () => {
      const found = (await runsOf(w)).map(({ status }) => status);
      return found.includes('COMPLETED') ? found : undefined;
    });
    expect(runs.filter((status) => status === 'CONTINUED_AS_NEW').length).toBeGreaterThan(0);
    expect(runs.filter((status) => status === 'COMPLETED').length).toBe(1);
    await expectBounded(w);
    // Each has what the one above it had, as in one run.
    expect(await w.owned()).toEqual({ 0: '[120-239]', 1: '[240-359]', 2: '[0-119]' });
    // The last run knows of steps of those before.
    const { steps, movedClients } = await w.client.workflow
      .getHandle(`roll/${w.service}`)
      .query(rollStatusQuery);
    expect(movedClients).toBe(480);
    expect(steps.map(({ title }) => title)).toContain('1 → 0, restart 1');
  });

  it('is paused and told to go back in a later run, and does', async () => {
    const { temporalAddress } = server;
    const w = await bootstrapped({ replicas: 3, temporalAddress });
    await start(w, { watchMs: 300 });
    await eventually('it has continued', continued(w));
    const now = w.client.workflow.getHandle(`roll/${w.service}`);
    await now.executeUpdate(pauseRollUpdate, { args: [{ by: 'ada' }] });
    await eventually(
      'it is paused',
      async () => (await now.query(rollStatusQuery)).phase === 'paused',
    );
    await now.executeUpdate(abortRollUpdate, { args: [{ by: 'ada', back: true }] });
    const result: unknown = await now.result();
    expect(result).toMatchObject({ outcome: 'aborted', template: { from: one, to: two } });
    expect(result).toMatchObject({
      text: `aborted by ada: went back from ${two}, all 3 instances run ${one}`,
    });
    expect(await templates(w)).toEqual([one, one, one]);
    expect(Object.keys(await w.owned())).toEqual(['0', '1', '2']);
    await expectBounded(w);
  });
});
