// The cluster of the stack is a real one: pods of a StatefulSet become Ready, authentication and RBAC
// count, a ServiceAccount gets a token, and Helm knows the version.
import { AuthorizationV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findHelm, findKubectl } from '../../../stack/kubernetes/programs.js';
import { run } from '../../../stack/programs.js';
import { eventually } from '../../support/eventually.js';
import { statefulSet, testCluster } from '../../support/test-cluster.js';

const cluster = testCluster();
const say = (line: string) => process.stderr.write(`${line}\n`);
let namespace = '';

beforeAll(async () => {
  namespace = await cluster.makeNamespace();
});
afterAll(() => cluster.removeNamespace(namespace));

it('makes the three pods of a StatefulSet Ready on the nodes of kwok', async () => {
  await cluster.apps.createNamespacedStatefulSet({ namespace, body: statefulSet('demo', 3) });
  await eventually('three ready pods', async () => {
    const set = await cluster.apps.readNamespacedStatefulSet({ namespace, name: 'demo' });
    return set.status?.readyReplicas === 3 || undefined;
  });
});

it('lets a ServiceAccount do what a Role allows, with a token of its own, and nothing else', async () => {
  const name = 'reader';
  await cluster.core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
  await cluster.rbac.createNamespacedRole({
    namespace,
    body: {
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
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
  const { status } = await cluster.core.createNamespacedServiceAccountToken({
    namespace,
    name,
    body: { spec: { audiences: [] } },
  });
  const config = new KubeConfig();
  const of = cluster.config.getCurrentCluster();
  if (of === null) throw new Error('no cluster');
  config.loadFromClusterAndUser(of, { name, token: status?.token ?? '' });
  await expect(
    config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace }),
  ).resolves.toBeTruthy();
  await expect(
    config.makeApiClient(CoreV1Api).listNamespacedSecret({ namespace }),
  ).rejects.toMatchObject({ code: 403 });
  const may = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: { namespace, verb: 'delete', resource: 'pods' } } },
  });
  expect(may.status?.allowed).toBe(false);
});

it('refuses who has no credentials', async () => {
  const server = cluster.config.getCurrentCluster();
  if (server === null) throw new Error('no cluster');
  const nobody = new KubeConfig();
  nobody.loadFromClusterAndUser(server, { name: 'nobody' });
  await expect(
    nobody.makeApiClient(CoreV1Api).listNamespacedPod({ namespace }),
  ).rejects.toMatchObject({ code: 403 });
});

it('has a kubectl and a Helm that know this version of Kubernetes', async () => {
  const kubectl = await findKubectl(say);
  const args = ['--kubeconfig', cluster.kubeconfig, 'version', '--output=json'];
  expect(await run(kubectl, args, { timeoutMs: 30_000 })).toContain('"gitVersion": "v1.34.2"');
  const helm = await findHelm(say);
  expect(await run(helm, ['version', '--short'], { timeoutMs: 30_000 })).toMatch(/^v3\./m);
});
