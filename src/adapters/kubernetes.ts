// Owns: the Platform port on a Kubernetes StatefulSet, behind the API server. It scales and looks, and
// never deletes a pod or fights whoever else scales.

import {
  AppsV1Api,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
  type V1StatefulSet,
} from '@kubernetes/client-node';
import { instanceName } from '../core/records.js';
import { BadInputError } from '../errors.js';
import type { Platform, PlatformInstance, PlatformView, ScaleResult } from '../ports.js';
import { addressOf, defaultAddressTemplate } from './kubernetes/address.js';
import { classOf, createAsking, refusal } from './kubernetes/call.js';
import { clusterOf, type ClusterAccess } from './kubernetes/connect.js';
import { rememberEnded } from './kubernetes/ended.js';
import { inspectStatefulSet, type StatefulSetInspection } from './kubernetes/inspect.js';
import { raceAttemptsMax } from './kubernetes/limits.js';
import { missingStatefulSet, notParallel, roleNeeded } from './kubernetes/mend.js';
import { watchPods, type PodWatch } from './kubernetes/pod-watch.js';
import { endedIn, isOwnedBy, phaseOf, podOrdinal, troubleOf, uidOf } from './kubernetes/pods.js';
import { factsOf, fieldManager, scalePatch } from './kubernetes/stateful-set.js';

const rollsNot = 'rolling upgrades on Kubernetes are not written yet';

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
    try {
      const ask = apps.readNamespacedStatefulSet.bind(apps);
      const set = await asking({ what, ask: (how) => ask({ namespace, name }, how) });
      if (!factsOf(set).isParallel) throw notParallel(name, namespace);
      return set;
    } catch (error) {
      throw readable(error, service, what);
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

  /** Pods of this very StatefulSet, in the order of their ordinals. */
  const podsOf = async (
    service: string,
    set: V1StatefulSet,
  ): Promise<readonly { readonly pod: V1Pod; readonly ordinal: number }[]> => {
    const statefulSet = nameOf(service);
    const { uid } = factsOf(set);
    const watch = await watchOf(set);
    const pods = await watch.pods().catch((error: unknown) => {
      const what = `to list pods in ${namespace}`;
      throw refusal(error, what, roleNeeded(statefulSet, namespace));
    });
    return pods
      .flatMap((pod) => {
        const ordinal = podOrdinal(statefulSet, pod);
        return ordinal === null || !isOwnedBy(pod, uid) ? [] : [{ pod, ordinal }];
      })
      .sort((a, b) => a.ordinal - b.ordinal);
  };

  const viewOf = async (service: string, set: V1StatefulSet): Promise<PlatformView> => {
    const { replicas, epoch, version, foreign } = factsOf(set);
    const pods = await podsOf(service, set);
    const instances = pods.map(({ pod, ordinal }): PlatformInstance => {
      const name = `${nameOf(service)}-${ordinal}`;
      const url = address({ name, ordinal, namespace, service });
      const phase = phaseOf(pod);
      return { name: instanceName(service, ordinal), ordinal, uid: uidOf(pod), phase, url };
    });
    const troubles = pods.flatMap(({ pod, ordinal }) => {
      const trouble = ordinal < replicas ? troubleOf(pod) : null;
      return trouble === null ? [] : [[instanceName(service, ordinal), trouble] as const];
    });
    return {
      ...{ service, replicas, epoch, version, instances },
      ...(foreign === undefined ? {} : { foreign }),
      ...(troubles.length === 0 ? {} : { troubles: Object.fromEntries(troubles) }),
    };
  };

  /** The object as written, or null: somebody else wrote in between. */
  const patch = async (
    service: string,
    set: V1StatefulSet,
    to: { readonly replicas: number; readonly epoch: number },
    onMaybeWritten: () => void,
  ): Promise<V1StatefulSet | null> => {
    const name = nameOf(service);
    const what = `to patch StatefulSet ${name} in ${namespace}`;
    const body = scalePatch(set, to);
    try {
      return await asking({
        what,
        ask: (how) =>
          apps.patchNamespacedStatefulSet(
            { namespace, name, body, fieldManager },
            setHeaderOptions('Content-Type', PatchStrategy.MergePatch, how),
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
    observe: async (service) => viewOf(service, await read(service)),

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
        const written = await patch(service, set, to, () => (maybeWritten = true));
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

    // Not written yet: it tells no templates, so that a roll is refused before it begins.
    setTemplate: async () => ({ kind: 'refused', why: rollsNot }),
    restart: async (_service, { instance }) => {
      throw new BadInputError(rollsNot, { field: 'instance', found: instance });
    },

    inspect: (service) =>
      inspectStatefulSet({ config, asking, namespace, statefulSet: nameOf(service) }),

    close: async () => {
      await Promise.all([...watches.values()].map(({ watch }) => watch.close()));
      watches.clear();
    },
  };
}
