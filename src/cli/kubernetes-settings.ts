// Owns: what the settings of the Kubernetes platform mean. Never asks the cluster anything.

import {
  connectKubernetes,
  type KubernetesOptions,
  type KubernetesPlatform,
} from '../adapters/kubernetes.js';
import { BadInputError } from '../errors.js';
import type { SettingName } from './context.js';

type Find = (name: SettingName) => Promise<string | undefined>;
type Environment = Readonly<Record<string, string | undefined>>;

const dnsName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

export async function openKubernetes(find: Find, env: Environment): Promise<KubernetesPlatform> {
  return connectKubernetes(await kubernetesOptions(find, env));
}

/** A kubeconfig that is named; else the pod's service account; else KUBECONFIG, as kubectl has it. */
export async function kubernetesOptions(find: Find, env: Environment): Promise<KubernetesOptions> {
  const namespace = await find('EVENKEEL_NAMESPACE');
  if (namespace !== undefined && !dnsName.test(namespace)) {
    throw wrong('EVENKEEL_NAMESPACE', namespace, 'the name of a namespace, as chat');
  }
  const ofUser = env['KUBERNETES_SERVICE_HOST'] ? undefined : env['KUBECONFIG'] || undefined;
  const statefulSets = await find('EVENKEEL_STATEFULSETS');
  const addressTemplate = await find('EVENKEEL_ADDRESS_TEMPLATE');
  return {
    kubeconfig: (await find('EVENKEEL_KUBECONFIG')) ?? ofUser,
    context: await find('EVENKEEL_KUBECONTEXT'),
    namespace,
    ...(statefulSets === undefined ? {} : { statefulSets: readStatefulSets(statefulSets) }),
    ...(addressTemplate === undefined ? {} : { addressTemplate }),
  };
}

/** `messaging=chat-messaging,other=other-set`. */
export function readStatefulSets(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair) => pair.trim().split('='));
  for (const pair of pairs) {
    if (pair.length === 2 && pair.every((name) => dnsName.test(name))) continue;
    throw wrong('EVENKEEL_STATEFULSETS', text, 'SERVICE=STATEFULSET, with commas between');
  }
  return Object.fromEntries(pairs) as Record<string, string>;
}

function wrong(field: string, found: string, allowed: string): BadInputError {
  return new BadInputError(`${field} is ${found}; it must be ${allowed}`, {
    field,
    found,
    allowed,
  });
}
