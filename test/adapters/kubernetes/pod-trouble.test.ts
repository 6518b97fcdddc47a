import type { V1ContainerState, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { noPodText, troubleOf, waitsFor } from '../../../src/adapters/kubernetes/pod-trouble.js';
import { pod, podUid, running } from './given-pod.js';

describe('a pod that is not Ready', () => {
  it('says why it is not ready, with the last line of what ended', () => {
    const waiting = { reason: 'CrashLoopBackOff' };
    const terminated = { exitCode: 1, message: 'one\nport is taken' };
    expect(troubleOf(pod({ waiting }, { terminated }))).toBe(
      'CrashLoopBackOff: exit code 1: port is taken',
    );
    expect(troubleOf(pod(running))).toBeNull();
  });

  it('does not take the name of a life for its last words', () => {
    const terminated = { exitCode: 137, reason: 'OOMKilled', message: `${podUid}-1a2b3c4d\n` };
    expect(troubleOf(pod({ terminated }))).toBe('its container ended: exit code 137 (OOMKilled)');
    const message = `${podUid}-1a2b3c4d\nport 8080 is taken by another program\n`;
    expect(troubleOf(pod({ terminated: { exitCode: 2, reason: 'Error', message } }))).toBe(
      'its container ended: exit code 2: port 8080 is taken by another program',
    );
  });

  it('in a crash loop is in trouble also in the moment in which it runs', () => {
    const starting: V1Pod = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
    const again = pod(running, { terminated: { exitCode: 1, message: 'no' } });
    again.status = { ...again.status, ...starting.status };
    expect(troubleOf(again)).toBe('its container ended: exit code 1: no');
  });

  it('that cannot be scheduled, or whose image is not there, says so; one on its way says nothing', () => {
    const message = '0/3 nodes are available: 3 Insufficient cpu.';
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    const unscheduled: V1Pod = {
      metadata: { name: 'chat-2', uid: podUid },
      status: { phase: 'Pending', conditions: [condition] },
    };
    expect(troubleOf(unscheduled)).toBe(`Unschedulable: ${message}`);
    const pulled = { reason: 'ErrImagePull', message: 'not found' };
    expect(troubleOf(pod({ waiting: pulled }))).toBe('ErrImagePull: not found');
    expect(troubleOf(pod({ waiting: { reason: 'ContainerCreating' } }))).toBeNull();
  });
});

const at = (time: string) => new Date(`2026-11-30T${time}Z`);

/** On its way, as far as `own` says. */
function starting(own: Partial<V1ContainerStatus>, more: Partial<V1Pod> = {}): V1Pod {
  const common = { image: '', imageID: '', restartCount: 0 };
  return {
    metadata: {
      ...{ name: 'chat-2', namespace: 'people', uid: podUid, creationTimestamp: at('14:00:00') },
      ...more.metadata,
    },
    spec: {
      nodeName: 'node-7',
      containers: [
        {
          name: 'main',
          startupProbe: { httpGet: { path: '/healthz/startup', port: 1 } },
          readinessProbe: { httpGet: { path: '/healthz/ready', port: 1 } },
        },
      ],
      ...more.spec,
    },
    status: {
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ ...common, name: 'main', ready: false, ...own }],
      ...more.status,
    },
  };
}
const side = (state: V1ContainerState): V1ContainerStatus => ({
  ...{ name: 'proxy', image: '', imageID: '', restartCount: 0, ready: false, state },
});
const runs = { running: { startedAt: at('14:00:05') } };
const described = 'kubectl describe pod chat-2 --namespace people';

describe('what a pod with nothing wrong yet waits for', () => {
  it('its startup probe, then its readiness probe, since when it runs', () => {
    expect(waitsFor(starting({ state: runs, started: false }))).toBe(
      `it runs on node node-7 since 2026-11-30T14:00:05Z, but its startup probe /healthz/startup has not passed: ${described}`,
    );
    expect(waitsFor(starting({ state: runs, started: true }))).toBe(
      `it runs on node node-7 since 2026-11-30T14:00:05Z, but its readiness probe /healthz/ready does not pass: ${described}`,
    );
    expect(troubleOf(starting({ state: runs, started: true }))).toBeNull();
  });

  it('a node, then its container', () => {
    const { spec } = starting({});
    const unbound = { spec: { containers: spec?.containers ?? [] } };
    const nowhere: V1Pod = { ...starting({}), ...unbound, status: {} };
    expect(waitsFor(nowhere)).toBe(`it waits for a node since 2026-11-30T14:00:00Z: ${described}`);
    const creating = { state: { waiting: { reason: 'ContainerCreating' } } };
    expect(waitsFor(starting(creating))).toBe(
      `its container is made on node node-7 since 2026-11-30T14:00:00Z: ${described}`,
    );
  });

  it('another container of the pod, or a gate, when its own is ready', () => {
    const own = { ...side(runs), name: 'main', ready: true, started: true };
    const withProxy = (proxy: V1ContainerStatus[]) =>
      starting({}, { status: { containerStatuses: [own, ...proxy] } });
    expect(waitsFor(withProxy([side(runs)]))).toContain('but container proxy is not ready');
    expect(waitsFor(withProxy([]))).toContain('but the pod is not Ready');
  });

  it('the pod before it, which ends on a node that may be gone', () => {
    const metadata = { deletionTimestamp: at('14:01:00') };
    expect(waitsFor(starting({ state: runs }, { metadata }))).toBe(
      'the pod before it ends on node node-7, which it should have by 2026-11-30T14:01:00Z; there is no other of the name until then',
    );
  });

  it('nothing, when it is Ready', () => {
    expect(waitsFor(pod(running))).toBeNull();
  });

  it('a pod at all', () => {
    expect(noPodText('chat', 'people')).toContain(
      'kubectl describe statefulset chat --namespace people',
    );
  });
});

describe('other containers of a pod', () => {
  const before = (initContainerStatuses: V1ContainerStatus[]) =>
    starting(
      { state: { waiting: { reason: 'PodInitializing' } } },
      { status: { initContainerStatuses } },
    );

  it('are named when one of them is in trouble, those that run first included', () => {
    const terminated = { exitCode: 1, message: 'no route to the vault' };
    const looping = {
      ...side({ waiting: { reason: 'CrashLoopBackOff' } }),
      lastState: { terminated },
    };
    expect(troubleOf(before([looping]))).toBe(
      'container proxy: CrashLoopBackOff: exit code 1: no route to the vault',
    );
  });

  it('that ran to their end, or run, are no trouble', () => {
    expect(troubleOf(before([side({ terminated: { exitCode: 0 } })]))).toBeNull();
    expect(troubleOf(before([side(runs)]))).toBeNull();
  });
});

it('a pod that its node put out says so', () => {
  const message = 'The node was low on resource: memory.';
  const status = { phase: 'Failed', reason: 'Evicted', message };
  expect(troubleOf(starting({}, { status }))).toBe(`Evicted: ${message}`);
});
