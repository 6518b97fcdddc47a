// The whole saga with real clients against the real API server: its instances are pods of a StatefulSet,
// each a real Messaging process. Grow, shrink, an undo with the pod's own reason, a lost node.
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Policy } from '../../../src/core/scaling/policy.js';
import { applyPolicy } from '../../../src/local/apply.js';
import type { Observation, Swarm } from '../../../src/load/swarm.js';
import type { ClosedRun } from '../../../src/local/watch.js';
import { eventually } from '../../support/eventually.js';
import {
  startKubernetesCluster,
  type KubernetesCluster,
} from '../../support/kubernetes-cluster.js';
import {
  crowdOf,
  startServiceOn,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';
import {
  expectNothingLost as nothingLost,
  fencings as fencingsOf,
} from '../../support/whole-service.js';

const clients = 40;

describe('a service on Kubernetes', () => {
  let under: ServiceUnderTest<KubernetesCluster>;
  let swarm: Swarm;

  beforeAll(async () => {
    const kubeconfig = inject('kubernetes')['EVENKEEL_KUBECONFIG'] ?? '';
    under = await startServiceOn(
      (options) => startKubernetesCluster({ ...options, kubeconfig, nodes: 3 }),
      { name: 'whole', instances: 2 },
    );
    swarm = await crowdOf(under, clients);
  });
  afterAll(async () => {
    swarm?.stop();
    await under?.stop();
  });

  /** What happened to the clients while `act` did, and how the run ended that it led to. */
  const observed = async (act: () => Promise<unknown>): Promise<[ClosedRun, Observation]> => {
    const window = swarm.open();
    const sinceMs = Date.now();
    const taken = await act();
    const run = await under.follow(typeof taken === 'string' ? taken : sinceMs);
    return [run, await window.close()];
  };
  const expectNothingLost = (seen: Observation) => nothingLost(under.cluster.bus, under.name, seen);
  const owners = async () => Object.keys(await under.ownership());
  const named = (...ordinals: number[]) => ordinals.map((ordinal) => `${under.name}-${ordinal}`);
  const podsNow = async () => {
    const { items } = await under.cluster.core.listNamespacedPod({
      namespace: under.cluster.namespace,
    });
    return items.map(({ metadata }) => metadata?.name).sort();
  };

  it('grows: clients move by DISCONNECT, nothing is lost', async () => {
    const [run, seen] = await observed(() => under.ask({ instances: 3 }));
    expect(run.outcome).toMatchObject({ outcome: 'completed' });
    expect(await owners()).toEqual(named(0, 1, 2));
    expect(await podsNow()).toEqual(named(0, 1, 2));
    expect(seen.moves.length).toBeGreaterThan(0);
    expect(seen.moves.filter(({ planned }) => !planned)).toEqual([]);
    await expectNothingLost(seen);
  });

  it('shrinks: the highest pod goes, and only when it holds nothing', async () => {
    const [run, seen] = await observed(() => under.ask({ instances: 2 }));
    expect(run.outcome).toMatchObject({ outcome: 'completed' });
    expect(await owners()).toEqual(named(0, 1));
    await eventually('the pod is gone', async () => (await podsNow()).length === 2);
    expect(seen.moves.filter(({ planned }) => !planned)).toEqual([]);
    await expectNothingLost(seen);
  });

  /** From now on pods are made of this; those that run are left as they are (OnDelete). */
  const template = async (
    change: (container: V1Container, pod: V1PodSpec) => void,
  ): Promise<void> => {
    const { apps, namespace } = under.cluster;
    const { name } = under;
    const set = await apps.readNamespacedStatefulSet({ namespace, name });
    const pod = set.spec?.template.spec;
    const [container] = pod?.containers ?? [];
    if (pod == null || container === undefined) throw new Error('no container');
    change(container, pod);
    await apps.replaceNamespacedStatefulSet({ namespace, name, body: set });
  };
  /** Asks for a third instance, and returns what the run failed with. */
  const growAndFail = async (): Promise<string> => {
    const [run, seen] = await observed(() => under.ask({ instances: 3 }));
    expect(run.status).toBe('FAILED');
    const handle = under.cluster.temporal.workflow.getHandle(run.workflowId, run.runId);
    const failure = await handle.result().then(
      () => undefined,
      (error: { cause?: { type?: unknown; message?: string } }) => error.cause,
    );
    expect(failure?.type).toBe('RebalanceUndone');
    expect(await owners()).toEqual(named(0, 1));
    await eventually('the pod is gone', async () => (await podsNow()).length === 2);
    expect(seen.moves.filter(({ planned }) => !planned)).toEqual([]);
    await expectNothingLost(seen);
    return failure?.message ?? '';
  };

  it("undoes a grow whose pod never gets Ready, with the pod's own reason: image, scheduling, crash", async () => {
    const policy = (await under.cluster.configDb.latestPolicy(under.name))?.policy as Policy;
    const impatient = { ...policy, instanceStartMs: 15_000 };
    await applyPolicy(under.cluster, impatient, 'test');

    await template((container) => (container.image = 'evenkeel:missing'));
    const missing = await growAndFail();
    expect(missing).toMatch(/not ready within .*(ErrImagePull|ImagePullBackOff)/);
    expect(missing).toMatch(/evenkeel:missing/);

    const wrong = { name: 'EVENKEEL_PORT', value: 'eighty' };
    await template((container) => {
      container.image = 'evenkeel:test';
      container.env = [...(container.env ?? []), wrong];
    });
    expect(await growAndFail()).toMatch(/exit code 2: EVENKEEL_PORT is "eighty"/);

    // It ends before it could write a termination message: its log has the last word.
    const last = "console.error('the last word'); process.exit(1)";
    const command = ['node', '-e', last];
    let real: string[] = [];
    await template((container) => {
      container.env = container.env?.slice(0, -1) ?? [];
      real = container.command ?? [];
      container.command = command;
    });
    expect(await growAndFail()).toMatch(/exit code 1: the last word/);

    const here = under.cluster.kubelet.nodeSelector;
    await template((container, pod) => {
      container.command = real;
      pod.nodeSelector = { 'example.com/disk': 'none' };
    });
    expect(await growAndFail()).toMatch(/Unschedulable: 0\/\d+ nodes are available/);

    await template((_, pod) => (pod.nodeSelector = { ...here }));
    await applyPolicy(under.cluster, policy, 'test');
  });

  const fencings = (podUid: string | undefined) =>
    fencingsOf(under.cluster.bus, under.name, podUid);

  it('takes the end of a container for proof: what it held is served again, and nobody waited for its lease', async () => {
    const { core, kubelet, namespace } = under.cluster;
    const name = `${under.name}-1`;
    const before = await core.readNamespacedPod({ namespace, name });
    const window = swarm.open();
    kubelet.signal(name, 'SIGKILL');
    const after = await eventually('it is ready again', async () => {
      const pod = await core.readNamespacedPod({ namespace, name });
      const [status] = pod.status?.containerStatuses ?? [];
      return status?.restartCount === 1 && status.ready ? pod : undefined;
    });
    expect(after.metadata?.uid).toBe(before.metadata?.uid);
    // By its next life, or, where that took longer than the watcher waits, by the saga.
    await eventually('it is fenced', async () => (await fencings(after.metadata?.uid)).length > 0);
    expect(await fencings(after.metadata?.uid)).toEqual(['process-ended']);
    await eventually('everybody is connected', () => swarm.connected() === clients);
    await expectNothingLost(await window.close());
  });

  it('gives what a lost node held to the others, when its lease is over', async () => {
    const { core, kubelet, namespace } = under.cluster;
    // Both hold something, whoever took over after the crash; and that run is over, or it would be the one that
    // hears of the loss.
    await under.follow(await under.ask({ instances: 2 }));
    const both = async () => (await owners()).join() === named(0, 1).join();
    await eventually('both hold something', both, 60_000);
    const pod = await core.readNamespacedPod({ namespace, name: `${under.name}-1` });
    const [run, seen] = await observed(() => kubelet.lose(pod.spec?.nodeName ?? '', 'dead'));
    expect(run.outcome).toMatchObject({ outcome: 'recovered' });
    expect(await owners()).toEqual(named(0));
    expect(await fencings(pod.metadata?.uid)).toContain('lease-expired');
    await eventually('everybody is connected', () => swarm.connected() === clients);
    await expectNothingLost(seen);
  });
});
