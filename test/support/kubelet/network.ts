// The network of the process kubelet: every pod has an address of its own, as in a cluster, so that all of
// them can listen on the same port. It is a loopback address: nothing of it leaves this machine.

import { randomInt } from 'node:crypto';

export interface PodNetwork {
  /** Where a pod is reached; that of a StatefulSet's ordinal stays over restarts and moves. */
  addressOf(pod: string): string;
  /** The same as the API server is told: it takes no loopback address for an endpoint. */
  podIpOf(pod: string): string;
  /** The address of an ordinal's pod with `{ordinal}` in it. */
  readonly template: string;
}

const ordinalsMax = 250;

export function createPodNetwork(): PodNetwork {
  // Of its own, so that two runs on one machine are not in each other's way. Never 127.0.x.y.
  const [second, third] = [randomInt(1, 255), randomInt(0, 255)];
  const lastOf = (pod: string): number => {
    const ordinal = /-(\d+)$/.exec(pod)?.[1];
    if (ordinal === undefined || Number(ordinal) >= ordinalsMax) {
      throw new Error(`${pod} is no pod of a StatefulSet: it has no address here`);
    }
    return Number(ordinal);
  };
  return {
    addressOf: (pod) => `127.${second}.${third}.${lastOf(pod)}`,
    podIpOf: (pod) => `10.${second}.${third}.${lastOf(pod)}`,
    template: `127.${second}.${third}.{ordinal}`,
  };
}
