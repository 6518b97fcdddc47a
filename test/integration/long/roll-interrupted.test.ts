// Rolling upgrades that somebody or something comes between, on the whole real stack under chatting clients:
// the worker is killed, people pause, resume and abort. It goes on or goes back, and nothing is lost.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameBuildElsewhere } from '../../../bench/roll/run.js';
import { checkLogs } from '../../../src/local/evidence.js';
import type { Swarm } from '../../../src/load/swarm.js';
import type { LocalWorker } from '../../../src/local/worker.js';
import {
  abortRollUpdate,
  pauseRollUpdate,
  resumeRollUpdate,
  rollStatusQuery,
  type RollStatus,
  type RollWorkflow,
} from '../../../workflows/roll-messages.js';
import { eventually } from '../../support/eventually.js';
import {
  crowdOf,
  startServiceUnderTest,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';

const [instances, clients] = [3, 30];
const withinMs = 90_000;

describe('a rolling upgrade that is interrupted', { timeout: 400_000 }, () => {
  let under: ServiceUnderTest;
  let worker: LocalWorker;
  let swarm: Swarm;

  beforeAll(async () => {
    under = await startServiceUnderTest({
      name: 'rollint',
      instances,
      policy: { instanceStartMs: 180_000 },
    });
    worker = under.worker as LocalWorker;
    swarm = await crowdOf(under, clients, 30);
  });
  afterAll(async () => {
    swarm?.stop();
    await under?.stop();
  });

  const templates = async () => {
    const view = await under.cluster.platform.observe(under.name);
    return view.instances.map(({ template }) => template);
  };
  const start = () => {
    const { temporal, taskQueue, logDir } = under.cluster;
    return temporal.workflow.start<RollWorkflow>('roll', {
      workflowId: `roll/${under.name}`,
      taskQueue,
      args: [{ service: under.name, image: sameBuildElsewhere(logDir), watchMs: 1_500, by: 'ada' }],
    });
  };
  type Handle = Awaited<ReturnType<typeof start>>;
  const status = (handle: Handle): Promise<RollStatus> => handle.query(rollStatusQuery);
  /** So many instances run another version than at first. */
  const rolledAre = (handle: Handle, count: number) =>
    eventually(
      `${count} run it`,
      async () => (await status(handle).catch(() => null))?.rolled === count,
      withinMs,
    );
  const underWay = (handle: Handle, step: RegExp) =>
    eventually(
      `${step.source} is under way`,
      async () => {
        const last = (await status(handle).catch(() => null))?.steps.at(-1);
        return last?.state === 'running' && step.test(last.title);
      },
      withinMs,
    );
  const killWorker = async (): Promise<void> => {
    await worker.end('SIGKILL');
    expect(worker.process.isRunning()).toBe(false);
    worker = await under.cluster.startWorker();
  };
  /** Nobody lost a connection or a message meanwhile, and there were never two owners. */
  const watched = async (act: () => Promise<void>): Promise<void> => {
    const window = swarm.open();
    await act();
    const { messages, moves, missing } = await window.close();
    expect(missing).toEqual([]);
    expect(messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 });
    expect(messages.sent).toBeGreaterThan(0);
    expect(moves.filter(({ planned }) => !planned)).toEqual([]);
    const evidence = await checkLogs(under.cluster.bus, under.name);
    expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [] });
  };

  it('goes on when the worker is killed: in a hand-over, in a restart, and while it watches', async () => {
    const before = await templates();
    await watched(async () => {
      const handle = await start();
      await underWay(handle, /→/);
      await killWorker();
      await underWay(handle, /→ 0/);
      await eventually(
        'it restarts whoever handed over',
        async () => {
          const { instances: now } = await under.cluster.platform.observe(under.name);
          return now.filter(({ phase }) => phase === 'ready').length === instances;
        },
        withinMs,
      );
      await killWorker();
      await underWay(handle, /^watch/);
      await killWorker();
      expect(await handle.result()).toMatchObject({ outcome: 'completed' });
    });
    const after = await templates();
    expect(after).toHaveLength(instances);
    expect(new Set(after).size).toBe(1);
    expect(after).not.toEqual(before);
    expect(Object.keys(await under.ownership())).toHaveLength(instances);
  });

  it('stands still while it is paused, goes on when it is resumed, and ends where it is aborted', async () => {
    const word = { args: [{ by: 'ada', reason: 'lunch' }] as [{ by: string; reason: string }] };
    await watched(async () => {
      const handle = await start();
      await underWay(handle, /→/);
      await handle.executeUpdate(pauseRollUpdate, word);
      const isPaused = async () => (await status(handle)).phase === 'paused';
      await eventually('it is paused', isPaused, withinMs);
      const seen = [await templates(), await under.ownership()];
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect([await templates(), await under.ownership()]).toEqual(seen);
      await handle.executeUpdate(resumeRollUpdate, word);
      // The step that is under way when it is aborted may still end: then two run it.
      await rolledAre(handle, 1);
      await handle.executeUpdate(abortRollUpdate, word);
      const { outcome, text } = await handle.result();
      expect(outcome).toBe('aborted');
      expect(text).toMatch(/aborted by ada: lunch: \d of 3 instances run it/);
    });
    // Two versions, and everybody is served: the next one goes on from there.
    expect(new Set(await templates()).size).toBe(2);
  });

  it('goes back to the version before when it is told to, and its worker is killed on the way', async () => {
    const before = new Set(await templates());
    await watched(async () => {
      const handle = await start();
      await underWay(handle, /→/);
      await handle.executeUpdate(abortRollUpdate, { args: [{ by: 'ada', back: true }] });
      const goesBack = async () => (await status(handle).catch(() => null))?.phase === 'back';
      await eventually('it goes back', goesBack, withinMs);
      await killWorker();
      const { outcome, text } = await handle.result();
      expect(outcome).toBe('aborted');
      expect(text).toMatch(/aborted by ada: went back from/);
    });
    const after = await templates();
    expect(after).toHaveLength(instances);
    expect(new Set(after).size).toBe(1);
    expect(before).toContain(after[0]);
    expect(Object.keys(await under.ownership())).toHaveLength(instances);
  });
});
