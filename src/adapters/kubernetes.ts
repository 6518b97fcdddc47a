// Owns: the Platform port on a Kubernetes StatefulSet, behind the API server. It scales and looks, deletes
// a pod only by `restart`, and never fights whoever else scales.

import {
  AppsV1Api,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1StatefulSet,
} from '@kubernetes/client-node';
import { instanceName } from '../core/records.js';
import { BadInputError } from '../errors.js';
import type { Platform, PlatformInstance, PlatformView, ScaleResult } from '../ports.js';
import { addressOf, defaultAddressTemplate } from './kubernetes/address.js';
import { classOf, createAsking, refusal, wait } from './kubernetes/call.js';
import { clusterOf, type ClusterAccess } from './kubernetes/connect.js';
import { rememberEnded } from './kubernetes/ended.js';
import { inspectStatefulSet, type StatefulSetInspection } from './kubernetes/inspect.js';
import {
  raceAttemptsMax,
  remadePollMs,
  remadeWithinMs,
  revisionPollMs,
  revisionWaitMs,
} from './kubernetes/limits.js';
import { missingStatefulSet, notParallel, roleNeeded } from './kubernetes/mend.js';
import { watchPods, type PodWatch } from './kubernetes/pod-watch.js';
import {
  endedIn,
  endsOf,
  isOwnedBy,
  phaseOf,
  podOrdinal,
  templateOf,
  uidOf,
} from './kubernetes/pods.js';
import { noPodText, waitsFor } from './kubernetes/pod-trouble.js';
import { createRolling } from './kubernetes/rolling.js';
import {
  factsOf,
  fieldManager,
  scalePatch,
  statefulSetIn,
  type StatefulSetFacts,
} from './kubernetes/stateful-set.js';

export interface KubernetesOptions extends ClusterAccess {
  /** Service → StatefulSet; a service that is not named here has one of its own name. */
  readonly statefulSets?: Readonly<Record<string, string>>;
  readonly addressTemplate?: string;
}

export interface KubernetesPlatform extends Platform {
  readonly namespace: string;
  /** For doctor: everything that may be wrong, instead of the first thing. */
  inspect(service: string): Promise<StatefulSetInspection>;
  /** Ends the watches; nothing is asked afterwards. */
  close(): Promise<void>;
}

/**
 * Throws BadInputError at once for a kubeconfig or template that cannot work. Every call throws
 * UnreachableError when the API server does not answer, and BadInputError with the way to mend it for
 * a missing permission, a missing StatefulSet, and one that is not Parallel.
 */
