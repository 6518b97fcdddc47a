// Owns: where the API server is and who we are there: a kubeconfig, or the service account of the pod
// that we run in. Never asks the server anything.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new BadInputError(
      `the API server's address is ${cluster.server}, without TLS: that is only asked when the kubeconfig says so, ` +
        `kubectl config set-cluster ${cluster.name} --insecure-skip-tls-verify=true (for kubectl proxy on this machine)`,
      { field: 'EVENKEEL_KUBECONFIG', found: cluster.server, allowed: 'an https:// address' },
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
  readTokenAnew(config, tokenFile);
}

const readAnew = 'evenkeel-token-file';

/**
 * The token as its file is at each request: the kubelet exchanges it, and the library's own reader goes on
 * with the one before for up to a minute.
 */
export function readTokenAnew(config: KubeConfig, file: string): void {
  // Without `config.tokenFile`, which is what the library's reader looks for.
  const authProvider = { name: readAnew, config: {} };
  config.users = config.getUsers().map((user) => ({ ...user, authProvider }));
  config.addAuthenticator({
    isAuthProvider: (user) =>
      (user.authProvider as { name?: string } | undefined)?.name === readAnew,
    applyAuthentication: async (_user, options) => {
      const token = (await readFile(file, 'utf8')).trim();
      options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
    },
  });
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
