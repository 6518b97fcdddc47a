// Owns: where the API server is and who we are there: a kubeconfig, or the service account of the pod
// that we run in. Never asks the server anything.

import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { BadInputError } from '../../errors.js';

export interface ClusterAccess {
  /** Path of a kubeconfig. Absent: the service account of this pod. */
  readonly kubeconfig?: string | undefined;
  /** Default: the kubeconfig's present one. */
  readonly context?: string | undefined;
  /** Default: the context's; in a pod, the pod's. */
  readonly namespace?: string | undefined;
}

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Throws BadInputError with a sentence for what leads nowhere. */
export function clusterOf(access: ClusterAccess): { config: KubeConfig; namespace: string } {
  const config = new KubeConfig();
  if (access.kubeconfig === undefined) loadFromPod(config);
  else loadFromFile(config, access.kubeconfig);
  if (access.context !== undefined) choose(config, access.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null || config.getCurrentUser() === null) {
    const contexts = config.getContexts().map(({ name }) => name);
    throw new BadInputError(
      `the kubeconfig ${access.kubeconfig ?? ''} has no usable present context: ` +
        `kubectl config use-context ${contexts[0] ?? 'NAME'}, or name one (EVENKEEL_KUBECONTEXT)`,
      {
        field: 'EVENKEEL_KUBECONTEXT',
        found: config.getCurrentContext(),
        allowed: listed(contexts),
      },
    );
  }
  const namespace =
    access.namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
  return { config, namespace };
}

function loadFromPod(config: KubeConfig): void {
  if (!existsSync(tokenFile)) {
    throw new BadInputError(
      'no way to a Kubernetes cluster is known: set EVENKEEL_KUBECONFIG (or KUBECONFIG) to a kubeconfig, ' +
        'or run in a pod whose service account is mounted (automountServiceAccountToken: true)',
      { field: 'EVENKEEL_KUBECONFIG', found: 'nothing', allowed: 'the path of a kubeconfig' },
    );
  }
  config.loadFromCluster();
}

function loadFromFile(config: KubeConfig, path: string): void {
  try {
    config.loadFromFile(path);
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read';
    throw new BadInputError(`the kubeconfig ${path} ${why}`, {
      field: 'EVENKEEL_KUBECONFIG',
      found: path,
      allowed: 'the path of a kubeconfig',
      cause,
    });
  }
}

function choose(config: KubeConfig, context: string): void {
  const contexts = config.getContexts().map(({ name }) => name);
  if (!contexts.includes(context)) {
    throw new BadInputError(
      `the kubeconfig has no context ${context}; it has: ${listed(contexts)}`,
      {
        field: 'EVENKEEL_KUBECONTEXT',
        found: context,
        allowed: `one of ${listed(contexts)} (kubectl config get-contexts)`,
      },
    );
  }
  config.setCurrentContext(context);
}

const listed = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));
