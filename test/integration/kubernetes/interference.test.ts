// What others do to a StatefulSet while a saga waits for a new instance of it: a quota refuses the pod, a
// person scales back, somebody makes the StatefulSet anew around its pods. Each run ends in order and says
// what it met; everybody who was served before is served after.
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import type { Policy } from '../../../src/core/scaling/policy.js';
import { applyPolicy } from '../../../src/local/apply.js';
import { checkLogs } from '../../../src/local/evidence.js';
import type { Swarm } from '../../../src/load/swarm.js';
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

const kubeconfig = inject('kubernetes')['EVENKEEL_KUBECONFIG'] ?? '';
const quota = 'no-third-pod';
let under: ServiceUnderTest<KubernetesCluster>;
let swarm: Swarm;

beforeAll(async () => {
  under = await startServiceOn(
    (options) => startKubernetesCluster({ ...options, kubeconfig, nodes: 3 }),
    { name: 'meddled', instances: 2, policy: { instanceStartMs: 180_000 } },
  );
  swarm = await crowdOf(under, 40);
});
afterAll(async () => {
  swarm?.stop();
  await under?.stop();
});

/** Two pods, and no third: whatever grows has to wait. */
beforeEach(async () => {
  const { core, namespace } = under.cluster;
  const body = { metadata: { name: quota }, spec: { hard: { pods: '2' } } };
  await core.createNamespacedResourceQuota({ namespace, body });
  return () => allow().catch(() => undefined);
});
const allow = () => {
  const { core, namespace } = under.cluster;
  return core.deleteNamespacedResourceQuota({ namespace, name: quota });
};

const readSet = () => {
  const { apps, namespace } = under.cluster;
  return apps.readNamespacedStatefulSet({ namespace, name: under.name });
};
const replicas = async () => (await readSet()).spec?.replicas;
/** A grow that has asked for the third instance and waits for it. */
const growing = async (): Promise<string> => {
  const runId = await under.ask({ instances: 3 });
  await eventually('three are asked for', async () => (await replicas()) === 3, 30_000);
  return runId;
};
const kubectl = async (...args: string[]): Promise<void> => {
  const program = await findKubectl(() => undefined);
  const { namespace } = under.cluster;
  await run(program, ['--kubeconfig', kubeconfig, '--namespace', namespace, ...args], {
    timeoutMs: 30_000,
  });
};
const expectServed = async (instances: number): Promise<void> => {
  expect(Object.keys(await under.ownership())).toHaveLength(instances);
  const seen = await swarm.open().close();
  expect(seen.missing).toEqual([]);
  expect(seen.messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0 });
  const evidence = await checkLogs(under.cluster.bus, under.name);
  expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [] });
};

it('a quota that refuses the pod: undone, with the command that says why', async () => {
  const { cluster, name } = under;
  const policy = (await cluster.configDb.latestPolicy(name))?.policy as Policy;
  await applyPolicy(cluster, { ...policy, instanceStartMs: 15_000 }, 'test');
  const { outcome } = await under.follow(await growing());
  // The others wait for what happens, however slow the machine is.
  await applyPolicy(cluster, policy, 'test');
  expect(outcome).toMatchObject({ outcome: 'undone' });
  expect(outcome?.text).toMatch(
    new RegExp(
      `${under.name}-2 not ready within 15000 ms: Kubernetes has made no pod .*kubectl describe statefulset ${under.name}`,
    ),
  );
  expect(await replicas()).toBe(2);
  await expectServed(2);
});

it('a person who scales back is obeyed at once: nobody waits for who is not wanted', async () => {
  const runId = await growing();
  await kubectl('scale', `statefulset/${under.name}`, '--replicas=2');
  const { outcome } = await under.follow(runId);
  expect(outcome).toMatchObject({ outcome: 'undone' });
  expect(outcome?.text).toContain(
    'kubectl changed the number of instances to 2 while 3 were to run',
  );
  expect(await replicas()).toBe(2);
  await expectServed(2);
});

it('a StatefulSet that is made anew around its pods: the grow goes on', async () => {
  const runId = await growing();
  const { apps, namespace } = under.cluster;
  const { metadata, spec } = await readSet();
  await kubectl('delete', `statefulset/${under.name}`, '--cascade=orphan');
  const { name, labels } = metadata ?? {};
  const body = {
    metadata: { ...(name && { name }), ...(labels && { labels }) },
    ...(spec && { spec }),
  };
  // Before it is made again: who was refused too often is tried again ever later.
  await allow();
  await apps.createNamespacedStatefulSet({ namespace, body });
  const { outcome } = await under.follow(runId);
  expect(outcome).toMatchObject({ outcome: 'completed' });
  expect(await replicas()).toBe(3);
  await expectServed(3);
});
