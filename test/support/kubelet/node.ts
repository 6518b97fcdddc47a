// One Node object of the process kubelet, with its heartbeats. kwok leaves it alone: it lacks kwok's
// annotation. It is tainted, so that only pods of the test that owns it come here.

import {
  PatchStrategy,
  setHeaderOptions,
  V1MicroTime,
  type CoordinationV1Api,
  type CoreV1Api,
} from '@kubernetes/client-node';
import * as timing from './timing.js';

export const nodeLabel = 'test.evenkeel/kubelet';

export interface KubeletNode {
  readonly name: string;
  /** False from `silence` to `speak`: nobody hears of it or its pods. */
  isHeard(): boolean;
  silence(): void;
  speak(): void;
  /** Removes its object. */
  remove(): Promise<void>;
}

export interface NodeApis {
  readonly core: CoreV1Api;
  readonly coordination: CoordinationV1Api;
}

const leases = 'kube-node-lease';

/** Registers it and keeps it alive. `owner` is the value of its label and its taint. */
export async function startNode(
  { core, coordination }: NodeApis,
  { name, owner }: { readonly name: string; readonly owner: string },
): Promise<KubeletNode> {
  let heard = true;
  await core.createNode({
    body: {
      metadata: {
        name,
        labels: {
          [nodeLabel]: owner,
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'topology.kubernetes.io/zone': name,
        },
      },
      spec: { taints: [{ key: nodeLabel, value: owner, effect: 'NoSchedule' }] },
    },
  });
  const lease = (leaseTransitions: number) => ({
    metadata: { name, namespace: leases },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: 40,
      leaseTransitions,
      renewTime: new V1MicroTime(),
    },
  });
  await coordination.createNamespacedLease({ namespace: leases, body: lease(0) });
  const beat = async (): Promise<void> => {
    if (!heard) return;
    const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
    await core.patchNodeStatus({ name, body: { status: statusNow() } }, strategic);
    await coordination.patchNamespacedLease({ name, namespace: leases, body: lease(0) }, merge);
  };
  await beat();
  const timer = setInterval(() => void beat().catch(() => undefined), timing.nodeBeatEveryMs);
  return {
    name,
    isHeard: () => heard,
    silence: () => void (heard = false),
    speak: () => void (heard = true),
    remove: async () => {
      clearInterval(timer);
      await core.deleteNode({ name }).catch(() => undefined);
      await coordination.deleteNamespacedLease({ name, namespace: leases }).catch(() => undefined);
    },
  };
}

function statusNow() {
  const size = { cpu: '64', memory: '256Gi', pods: '250' };
  const lastHeartbeatTime = new Date();
  return {
    capacity: size,
    allocatable: size,
    conditions: [
      { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime },
      { type: 'MemoryPressure', status: 'False', lastHeartbeatTime },
      { type: 'DiskPressure', status: 'False', lastHeartbeatTime },
      { type: 'PIDPressure', status: 'False', lastHeartbeatTime },
    ],
  };
}
