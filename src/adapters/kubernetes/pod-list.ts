// Owns: one list of pods, all of its pages, and where a watch goes on from. Never keeps it.

import { ApiException, type CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import { UnreachableError } from '../../errors.js';
import type { Asking } from './call.js';
import { listPageMax, listPagesMax, listsAnewMax } from './limits.js';

export interface PodList {
  readonly pods: readonly V1Pod[];
  readonly version: string;
}

export interface PodListOptions {
  readonly core: CoreV1Api;
  readonly asking: Asking;
  readonly namespace: string;
  readonly labelSelector: string;
  /** Told of each pod of a list that came to its end. */
  readonly onPod: (pod: V1Pod) => void;
}

const expired = 410;

/** Throws what `asking` does, and UnreachableError for a list that does not end. */
export async function listPods(options: PodListOptions, signal: AbortSignal): Promise<PodList> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const listed = await listOnce(options, signal);
      for (const pod of listed.pods) options.onPod(pod);
      return listed;
    } catch (error) {
      const isForgotten = error instanceof ApiException && error.code === expired;
      if (!isForgotten || attempt >= listsAnewMax) throw error;
    }
  }
}

async function listOnce(options: PodListOptions, signal: AbortSignal): Promise<PodList> {
  const { core, asking, namespace, labelSelector } = options;
  const found = new Map<string, V1Pod>();
  const what = `to list pods in ${namespace}`;
  let page: string | undefined;
  for (let pages = 0; pages < listPagesMax; pages += 1) {
    const more = page === undefined ? {} : { _continue: page };
    const { items, metadata } = await asking({
      ...{ what, signal },
      ask: async (how) => {
        const query = { namespace, labelSelector, limit: listPageMax, ...more };
        const answer = await core.listNamespacedPod(query, how);
        // A proxy's page with a 200 is no answer of the API server.
        if (!Array.isArray(answer.items)) throw new Error('what it answers is no list of pods');
        return answer;
      },
    });
    for (const pod of items) found.set(pod.metadata?.uid ?? '', pod);
    page = metadata?._continue || undefined;
    if (page === undefined) {
      return { pods: [...found.values()], version: metadata?.resourceVersion ?? '' };
    }
  }
  const text = `the Kubernetes API server does not come to an end ${what}: ${listPagesMax} pages of ${listPageMax}`;
  throw new UnreachableError('kubernetes', text);
}
