// The Kubernetes adapter keeps the laws of Platform, against the real API server.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { connectKubernetes, type KubernetesPlatform } from '../../../src/adapters/kubernetes.js';
import { platformContract } from '../../contract/platform.js';
import { restartContainer, statefulSet, testCluster } from '../../support/test-cluster.js';

const cluster = testCluster();
let namespace = '';
let platform: KubernetesPlatform | undefined;

beforeAll(async () => {
  namespace = await cluster.makeNamespace();
  platform = connectKubernetes({ kubeconfig: cluster.kubeconfig, namespace });
});
afterAll(async () => {
  await platform?.close();
  await cluster.removeNamespace(namespace);
});

platformContract('a Kubernetes StatefulSet', () => {
  if (platform === undefined) throw new Error('not connected');
  return {
    platform,
    image: 'example.invalid/messaging:2',
    declare: async (replicas) => {
      const service = `service-${randomUUID().slice(0, 6)}`;
      await cluster.apps.createNamespacedStatefulSet({
        namespace,
        body: statefulSet(service, replicas),
      });
      return service;
    },
    crash: (_service, instance) => restartContainer(cluster, { namespace, name: instance }),
  };
});
