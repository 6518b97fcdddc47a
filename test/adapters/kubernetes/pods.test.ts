import type { V1ContainerState } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { rememberEnded } from '../../../src/adapters/kubernetes/ended.js';
import {
  endedIn,
  endsOf,
  phaseOf,
  podOrdinal,
  uidOf,
} from '../../../src/adapters/kubernetes/pods.js';
import { pod, podUid, running } from './given-pod.js';

describe('a pod object', () => {
  it('names the process by the pod and the life of its first container', () => {
    expect(uidOf(pod(running))).toBe(`${podUid}-0123456789ab`);
  });

  it('tells that a process has ended by both of its names', () => {
    const message = `${podUid}-deadbeef\nTypeError: it broke`;
    const terminated = { exitCode: 1, containerID: 'containerd://0123456789abcdef', message };
    expect(endedIn(pod({ terminated }))).toEqual([`${podUid}-0123456789ab`, `${podUid}-deadbeef`]);
    expect(endedIn(pod(running, { terminated }))).toEqual(endedIn(pod({ terminated })));
  });

  it('proves nothing by its end, its phase, or a container that the kubelet lost', () => {
    const gone = { metadata: { deletionTimestamp: new Date() }, status: { phase: 'Failed' } };
    expect(endedIn(pod(running, {}, gone))).toEqual([]);
    const lost = {
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
      containerID: 'containerd://0123',
    };
    expect(endedIn(pod({ terminated: lost }))).toEqual([]);
  });

  it('believes no message about a process of another pod', () => {
    const message = '00000000-0000-4000-8000-000000000000-deadbeef';
    expect(endedIn(pod({ terminated: { exitCode: 0, message } }))).toEqual([]);
  });

  it('counts the lives of its container that are over, each once, whatever it is just now', () => {
    const terminated = { exitCode: 7 };
    const counted = (restartCount: number, state: V1ContainerState, last?: V1ContainerState) => {
      const one = pod(state, last);
      const [, status] = one.status?.containerStatuses ?? [];
      if (status !== undefined) status.restartCount = restartCount;
      return endsOf(one);
    };
    expect(counted(0, running)).toBe(0);
    expect(counted(0, { waiting: { reason: 'ContainerCreating' } })).toBe(0);
    expect(counted(0, { terminated })).toBe(1);
    expect(counted(1, running, { terminated })).toBe(1);
    expect(counted(1, { waiting: { reason: 'CrashLoopBackOff' } }, { terminated })).toBe(2);
    expect(endsOf({ metadata: { name: 'chat-2' } })).toBe(0);
  });

  it('is terminating, ready or starting', () => {
    expect(phaseOf(pod(running))).toBe('ready');
    expect(phaseOf(pod({ waiting: { reason: 'CrashLoopBackOff' } }))).toBe('starting');
    const deleted = { metadata: { deletionTimestamp: new Date() } };
    expect(phaseOf(pod(running, {}, deleted))).toBe('terminating');
  });

  it('belongs to a StatefulSet by its whole name', () => {
    expect(podOrdinal('chat', pod(running))).toBe(2);
    expect(podOrdinal('chat', { metadata: { name: 'chat-blue-2' } })).toBeNull();
  });
});

it('the memory of ended processes forgets the oldest', () => {
  const ended = rememberEnded(2);
  ended.add(['a', 'b']);
  ended.add(['c']);
  expect(['a', 'b', 'c'].map((uid) => ended.has(uid))).toEqual([false, true, true]);
});
