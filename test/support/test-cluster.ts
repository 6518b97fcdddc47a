// Owns: what tests make in the real cluster: namespaces of their own, StatefulSets whose pods kwok turns
// Ready, and the crash of a container as a kubelet would report it. Removes a namespace at its end.
import {
  AppsV1Api,
  AuthorizationV1Api,
  AutoscalingV2Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
  type V1ContainerStatus,
  type V1Pod,
  type V1StatefulSet,
} from '@kubernetes/client-node';
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

export interface TestCluster {
  readonly kubeconfig: string;
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly autoscaling: AutoscalingV2Api;
  readonly rbac: RbacAuthorizationV1Api;
  readonly authorization: AuthorizationV1Api;
  /** A namespace of its own; `remove` before the test file ends. */
  makeNamespace(): Promise<string>;
  removeNamespace(name: string): Promise<void>;
}

export function testCluster(): TestCluster {
  const kubeconfig = inject('kubernetes')['EVENKEEL_KUBECONFIG'] ?? '';
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  return {
    kubeconfig,
    config,
    core,
    apps: config.makeApiClient(AppsV1Api),
    autoscaling: config.makeApiClient(AutoscalingV2Api),
    rbac: config.makeApiClient(RbacAuthorizationV1Api),
    authorization: config.makeApiClient(AuthorizationV1Api),
    makeNamespace: async () => {
      const name = `test-${randomUUID().slice(0, 8)}`;
      await core.createNamespace({ body: { metadata: { name } } });
      return name;
    },
    removeNamespace: async (name) => {
      await core.deleteNamespace({ name, gracePeriodSeconds: 0 });
    },
  };
}

/** A StatefulSet as the chart makes it, whose pods run nothing: kwok plays their kubelet. */
export function statefulSet(
  name: string,
  replicas: number,
  podManagementPolicy: 'Parallel' | 'OrderedReady' = 'Parallel',
): V1StatefulSet {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      serviceName: name,
      replicas,
      podManagementPolicy,
      updateStrategy: { type: 'OnDelete' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { type: 'kwok' },
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'messaging', image: 'example.invalid/messaging:1' }],
        },
      },
    },
  };
}

/** The status of the pod's first container changed, as its kubelet writes it. */
export async function patchContainer(
  { core }: Pick<TestCluster, 'core'>,
  place: { readonly namespace: string; readonly name: string },
  change: (status: V1ContainerStatus, pod: V1Pod) => V1ContainerStatus,
): Promise<void> {
  const pod = await core.readNamespacedPod(place);
  const [first, ...others] = pod.status?.containerStatuses ?? [];
  if (first === undefined) throw new Error(`${place.name} has no status of a container yet`);
  const containerStatuses = [change(first, pod), ...others];
  await core.patchNamespacedPodStatus(
    { ...place, body: { status: { containerStatuses } } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  );
}

/** The container ends and is started again in the same pod, as its kubelet reports it. */
export async function restartContainer(
  cluster: Pick<TestCluster, 'core'>,
  place: { readonly namespace: string; readonly name: string },
  message?: string,
): Promise<void> {
  await patchContainer(cluster, place, (status) => {
    const restartCount = status.restartCount + 1;
    const now = new Date();
    const ended = {
      exitCode: 137,
      reason: 'Error',
      startedAt: now,
      finishedAt: now,
      ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
      ...(message === undefined ? {} : { message }),
    };
    const containerID = (status.containerID ?? '').replace(/\/\/\d+/, `//${restartCount}`);
    const running = { running: { startedAt: now } };
    return {
      ...status,
      restartCount,
      containerID,
      lastState: { terminated: ended },
      state: running,
    };
  });
}
