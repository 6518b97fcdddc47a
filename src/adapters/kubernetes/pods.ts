// Owns: what a pod object says about an instance: its phase, its identity, and which of its processes
// have certainly ended. Only a container status counts as proof, because only the kubelet of the node
// writes one; that the pod object is gone, or failed, may be the word of somebody who saw no node.

import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { InstancePhase } from '../../ports.js';

export const defaultContainer = 'kubectl.kubernetes.io/default-container';
/** The controller's own mark: the ControllerRevision that this pod was made from. */
const revisionLabel = 'controller-revision-hash';
/** So many letters of a container's id tell it from the others of its pod. */
const idLetters = 12;
/** The kubelet lost the container and cannot say how it ended, or whether. */
const lostByKubelet = 'ContainerStatusUnknown';
/** What an instance writes of itself into its termination message: pod and a random part. */
const announced = /^[a-z0-9-]{1,64}/;

/** `messaging-2` → 2, for pods of that StatefulSet; null for any other. */
export function podOrdinal(statefulSet: string, pod: V1Pod): number | null {
  const name = pod.metadata?.name ?? '';
  if (!name.startsWith(`${statefulSet}-`)) return null;
  const rest = name.slice(statefulSet.length + 1);
  return /^\d{1,6}$/.test(rest) ? Number(rest) : null;
}

/** Pods that a StatefulSet made, not those that merely have its labels. */
export function isOwnedBy(pod: V1Pod, statefulSetUid: string): boolean {
  return pod.metadata?.ownerReferences?.some(({ uid }) => uid === statefulSetUid) === true;
}

export function phaseOf(pod: V1Pod): InstancePhase {
  if (pod.metadata?.deletionTimestamp !== undefined) return 'terminating';
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return ready && statusOf(pod)?.state?.running !== undefined ? 'ready' : 'starting';
}

export function templateOf(pod: V1Pod): string | undefined {
  return pod.metadata?.labels?.[revisionLabel];
}

/**
 * Identity of the process: pod, and its container's life. Until the first container is there it is the
 * pod alone; between two lives it is still the ended one's.
 */
export function uidOf(pod: V1Pod): string {
  const podUid = pod.metadata?.uid ?? '';
  const id = statusOf(pod)?.containerID;
  return id === undefined || id === '' ? podUid : lifeUid(podUid, id);
}

/**
 * Processes of this pod that have certainly ended, each by both of its names: that of `uidOf`, and that
 * which the process wrote into its termination message. That file belongs to one life of one container,
 * so the message of an ended container names the process that ended, whatever the clocks say.
 */
export function endedIn(pod: V1Pod): readonly string[] {
  const podUid = pod.metadata?.uid ?? '';
  const status = statusOf(pod);
  return [status?.state?.terminated, status?.lastState?.terminated].flatMap((ended) => {
    if (ended === undefined || ended.reason === lostByKubelet) return [];
    const own = announced.exec(ended.message ?? '')?.[0] ?? '';
    return [
      ...(ended.containerID === undefined || ended.containerID === ''
        ? []
        : [lifeUid(podUid, ended.containerID)]),
      ...(own.startsWith(`${podUid}-`) ? [own] : []),
    ];
  });
}

/**
 * Lives of its container that are over, by the kubelet's own count: that of the next lives, and the one
 * that has not been followed by another yet.
 */
export function endsOf(pod: V1Pod): number {
  const { restartCount = 0, state, lastState } = statusOf(pod) ?? {};
  const isBetween = state?.waiting !== undefined && lastState?.terminated !== undefined;
  return restartCount + (state?.terminated !== undefined || isBetween ? 1 : 0);
}

/** Of the container that is the instance. */
export function statusOf(pod: V1Pod): V1ContainerStatus | undefined {
  const name = containerName(pod);
  return pod.status?.containerStatuses?.find((status) => status.name === name);
}

/** The one that `kubectl exec` would take. */
export function containerName(pod: V1Pod): string {
  return pod.metadata?.annotations?.[defaultContainer] ?? pod.spec?.containers[0]?.name ?? '';
}

function lifeUid(podUid: string, containerId: string): string {
  const id = containerId.replace(/^.*:\/\//, '').replaceAll(/[^A-Za-z0-9]/g, '');
  return `${podUid}-${id.slice(0, idLetters)}`;
}
