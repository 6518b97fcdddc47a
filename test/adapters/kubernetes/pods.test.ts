import type { V1ContainerState, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { rememberEnded } from '../../../src/adapters/kubernetes/ended.js';
import {
  endedIn,
  endsOf,
  phaseOf,
  podOrdinal,
  troubleOf,
  uidOf,
} from '../../../src/adapters/kubernetes/pods.js';

const podUid = '6f1c6a5e-0a4d-4f6e-9a51-0d9a6a2f1b11';
const pod = (
  state: V1ContainerState,
  lastState: V1ContainerState = {},
  more: V1Pod = {},
): V1Pod => ({
  metadata: { name: 'chat-2', uid: podUid, ...more.metadata },
  spec: { containers: [{ name: 'side' }, { name: 'main' }] },
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      // In another order than the containers, as a server may give them.
      {
        name: 'main',
        containerID: 'containerd://ffff',
        image: '',
        imageID: '',
        ready: true,
        restartCount: 0,
      },
      {
        name: 'side',
        containerID: 'containerd://0123456789abcdef',
        image: '',
        imageID: '',
        ready: true,
        restartCount: 0,
        state,
        lastState,
      },
    ],
    ...more.status,
  },
});
const running = { running: {} };

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

it('the memory of ended processes forgets the oldest', () => {
  const ended = rememberEnded(2);
  ended.add(['a', 'b']);
  ended.add(['c']);
  expect(['a', 'b', 'c'].map((uid) => ended.has(uid))).toEqual([false, true, true]);
});
