// Owns: the pods of one StatefulSet as they are now: a list, then a watch that goes on from where it
// was, and another list when the server has forgotten where that is. Tells every version of every pod
// that it sees, removed ones included. Never decides what a pod means.

import { Watch, type CoreV1Api, type KubeConfig, type V1Pod } from '@kubernetes/client-node';
import type { Asking } from './call.js';
import {
  listPageMax,
  watchForS,
  watchOverdueMs,
  watchRetryFirstMs,
  watchRetryMaxMs,
  watchSilentMs,
} from './limits.js';

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
}

const gone = 410;

export function watchPods(options: PodWatchOptions): PodWatch {
  const { namespace, labelSelector, onPod } = options;
  const known = new Map<string, V1Pod>();
  const closing = new AbortController();
  let isLive = false;
  let position: string | undefined;
  /** When the server said something last, by a list or the watch. */
  let heardMs = -Infinity;

  const list = async (): Promise<string> => {
    const found = new Map<string, V1Pod>();
    let page: string | undefined;
    for (;;) {
      const { items, metadata } = await options.asking({
        what: `to list pods in ${namespace}`,
        ask: (how) =>
          options.core.listNamespacedPod(
            { namespace, labelSelector, limit: listPageMax, ...(page ? { _continue: page } : {}) },
            how,
          ),
      });
      for (const pod of items) found.set(pod.metadata?.uid ?? '', pod);
      page = metadata?._continue;
      if (page) continue;
      heardMs = performance.now();
      known.clear();
      for (const [uid, pod] of found) {
        known.set(uid, pod);
        onPod(pod);
      }
      return metadata?.resourceVersion ?? '';
    }
  };

  const take = (type: string, object: unknown): 'forgotten' | undefined => {
    heardMs = performance.now();
    if (type === 'ERROR') return 'forgotten';
    const pod = object as V1Pod;
    position = pod.metadata?.resourceVersion ?? position;
    if (type === 'BOOKMARK') return undefined;
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
            if (result === undefined && take(type, object) === 'forgotten') end('forgotten');
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
        position ??= await list();
        // Closed while it listed: the signal has been given, and is not given again.
        if (closing.signal.aborted) return;
        isLive = true;
        const startedMs = performance.now();
        const how = await follow(position);
        if (how === 'forgotten') position = undefined;
        if (how === 'ended' || performance.now() - startedMs > watchRetryMaxMs) {
          waitMs = watchRetryFirstMs;
        }
        if (how === 'ended') continue;
      } catch {
        position = undefined; // Whoever observes meets the same error, and says it.
      }
      isLive = false;
      await pause(waitMs, closing.signal);
      waitMs = Math.min(watchRetryMaxMs, waitMs * 2);
    }
  };
  const running = run();

  return {
    pods: async () => {
      if (!isLive || performance.now() - heardMs > watchSilentMs) await list();
      return [...known.values()];
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
