// Owns: what a person wants to know before trusting us with a StatefulSet: what we may not do, whether it
// is there and Parallel, who else scales it, and why its pods are not Ready. Reads only.

import {
  AppsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  AutoscalingV2Api,
  CoreV1Api,
  type KubeConfig,
} from '@kubernetes/client-node';
import { classOf, type Asking } from './call.js';
import { permissions } from './mend.js';
import { troubleOf } from './pod-trouble.js';
import { podOrdinal } from './pods.js';
import { factsOf, statefulSetIn } from './stateful-set.js';

export interface StatefulSetInspection {
  readonly statefulSet: string;
  readonly namespace: string;
  /** Address of the API server that answered. */
  readonly server: string;
  /** Who we are there: `system:serviceaccount:chat:evenkeel-worker`. */
  readonly username: string;
  /** As `kubectl auth can-i` names them: `patch statefulsets.apps/messaging`. */
  readonly denied: readonly string[];
  /** The same, of what only `roll` needs. */
  readonly deniedToRoll: readonly string[];
  /** Null: we may not look. */
  readonly state: 'parallel' | 'ordered' | 'missing' | null;
  /** False: Kubernetes itself restarts instances when the template changes. Null: unknown. */
  readonly isOnDelete: boolean | null;
  /** Names of the HorizontalPodAutoscalers that scale it, too; null: we may not look. */
  readonly autoscalers: readonly string[] | null;
  /** `messaging-2: ImagePullBackOff: …` */
  readonly troubles: readonly string[];
}

const unknown = { state: null, isOnDelete: null };
const missing = { state: 'missing', isOnDelete: null } as const;

export async function inspectStatefulSet(at: {
  readonly config: KubeConfig;
  readonly asking: Asking;
  readonly namespace: string;
  readonly statefulSet: string;
}): Promise<StatefulSetInspection> {
  const { config, asking, namespace, statefulSet } = at;
  const [apps, core] = [config.makeApiClient(AppsV1Api), config.makeApiClient(CoreV1Api)];
  const scalers = config.makeApiClient(AutoscalingV2Api);

  const found = await unlessDenied(async () => {
    const set = await asking({
      what: `to read StatefulSet ${statefulSet} in ${namespace}`,
      ask: async (how) =>
        statefulSetIn(await apps.readNamespacedStatefulSet({ namespace, name: statefulSet }, how)),
    });
    const facts = factsOf(set);
    const state: StatefulSetInspection['state'] = facts.isParallel ? 'parallel' : 'ordered';
    return { state, isOnDelete: facts.isOnDelete };
  }, missing);
  const autoscalers = await unlessDenied(async () => {
    const { items } = await asking({
      what: `to list autoscalers in ${namespace}`,
      ask: (how) => scalers.listNamespacedHorizontalPodAutoscaler({ namespace }, how),
    });
    return items
      .filter(({ spec }) => spec?.scaleTargetRef.kind === 'StatefulSet')
      .filter(({ spec }) => spec?.scaleTargetRef.name === statefulSet)
      .map(({ metadata }) => metadata?.name ?? '');
  }, []);
  const troubles = await unlessDenied(async () => {
    const { items } = await asking({
      what: `to list pods in ${namespace}`,
      ask: (how) => core.listNamespacedPod({ namespace }, how),
    });
    return items.flatMap((pod) => {
      const trouble = podOrdinal(statefulSet, pod) === null ? null : troubleOf(pod);
      return trouble === null ? [] : [`${pod.metadata?.name}: ${trouble}`];
    });
  }, []);
  const denied = await deniedOf(at);
  const self = await asking({
    what: 'to ask who we are',
    ask: (how) =>
      config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} }, how),
  });
  const username = self.status?.userInfo?.username ?? '';
  const server = config.getCurrentCluster()?.server ?? '';
  const { state, isOnDelete } = found ?? unknown;
  const about = { state, isOnDelete, autoscalers, troubles: troubles ?? [] };
  return { statefulSet, namespace, server, username, ...denied, ...about };
}

/** By the server's own answer (SelfSubjectAccessReview), for each thing that the worker does. */
async function deniedOf({
  config,
  asking,
  namespace,
  statefulSet,
}: Parameters<typeof inspectStatefulSet>[0]) {
  const authorization = config.makeApiClient(AuthorizationV1Api);
  const rules = permissions(statefulSet);
  const asked = rules.flatMap(({ apiGroup: group, resource, name, verbs, onlyFor }) =>
    verbs.map(async (verb) => {
      const resourceAttributes = { namespace, group, resource, verb, ...(name ? { name } : {}) };
      const review = await asking({
        what: `to ask what is allowed in ${namespace}`,
        ask: (how) =>
          authorization.createSelfSubjectAccessReview(
            { body: { spec: { resourceAttributes } } },
            how,
          ),
      });
      const of = [resource, group].filter(Boolean).join('.') + (name ? `/${name}` : '');
      return review.status?.allowed === true ? [] : [{ call: `${verb} ${of}`, onlyFor }];
    }),
  );
  const denied = (await Promise.all(asked)).flat();
  const callsOf = (to: 'roll' | undefined) =>
    denied.filter(({ onlyFor }) => onlyFor === to).map(({ call }) => call);
  return { denied: callsOf(undefined), deniedToRoll: callsOf('roll') };
}

/** Null when it is not allowed; `absent` when it is not there. */
async function unlessDenied<T, A>(work: () => Promise<T>, absent: A): Promise<T | A | null> {
  try {
    return await work();
  } catch (error) {
    const { kind } = classOf(error);
    if (kind === 'absent') return absent;
    if (kind === 'denied') return null;
    throw error;
  }
}
