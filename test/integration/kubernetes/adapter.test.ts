// What Kubernetes adds to the laws of Platform: proof of an end, foreign scaling, races of writers,
// least privilege, and what cannot be worked with.
import { KubeConfig } from '@kubernetes/client-node';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectKubernetes, type KubernetesPlatform } from '../../../src/adapters/kubernetes.js';
import { permissions } from '../../../src/adapters/kubernetes/mend.js';
import { checkKubernetes } from '../../../src/cli/doctor/kubernetes.js';
import { eventually } from '../../support/eventually.js';
import { restartContainer, statefulSet, testCluster } from '../../support/test-cluster.js';

const cluster = testCluster();
const directory = mkdtempSync(join(tmpdir(), 'kube-'));
let namespace = '';
let platform: KubernetesPlatform;

beforeAll(async () => {
  namespace = await cluster.makeNamespace();
  platform = connectKubernetes({ kubeconfig: cluster.kubeconfig, namespace });
});
afterAll(async () => {
  await platform.close();
  await cluster.removeNamespace(namespace);
  rmSync(directory, { recursive: true });
});

const declare = async (name: string, replicas: number, policy?: 'OrderedReady') => {
  const body = statefulSet(name, replicas, policy);
  await cluster.apps.createNamespacedStatefulSet({ namespace, body });
};
const ready = (service: string, n: number) =>
  eventually(`${n} ready instances of ${service}`, async () => {
    const view = await platform.observe(service);
    return view.instances.filter(({ phase }) => phase === 'ready').length === n ? view : undefined;
  });

it('believes that a process has ended by the message that it left in its container', async () => {
  await declare('proof', 1);
  await ready('proof', 1);
  const place = { namespace, name: 'proof-0' };
  const pod = await cluster.core.readNamespacedPod(place);
  const own = `${pod.metadata?.uid}-0badcafe`;
  expect(await platform.hasEnded('proof', own)).toBe(false);
  await restartContainer(cluster, place, `${own}\n`);
  await eventually(
    'the end of that process',
    async () => (await platform.hasEnded('proof', own)) || undefined,
  );
});

it('does not take a pod that was deleted by force for an ended process', async () => {
  await declare('forced', 1);
  const before = (await ready('forced', 1)).instances[0]?.uid ?? '';
  await cluster.core.deleteNamespacedPod({ namespace, name: 'forced-0', gracePeriodSeconds: 0 });
  await eventually('another pod', async () => {
    const uid = (await platform.observe('forced')).instances[0]?.uid;
    return (uid !== undefined && uid !== before) || undefined;
  });
  expect(await platform.hasEnded('forced', before)).toBe(false);
});

it('tells who else has scaled, and leaves it so', async () => {
  await declare('foreign', 1);
  const { version } = await ready('foreign', 1);
  await platform.scale('foreign', { replicas: 1, epoch: 1, version });
  expect(await platform.observe('foreign')).not.toHaveProperty('foreign');
  const body = [{ op: 'replace', path: '/spec/replicas', value: 2 }];
  await cluster.apps.patchNamespacedStatefulSet({
    namespace,
    name: 'foreign',
    body,
    fieldManager: 'somebody',
  });
  const view = await platform.observe('foreign');
  expect(view).toMatchObject({ replicas: 2, epoch: 1, foreign: { from: 1, by: 'somebody' } });
  const result = await platform.scale('foreign', { replicas: 2, epoch: 2, version: view.version });
  expect(result.kind).toBe('scaled');
  expect(await platform.observe('foreign')).not.toHaveProperty('foreign');
});

it('lets one of many writers with the same version win', async () => {
  await declare('race', 0);
  const { version } = await platform.observe('race');
  const results = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((replicas) =>
      platform.scale('race', { replicas, epoch: replicas, version }),
    ),
  );
  expect(results.filter(({ kind }) => kind === 'scaled')).toHaveLength(1);
});

it('refuses a StatefulSet that is missing, or one after the other, with the way to mend it', async () => {
  await declare('ordered', 0, 'OrderedReady');
  await expect(platform.observe('ordered')).rejects.toThrow(/--cascade=orphan/);
  await expect(platform.observe('absent')).rejects.toThrow(/EVENKEEL_STATEFULSETS=absent=NAME/);
  const findings = checkKubernetes(await platform.inspect('ordered'));
  expect(findings).toContainEqual(
    expect.objectContaining({ check: 'stateful-set', verdict: 'fault' }),
  );
});

it('finds an autoscaler on the StatefulSet', async () => {
  await declare('scaled', 0);
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'scaled' };
  await cluster.autoscaling.createNamespacedHorizontalPodAutoscaler({
    namespace,
    body: { metadata: { name: 'rival' }, spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3 } },
  });
  const findings = checkKubernetes(await platform.inspect('scaled'));
  const rival = findings.find(({ check }) => check === 'autoscaler');
  expect(rival?.mend).toContain(`kubectl delete hpa rival --namespace ${namespace}`);
});

it('needs the rules that it names and no others, and names them when they are missing', async () => {
  await declare('least', 1);
  const name = 'worker';
  await cluster.core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
  const token = await cluster.core.createNamespacedServiceAccountToken({
    namespace,
    name,
    body: { spec: { audiences: [] } },
  });
  const server = cluster.config.getCurrentCluster();
  if (server === null) throw new Error('no cluster');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(server, { name, token: token.status?.token ?? '' });
  const kubeconfig = join(directory, 'worker');
  writeFileSync(kubeconfig, config.exportConfig(), { mode: 0o600 });
  const worker = connectKubernetes({ kubeconfig, namespace });
  try {
    await expect(worker.observe('least')).rejects.toThrow(
      /cannot get resource.*resourceNames: \[least\]/s,
    );
    expect((await worker.inspect('least')).denied).toContain('patch statefulsets.apps/least');
    await cluster.rbac.createNamespacedRole({
      namespace,
      body: {
        metadata: { name },
        rules: permissions('least').map(({ apiGroup, resource, name: of, verbs }) => ({
          apiGroups: [apiGroup],
          resources: [resource],
          verbs: [...verbs],
          ...(of === undefined ? {} : { resourceNames: [of] }),
        })),
      },
    });
    await cluster.rbac.createNamespacedRoleBinding({
      namespace,
      body: {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    });
    const view = await eventually('what is allowed now', () =>
      worker.observe('least').catch(() => undefined),
    );
    const to = { replicas: 2, epoch: 1, version: view.version };
    expect(await worker.scale('least', to)).toMatchObject({ kind: 'scaled' });
    expect((await worker.inspect('least')).denied).toEqual([]);
  } finally {
    await worker.close();
  }
});

it('says what is wrong with a kubeconfig, and with a server that is not there', async () => {
  const open = (kubeconfig: string, context?: string) => () =>
    connectKubernetes({ kubeconfig, context });
  expect(open(join(directory, 'nothing'))).toThrow(/is not there/);
  expect(open(cluster.kubeconfig, 'production')).toThrow(
    /no context production; it has: evenkeel-local/,
  );
});
