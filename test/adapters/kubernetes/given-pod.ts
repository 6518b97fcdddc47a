// Owns: a pod as an API server shows it, for tests of what is read from one.
import type { V1ContainerState, V1Pod } from '@kubernetes/client-node';

export const podUid = '6f1c6a5e-0a4d-4f6e-9a51-0d9a6a2f1b11';
/** Its first container is in `state`, and another one is well. */
export const pod = (
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
export const running = { running: {} };
