// Owns: the pods of one StatefulSet as they are now: a list, then a watch that goes on from where it
// was, and another list when the server has forgotten where that is. Tells every version of every pod
// that it sees, removed ones included. Never decides what a pod means.

import { Watch, type CoreV1Api, type KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { wait, type Asking } from './call.js';
import {
  watchForS,
  watchOverdueMs,
  watchRetryFirstMs,
  watchRetryMaxMs,
  watchSilentMs,
} from './limits.js';
import { listPods } from './pod-list.js';

export interface PodWatch {
  /** Resolves with the pods when the watch is at work; lists them itself while it is not, or may not be. */
  pods(): Promise<readonly V1Pod[]>;
  close(): Promise<void>;
}

export interface PodWatchOptions {
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly asking: Asking;
  readonly namespace: string;
  readonly labelSelector: string;
  readonly onPod: (pod: V1Pod) => void;
  /** After so long without a word whoever looks asks for a list. Default `watchSilentMs`. */
  readonly silentMs?: number;
}

const gone = 410;

export function watchPods(options: PodWatchOptions): PodWatch {
  const { namespace, labelSelector, onPod, silentMs = watchSilentMs } = options;
  const known = new Map<string, V1Pod>();
  const closing = new AbortController();
  const list = () => listPods(options, closing.signal);
  let isLive = false;
  let position: string | undefined;
  /** When the server said something last, by a list or the watch. */
  let heardMs = -Infinity;
  /** Changes of what is known. */
  let changes = 0;
  /** Ends the watch that is at work; another goes on from where it was. */
  let abandon = (): void => undefined;

  const replaceBy = (pods: readonly V1Pod[]): void => {
    heardMs = performance.now();
    changes += 1;
    known.clear();
    for (const pod of pods) known.set(pod.metadata?.uid ?? '', pod);
  };

  /** What a watch that was silent should have told: it is dead, and nobody said so. */
  const isNews = ({ metadata }: V1Pod): boolean =>
    known.get(metadata?.uid ?? '')?.metadata?.resourceVersion !== metadata?.resourceVersion;

  const take = (type: string, object: unknown): 'forgotten' | 'failed' | undefined => {
    heardMs = performance.now();
    if (type === 'ERROR') {
      return (object as { code?: number }).code === gone ? 'forgotten' : 'failed';
    }
    const pod = object as V1Pod;
    position = pod.metadata?.resourceVersion || position;
    if (type === 'BOOKMARK') return undefined;
    changes += 1;
    onPod(pod);
    const uid = pod.metadata?.uid ?? '';
    if (type === 'DELETED') known.delete(uid);
    else known.set(uid, pod);
    return undefined;
  };

  /** One watch, to its end. */
  const follow = (from: string): Promise<'ended' | 'forgotten' | 'failed'> =>
    new Promise((resolve) => {
      let stop: AbortController | undefined;
      let result: 'ended' | 'forgotten' | 'failed' | undefined;
      const end = (how: 'ended' | 'forgotten' | 'failed') => {
        if (result !== undefined) return;
        result = how;
        clearTimeout(overdue);
        closing.signal.removeEventListener('abort', onClose);
        stop?.abort();
        resolve(how);
      };
      const onClose = () => end('ended');
      abandon = () => end('failed');
      const overdue = setTimeout(() => end('failed'), watchForS * 1_000 + watchOverdueMs);
      closing.signal.addEventListener('abort', onClose);
      const query = {
        labelSelector,
        resourceVersion: from,
        allowWatchBookmarks: true,
        timeoutSeconds: watchForS,
      };
      new Watch(options.config)
        .watch(
          `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
          query,
          (type, object: unknown) => {
            const broken = result === undefined ? take(type, object) : undefined;
            if (broken !== undefined) end(broken);
          },
          (error: { statusCode?: number } | null) => {
            if (error?.statusCode === gone) end('forgotten');
            else end(error === null ? 'ended' : 'failed');
          },
        )
        .then(
          (controller) => {
            stop = controller;
            if (result !== undefined) controller.abort();
          },
          () => end('failed'),
        );
    });

  const run = async (): Promise<void> => {
    let waitMs = watchRetryFirstMs;
    while (!closing.signal.aborted) {
      try {
        if (position === undefined) {
          const { pods, version } = await list();
          replaceBy(pods);
          position = version;
        }
        // Closed while it listed: the signal has been given, and is not given again.
        if (closing.signal.aborted) return;
        isLive = true;
        const startedMs = performance.now();
        const how = await follow(position);
        if (how === 'forgotten') position = undefined;
        const isLasting = performance.now() - startedMs > watchRetryMaxMs;
        if (isLasting) waitMs = watchRetryFirstMs;
        // As servers do now and then; one that ends each watch at once is not asked without a pause.
        if (how === 'ended' && isLasting) continue;
      } catch {
        position = undefined; // Whoever observes meets the same error, and says it.
      }
      isLive = false;
      await wait(waitMs, closing.signal);
      waitMs = Math.min(watchRetryMaxMs, waitMs * 2);
    }
  };
  const running = run();

  return {
    pods: async () => {
      if (isLive && performance.now() - heardMs <= silentMs) return [...known.values()];
      const before = changes;
      const { pods } = await list();
      // Told of something meanwhile, the watch is at work, and what it said last may be newer.
      if (changes === before) {
        if (pods.some(isNews)) abandon();
        replaceBy(pods);
      }
      return [...known.values()];
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
