// Voluntary disruption: an eviction through the API, and the drain of a node by kubectl, of the pods of
// instances. Clients move by DISCONNECT before the process ends, none sees a lost connection, and the
// budget lets one go at a time.
import { KubeConfig, PolicyV1Api, type V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkLogs } from '../../../src/local/evidence.js';
import type { Observation, Swarm } from '../../../src/load/swarm.js';
import { findKubectl } from '../../../stack/kubernetes/programs.js';
import { run } from '../../../stack/programs.js';
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

const clients = 60;

describe('an instance whose pod has to go', () => {
  let under: ServiceUnderTest<KubernetesCluster>;
  let swarm: Swarm;
  const kubeconfig = inject('kubernetes')['EVENKEEL_KUBECONFIG'] ?? '';
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const policies = config.makeApiClient(PolicyV1Api);

  beforeAll(async () => {
    under = await startServiceOn(
      (options) => startKubernetesCluster({ ...options, kubeconfig, nodes: 4 }),
      { name: 'drained', instances: 3 },
    );
    swarm = await crowdOf(under, clients);
  });
  afterAll(async () => {
    swarm?.stop();
    await under?.stop();
  });

  const podNamed = (name: string): Promise<V1Pod> =>
    under.cluster.core.readNamespacedPod({ namespace: under.cluster.namespace, name });
  const evict = (name: string): Promise<unknown> => {
    const { core, namespace } = under.cluster;
    return core.createNamespacedPodEviction({ namespace, name, body: { metadata: { name } } });
  };
  /** The budget has seen that nobody is missing: until then it lets nobody go. */
  const budgetAllowsOne = (): Promise<unknown> =>
    eventually('the budget lets one go', async () => {
      const { namespace } = under.cluster;
      const { status } = await policies.readNamespacedPodDisruptionBudget({
        ...{ namespace, name: under.name },
      });
      return status?.disruptionsAllowed === 1;
    });
  /** It was told to go, has handed over, ended by itself, and another pod of its name is there. */
  const replaced = (name: string, uid: string | undefined): Promise<V1Pod> =>
    eventually(
      `another ${name} is ready`,
      async () => {
        const pod = await podNamed(name);
        const ready = pod.status?.conditions?.some(
          ({ type, status }) => type === 'Ready' && status === 'True',
        );
        return pod.metadata?.uid !== uid && ready === true ? pod : undefined;
      },
      90_000,
    );
  const expectPlannedMovesOnly = async (seen: Observation, from: string): Promise<void> => {
    const { messages, missing, moves } = seen;
    expect(missing).toEqual([]);
    expect(moves.filter(({ planned }) => !planned)).toEqual([]);
    expect(moves.filter((move) => move.from === from).length).toBeGreaterThan(0);
    expect(messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 });
    const evidence = await checkLogs(under.cluster.bus, under.name);
    expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [] });
  };
  /** Everybody owns again, so that the next test finds what the first did. */
  const spread = async (): Promise<void> => {
    await under.follow(await under.ask({ instances: 3 }));
    expect(Object.keys(await under.ownership())).toHaveLength(3);
  };

  it('by an eviction: its clients are moved before its process ends; the budget lets no second go', async () => {
    const name = `${under.name}-1`;
    const { metadata } = await podNamed(name);
    await budgetAllowsOne();
    const window = swarm.open();
    const sinceMs = Date.now();
    await evict(name);
    // The first is on its way out: it is not available, so nobody else may be disrupted.
    await expect(evict(`${under.name}-2`)).rejects.toMatchObject({ code: 429 });
    const closed = await under.follow(sinceMs);
    expect(closed.outcome).toMatchObject({ outcome: 'completed' });
    await replaced(name, metadata?.uid);
    await expectPlannedMovesOnly(await window.close(), name);
    await spread();
  });

  it('by the drain of its node: the same, and it comes back on another', async () => {
    const name = `${under.name}-2`;
    await budgetAllowsOne();
    const before = await podNamed(name);
    const node = before.spec?.nodeName ?? '';
    const window = swarm.open();
    const sinceMs = Date.now();
    const kubectl = await findKubectl(() => undefined);
    const args = ['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=200s'];
    const draining = run(kubectl, ['--kubeconfig', kubeconfig, ...args], { timeoutMs: 220_000 });
    const closed = await under.follow(sinceMs);
    expect(closed.outcome).toMatchObject({ outcome: 'completed' });
    await draining;
    const after = await replaced(name, before.metadata?.uid);
    expect(after.spec?.nodeName).not.toBe(node);
    await expectPlannedMovesOnly(await window.close(), name);
  });

  it('two at once, by deletion, which no budget holds back: both hand over to who stays', async () => {
    const names = [`${under.name}-1`, `${under.name}-2`];
    const before = await Promise.all(names.map(podNamed));
    await spread();
    const window = swarm.open();
    const { core, namespace } = under.cluster;
    await Promise.all(names.map((name) => core.deleteNamespacedPod({ namespace, name })));
    await Promise.all(names.map((name, at) => replaced(name, before[at]?.metadata?.uid)));
    const seen = await window.close();
    for (const name of names) await expectPlannedMovesOnly(seen, name);
  });
});
