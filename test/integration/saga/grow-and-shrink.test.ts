import { afterEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from './saga-world.js';

const worlds: World[] = [];

async function world(options: Parameters<typeof openWorld>[0]): Promise<World> {
  const opened = await openWorld(options);
  worlds.push(opened);
  await opened.startWorker();
  return opened;
}

afterEach(async () => {
  for (const opened of worlds.splice(0)) await opened.close();
});

const two = { 0: '[0-179]', 1: '[180-359]' };

describe('the saga, against a real Temporal server', () => {
  it('makes the first distribution of the instances that are there', async () => {
    const w = await world({ replicas: 2 });
    const result = await w.rebalance({ instances: 2 });
    expect(result.outcomes).toMatchObject([{ outcome: 'completed', revision: 1, movedClients: 0 }]);
    expect(await w.owned()).toEqual(two);
  });

  it('grows from two to three as the worked example says, and shrinks back', async () => {
    const w = await world({ replicas: 2, clientsPerPartition: () => 1 });
    await w.rebalance();

    const handle = await w.request({ instances: 3, reason: 'grow', source: 'threshold' });
    const grown = await handle.result();
    expect(grown.outcomes).toMatchObject([
      { outcome: 'completed', revision: 2, movedClients: 120, gapP99Ms: 40 },
    ]);
    expect(await w.owned()).toEqual({ 0: '[0-119]', 1: '[180-299]', 2: '[120-179,300-359]' });
    expect(await w.replicas()).toBe(3);
    expect(await w.attributes(handle)).toMatchObject({
      EvenkeelService: w.service,
      EvenkeelPhase: 'done',
      EvenkeelOutcome: 'completed',
      EvenkeelRevision: 2,
      EvenkeelMovedClients: 120,
      EvenkeelGapP99Ms: 40,
    });

    const run = w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
    const { currentDetails } = await run.query<{ currentDetails: string }>(
      '__temporal_workflow_metadata',
    );
    expect(currentDetails).toContain(`**grow 2 → 3 of ${w.service}** · threshold: grow`);
    expect(currentDetails).toContain('shall  0→[0-119] 1→[180-299] 2→[120-179,300-359]');
    expect(currentDetails).toContain(
      '| ✓\u00a0hand\u00a0over\u00a0in\u00a0waves | all 360 partitions held as planned',
    );
    expect(currentDetails).toContain('120 clients moved, gap P50 40 ms, P99 40 ms');

    const shrunk = await w.rebalance({ instances: 2 });
    expect(shrunk.outcomes).toMatchObject([
      { outcome: 'completed', revision: 3, movedClients: 120 },
    ]);
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
    expect([...w.simulated.heldAtStop.values()]).toEqual([0]);
  });
});
