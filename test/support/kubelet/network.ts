// The network of the process kubelet: every pod has an address of its own, as in a cluster, so that all of
// them can listen on the same port. It is a loopback address: nothing of it leaves this machine. Names of
// Services lead to one pod behind each.

import type { CoreV1Api, V1Pod } from '@kubernetes/client-node';
import { randomInt } from 'node:crypto';

export interface PodNetwork {
  /** Where a pod is reached; that of a StatefulSet's ordinal stays over restarts and moves. */
  addressOf(pod: V1Pod): string;
  /** The same as the API server is told: it takes no loopback address for an endpoint. */
  podIpOf(pod: V1Pod): string;
  /** The address of an ordinal's pod with `{ordinal}` in it. */
  readonly template: string;
  /** As a cluster's DNS answers now in that namespace: name → address. */
  names(core: CoreV1Api, namespace: string): Promise<Readonly<Record<string, string>>>;
}

const podsMax = 250;
const ordinalLabel = 'apps.kubernetes.io/pod-index';

export function createPodNetwork(): PodNetwork {
  // Of its own, so that two runs on one machine are not in each other's way. Never 127.0.x.y. Pods of a
  // StatefulSet are in one net, all others in the next.
  const [second, third] = [randomInt(1, 255), randomInt(0, 255)];
  const others = new Map<string, number>();
  const placeOf = ({ metadata }: V1Pod): string => {
    const { uid = '', name = '', labels = {} } = metadata ?? {};
    const label = labels[ordinalLabel];
    if (label === undefined && !others.has(uid)) others.set(uid, others.size + 1);
    const last = label === undefined ? (others.get(uid) ?? 0) : Number(label);
    if (last >= podsMax) throw new Error(`${name}: there is no address left here`);
    return `${second}.${label === undefined ? third + 1 : third}.${last}`;
  };
  const addressOf = (pod: V1Pod) => `127.${placeOf(pod)}`;
  return {
    addressOf,
    podIpOf: (pod) => `10.${placeOf(pod)}`,
    template: `127.${second}.${third}.{ordinal}`,
    names: async (core, namespace) => {
      const [services, pods] = await Promise.all([
        core.listNamespacedService({ namespace }),
        core.listNamespacedPod({ namespace }),
      ]);
      const pairs = services.items.flatMap(({ metadata, spec }) => {
        const wanted = Object.entries(spec?.selector ?? {});
        const behind = pods.items.find(
          ({ metadata: of, spec: at }) =>
            at?.nodeName !== undefined &&
            wanted.length > 0 &&
            wanted.every(([key, value]) => of?.labels?.[key] === value),
        );
        if (behind === undefined) return [];
        const name = metadata?.name ?? '';
        const names = [name, `${name}.${namespace}`, `${name}.${namespace}.svc`];
        return names.map((each): [string, string] => [each, addressOf(behind)]);
      });
      return Object.fromEntries(pairs);
    },
  };
}
