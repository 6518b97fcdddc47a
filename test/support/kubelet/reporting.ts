// What a kubelet tells the API server about one pod: one call at a time, always of the present facts, until
// it is done or the object is not ours any more. Nothing while the node cannot be heard.

import {
  PatchStrategy,
  setHeaderOptions,
  type CoreV1Api,
  type V1PodStatus,
} from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import * as timing from './timing.js';

export interface Reporting {
  /** Resolves when what is so now has been told. */
  readonly report: () => Promise<void>;
  /** The pod's object is not needed any more. */
  readonly removeObject: () => Promise<void>;
}

export function reportOn(
  {
    name,
    namespace,
    uid,
  }: { readonly name: string; readonly namespace: string; readonly uid: string },
  around: {
    readonly core: CoreV1Api;
    readonly isHeard: () => boolean;
    /** Nothing is told any more. */
    readonly isOver: () => boolean;
    readonly statusNow: () => V1PodStatus;
    readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  },
): Reporting {
  const { core, isHeard, isOver, statusNow, log } = around;
  let reporting: Promise<void> | undefined;
  let again = false;

  const insist = async (call: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      while (!isHeard() && !isOver()) await sleep(timing.repeatCallAfterMs);
      if (isOver()) return;
      try {
        return void (await call());
      } catch (error) {
        const { code } = error as { code?: number };
        if (code === 404 || code === 409) return;
        log('call failed', { pod: name, error: String(error).slice(0, 500) });
        await sleep(timing.repeatCallAfterMs);
      }
    }
  };
  const tell = async (): Promise<void> => {
    const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
    const body = { metadata: { uid }, status: statusNow() };
    await insist(() => core.patchNamespacedPodStatus({ name, namespace, body }, strategic));
  };
  return {
    report: () => {
      again = true;
      reporting ??= (async () => {
        while (again && !isOver()) {
          again = false;
          await tell();
        }
        reporting = undefined;
      })();
      return reporting;
    },
    removeObject: () => {
      // In the body: with one, the API server does not look at the query.
      const body = { gracePeriodSeconds: 0, preconditions: { uid } };
      return insist(() => core.deleteNamespacedPod({ name, namespace, body }));
    },
  };
}
