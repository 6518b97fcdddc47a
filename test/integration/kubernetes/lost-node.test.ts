// Nodes that nobody hears of, with real clients: one that stands still and comes back, and one that is cut
// off from the API server alone. Only the lease decides; Kubernetes' own opinion of a node proves nothing.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Observation, Swarm } from '../../../src/load/swarm.js';
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
import { expectNothingLost, fencings } from '../../support/whole-service.js';

const clients = 40;

describe('an instance whose node is heard of no more', () => {
  let under: ServiceUnderTest<KubernetesCluster>;
  let swarm: Swarm;

  beforeAll(async () => {
    const kubeconfig = inject('kubernetes')['EVENKEEL_KUBECONFIG'] ?? '';
    under = await startServiceOn(
      (options) => startKubernetesCluster({ ...options, kubeconfig, nodes: 2 }),
      { name: 'lost', instances: 2 },
    );
    swarm = await crowdOf(under, clients);
  });
  afterAll(async () => {
    swarm?.stop();
    await under?.stop();
  });

  const named = (...ordinals: number[]) => ordinals.map((ordinal) => `${under.name}-${ordinal}`);
  const owners = async () => Object.keys(await under.ownership()).sort();
  const second = () => {
    const { core, namespace } = under.cluster;
    return core.readNamespacedPod({ namespace, name: `${under.name}-1` });
  };
  const container = async () => (await second()).status?.containerStatuses?.[0];
  const nothingLost = (seen: Observation) => expectNothingLost(under.cluster.bus, under.name, seen);

  it('serves on where only the API server cannot reach it: nobody moves, and it is known again afterwards', async () => {
    const { kubelet } = under.cluster;
    const before = await second();
    const node = before.spec?.nodeName ?? '';
    const window = swarm.open();
    await kubelet.lose(node, 'cut-off');
    await eventually('messages over some leases', () => window.sent() > 300, 60_000);
    const seen = await window.close();
    expect(seen.moves).toEqual([]);
    expect(await owners()).toEqual(named(0, 1));
    expect(await fencings(under.cluster.bus, under.name, before.metadata?.uid)).toEqual([]);
    await nothingLost(seen);

    kubelet.find(node);
    kubelet.signal(`${under.name}-1`, 'SIGKILL');
    await eventually(
      'the node tells again what happens on it',
      async () => (await container())?.restartCount === 1 && (await container())?.ready,
      60_000,
    );
    await eventually('everybody is connected', () => swarm.connected() === clients);
  });

  it('that stands still loses what it holds when its lease is over; awake again it knows, and ends by itself', async () => {
    const { kubelet, bus } = under.cluster;
    // Both hold something, whoever took over after the crash.
    await under.follow(await under.ask({ instances: 2 }));
    const both = async () => (await owners()).join() === named(0, 1).join();
    await eventually('both hold something', both, 60_000);
    const pod = await second();
    const node = pod.spec?.nodeName ?? '';
    const restarts = (await container())?.restartCount ?? 0;
    const window = swarm.open();
    const sinceMs = Date.now();
    await kubelet.lose(node, 'frozen');
    const run = await under.follow(sinceMs);
    expect(run.outcome).toMatchObject({ outcome: 'recovered' });
    expect(await owners()).toEqual(named(0));
    expect(await fencings(bus, under.name, pod.metadata?.uid)).toContain('lease-expired');
    await eventually('everybody is connected', () => swarm.connected() === clients, 60_000);

    kubelet.find(node);
    const ended = await eventually(
      'it has ended by itself, and is started again',
      async () => {
        const now = await container();
        return (now?.restartCount ?? 0) > restarts && now?.ready && now.lastState?.terminated;
      },
      60_000,
    );
    expect(ended.exitCode).toBe(3);
    expect(await owners()).toEqual(named(0));
    await nothingLost(await window.close());
  });
});