export function connectKubernetes(options: KubernetesOptions): KubernetesPlatform {
  const { config, namespace } = clusterOf(options);
  const address = addressOf(options.addressTemplate ?? defaultAddressTemplate);
  const apps = config.makeApiClient(AppsV1Api);
  const core = config.makeApiClient(CoreV1Api);
  const asking = createAsking(config.getCurrentCluster()?.server ?? '');
  const ended = rememberEnded();
  const watches = new Map<string, { readonly uid: string; readonly watch: PodWatch }>();

  const nameOf = (service: string) => options.statefulSets?.[service] ?? service;

  const read = async (service: string): Promise<V1StatefulSet> => {
    const name = nameOf(service);
    const what = `to read StatefulSet ${name} in ${namespace}`;
    const ask = apps.readNamespacedStatefulSet.bind(apps);
    for (const untilMs = performance.now() + remadeWithinMs; ; await wait(remadePollMs)) {
      try {
        const set = await asking({
          what,
          ask: async (how) => statefulSetIn(await ask({ namespace, name }, how)),
        });
        if (!factsOf(set).isParallel) throw notParallel(name, namespace);
        return set;
      } catch (error) {
        // One that was there may be made anew around its pods just now, as mend.ts itself says how.
        const isRemade = watches.has(name) && classOf(error).kind === 'absent';
        if (!isRemade || performance.now() > untilMs) throw readable(error, service, what);
      }
    }
  };

  const settled = async (service: string): Promise<V1StatefulSet> => {
    const untilMs = performance.now() + revisionWaitMs;
    for (;;) {
      const set = await read(service);
      if (factsOf(set).template !== undefined || performance.now() > untilMs) return set;
      await wait(revisionPollMs);
    }
  };

  const readable = (error: unknown, service: string, what: string): Error => {
    if (error instanceof BadInputError) return error;
    if (classOf(error).kind === 'absent') {
      return missingStatefulSet(service, nameOf(service), namespace, error);
    }
    return refusal(error, what, roleNeeded(nameOf(service), namespace));
  };

  /** The watch over the pods of this very StatefulSet; one that was made anew has another selector. */
  const watchOf = async (set: V1StatefulSet): Promise<PodWatch> => {
    const name = set.metadata?.name ?? '';
    const { uid } = factsOf(set);
    const present = watches.get(name);
    if (present?.uid === uid) return present.watch;
    const labels = Object.entries(set.spec?.selector.matchLabels ?? {});
    const watch = watchPods({
      ...{ config, core, asking, namespace },
      labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
      onPod: (pod) => {
        if (isOwnedBy(pod, uid)) ended.add(endedIn(pod));
      },
    });
    watches.set(name, { uid, watch });
    await present?.watch.close();
    return watch;
  };

  const instancesOf = async (
    service: string,
    set: V1StatefulSet,
    { uid, replicas }: StatefulSetFacts,
  ): Promise<Pick<PlatformView, 'instances' | 'troubles' | 'ends'>> => {
    const statefulSet = nameOf(service);
    const watch = await watchOf(set);
    const pods = await watch.pods().catch((error: unknown) => {
      const what = `to list pods in ${namespace}`;
      throw refusal(error, what, roleNeeded(statefulSet, namespace));
    });
    const troubles: Record<string, string> = {};
    const ends: Record<string, number> = {};
    const instances = pods
      .flatMap((pod): PlatformInstance[] => {
        const ordinal = podOrdinal(statefulSet, pod);
        if (ordinal === null || !isOwnedBy(pod, uid)) return [];
        const url = address({ name: `${statefulSet}-${ordinal}`, ordinal, namespace, service });
        const name = instanceName(service, ordinal);
        const [phase, template] = [phaseOf(pod), templateOf(pod)];
        const trouble = ordinal < replicas ? waitsFor(pod) : null;
        if (trouble !== null) troubles[name] = trouble;
        if (phase !== 'terminating' && endsOf(pod) > 0) ends[name] = endsOf(pod);
        const about = {
          ...{ name, ordinal, uid: uidOf(pod), phase, url },
          pod: pod.metadata?.uid ?? '',
        };
        return [template === undefined ? about : { ...about, template }];
      })
      .sort((a, b) => a.ordinal - b.ordinal);
    const present = new Set(instances.map(({ ordinal }) => ordinal));
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      if (present.has(ordinal)) continue;
      troubles[instanceName(service, ordinal)] = noPodText(statefulSet, namespace);
    }
    return { instances, ends, ...(Object.keys(troubles).length === 0 ? {} : { troubles }) };
  };

  const viewOf = async (service: string, set: V1StatefulSet): Promise<PlatformView> => {
    const facts = factsOf(set);
    const { replicas, epoch, version, foreign, template } = facts;
    return {
      ...{ service, replicas, epoch, version },
      ...(await instancesOf(service, set, facts)),
      ...(foreign === undefined ? {} : { foreign }),
      ...(template === undefined ? {} : { template }),
    };
  };

  /** The object as written, or null: somebody else wrote in between. */
  const patch = async (
    service: string,
    body: object,
    onMaybeWritten: () => void = () => undefined,
  ): Promise<V1StatefulSet | null> => {
    const name = nameOf(service);
    const what = `to patch StatefulSet ${name} in ${namespace}`;
    const strategy = Array.isArray(body) ? PatchStrategy.JsonPatch : PatchStrategy.MergePatch;
    try {
      return await asking({
        what,
        ask: async (how) =>
          statefulSetIn(
            await apps.patchNamespacedStatefulSet(
              { namespace, name, body, fieldManager },
              setHeaderOptions('Content-Type', strategy, how),
            ),
          ),
        onRepeat: (maybeDone) => {
          if (maybeDone) onMaybeWritten();
        },
      });
    } catch (error) {
      if (classOf(error).kind === 'raced') return null;
      throw readable(error, service, what);
    }
  };

  return {
    namespace,
    observe: async (service) => viewOf(service, await settled(service)),
    ...createRolling({ apps, core, asking, namespace, nameOf, read, settled, patch, viewOf }),

    scale: async (service, to): Promise<ScaleResult> => {
      let maybeWritten = false;
      for (let attempt = 1; ; attempt += 1) {
        const set = await read(service);
        const { replicas, epoch, version, foreign } = factsOf(set);
        const isAsAsked = replicas === to.replicas && epoch === to.epoch;
        if (to.epoch < epoch) return { kind: 'superseded', epoch };
        if (version !== to.version) {
          // Our own write whose answer was lost.
          const kind = maybeWritten && isAsAsked ? 'scaled' : 'conflict';
          return { kind, view: await viewOf(service, set) };
        }
        if (isAsAsked && foreign === undefined) {
          return { kind: 'scaled', view: await viewOf(service, set) };
        }
        const written = await patch(service, scalePatch(set, to), () => (maybeWritten = true));
        if (written !== null) return { kind: 'scaled', view: await viewOf(service, written) };
        // Lost to a writer of the status or of labels: what was decided on may be as it was.
        if (attempt >= raceAttemptsMax)
          return { kind: 'conflict', view: await viewOf(service, set) };
      }
    },

    hasEnded: async (service, uid) => {
      if (ended.has(uid)) return true;
      // Nobody observed this service yet: begin to watch, so that the next answer may be another.
      if (!watches.has(nameOf(service))) await viewOf(service, await read(service));
      return ended.has(uid);
    },

    inspect: async (service) => {
      const statefulSet = nameOf(service);
      try {
        return await inspectStatefulSet({ config, asking, namespace, statefulSet });
      } catch (error) {
        const what = `to look at StatefulSet ${statefulSet} in ${namespace}`;
        throw refusal(error, what, roleNeeded(statefulSet, namespace));
      }
    },

    close: async () => {
      await Promise.all([...watches.values()].map(({ watch }) => watch.close()));
      watches.clear();
    },
  };
}
