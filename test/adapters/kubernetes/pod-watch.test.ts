import { KubeConfig, type CoreV1Api, type V1PodList } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import type { Asking } from '../../../src/adapters/kubernetes/call.js';
import { watchPods } from '../../../src/adapters/kubernetes/pod-watch.js';

it('ends at once when it is closed while it lists, and watches nothing any more', async () => {
  let answer: (pods: V1PodList) => void = () => undefined;
  const answered = new Promise<V1PodList>((resolve) => (answer = resolve));
  const asking: Asking = async ({ ask }) => ask({});
  const config = new KubeConfig();
  let watched = 0;
  // A watch asks for the address of its server first.
  config.getCurrentCluster = () => {
    watched += 1;
    return null;
  };
  const watch = watchPods({
    ...{ config, asking, namespace: 'chat', labelSelector: 'app=messaging' },
    core: { listNamespacedPod: () => answered } as unknown as CoreV1Api,
    onPod: () => undefined,
  });
  const closed = watch.close();
  answer({ items: [], metadata: { resourceVersion: '7' } });
  await closed;
  expect(watched).toBe(0);
});
