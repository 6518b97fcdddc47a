// Owns: why an instance of a StatefulSet is not Ready, in Kubernetes' own words where it has any. Pure: it
// asks nobody and knows no clock; times are those that Kubernetes wrote down.

import type {
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Pod,
  V1Probe,
} from '@kubernetes/client-node';
import { containerName, phaseOf, statusOf } from './pods.js';

/** Reasons to wait that are no trouble. */
const isOnItsWay = new Set(['ContainerCreating', 'PodInitializing']);

/** What is wrong with a pod that starts; null when it is Ready, ends, or nothing is wrong yet. */
export function troubleOf(pod: V1Pod): string | null {
  if (phaseOf(pod) !== 'starting') return null;
  const { status } = pod;
  if (status?.phase === 'Failed' && status.reason !== undefined) {
    return said(status.reason, status.message);
  }
  const own = containerTrouble(pod, statusOf(pod));
  if (own !== null) return own;
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return said(scheduled.reason, scheduled.message) || 'it is on no node';
  }
  for (const one of othersOf(pod)) {
    const trouble = containerTrouble(pod, one);
    if (trouble !== null) return `container ${one.name}: ${trouble}`;
  }
  return null;
}

/** The same, and of a pod with nothing wrong yet what it waits for; null when it is Ready. */
export function waitsFor(pod: V1Pod): string | null {
  const { metadata, spec } = pod;
  const phase = phaseOf(pod);
  if (phase === 'ready') return null;
  const describe = `kubectl describe pod ${metadata?.name} --namespace ${metadata?.namespace}`;
  const node = spec?.nodeName === undefined ? '' : ` on node ${spec.nodeName}`;
  if (phase === 'terminating') {
    const until = timeText(metadata?.deletionTimestamp);
    return `the pod before it ends${node}, which it should have by ${until}; there is no other of the name until then`;
  }
  const trouble = troubleOf(pod);
  if (trouble !== null) return trouble;
  const { state, started, ready } = statusOf(pod) ?? {};
  if (state?.running === undefined) {
    const since = timeText(metadata?.creationTimestamp);
    const what = spec?.nodeName === undefined ? 'it waits for a node' : 'its container is made';
    return `${what}${node} since ${since}: ${describe}`;
  }
  const runs = `it runs${node} since ${timeText(state.running.startedAt)}, but`;
  const container = spec?.containers.find(({ name }) => name === containerName(pod));
  if (started === false) {
    return `${runs} its startup probe ${pathOf(container?.startupProbe)}has not passed: ${describe}`;
  }
  if (ready !== true) {
    return `${runs} its readiness probe ${pathOf(container?.readinessProbe)}does not pass: ${describe}`;
  }
  const late = othersOf(pod)
    .filter((one) => one.state?.running !== undefined && !one.ready)
    .map(({ name }) => name);
  const what = late.length > 0 ? `container ${late.join(', ')} is not ready` : 'is not Ready';
  return `${runs} ${late.length > 0 ? '' : 'the pod '}${what}: ${describe}`;
}

/** Why there is no pod of an instance at all: only its StatefulSet's events say it, which we may not read. */
export function noPodText(statefulSet: string, namespace: string): string {
  return (
    `Kubernetes has made no pod for it (a quota or an admission policy may refuse it): ` +
    `kubectl describe statefulset ${statefulSet} --namespace ${namespace}`
  );
}

function containerTrouble(pod: V1Pod, status: V1ContainerStatus | undefined): string | null {
  const { waiting, terminated } = status?.state ?? {};
  const isDone = terminated?.exitCode === 0 && isInit(pod, status);
  const ended = isDone ? undefined : (terminated ?? status?.lastState?.terminated);
  if (waiting?.reason !== undefined && !isOnItsWay.has(waiting.reason)) {
    return said(waiting.reason, ended === undefined ? waiting.message : howEnded(pod, ended));
  }
  // Between two of its crashes it runs for a moment.
  return ended === undefined ? null : `its container ended: ${howEnded(pod, ended)}`;
}

/** Containers beside the instance's own that keep the pod from being Ready, those that run first first. */
function othersOf(pod: V1Pod): readonly V1ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].filter(
    ({ name, ready }) => name !== containerName(pod) && !ready,
  );
}

function isInit(pod: V1Pod, status: V1ContainerStatus | undefined): boolean {
  return pod.status?.initContainerStatuses?.some(({ name }) => name === status?.name) === true;
}

/** `exit code 1: what it said last`; the name of its life, which it writes there first, is no word. */
function howEnded(pod: V1Pod, ended: V1ContainerStateTerminated): string {
  const words = (ended.message ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith(`${pod.metadata?.uid ?? ''}-`))
    .at(-1);
  const reason = ended.reason === undefined || ended.reason === 'Error' ? '' : ` (${ended.reason})`;
  return said(`exit code ${ended.exitCode}${reason}`, words);
}

const said = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part).join(': ');

const pathOf = (probe: V1Probe | undefined): string =>
  probe?.httpGet?.path === undefined ? '' : `${probe.httpGet.path} `;

function timeText(at: Date | undefined): string {
  return at === undefined ? 'some time' : new Date(at).toISOString().replace('.000Z', 'Z');
}
