// A kubeconfig with which one is an account and nobody else: what a pod of it, or a person with its token, may do.
import { KubeConfig, type CoreV1Api } from '@kubernetes/client-node';
import { writeFileSync } from 'node:fs';

/** Writes it to `file`, for its owner alone, with a token that lives an hour; returns `file`. */
export async function kubeconfigAs(
  { core, config }: { readonly core: CoreV1Api; readonly config: KubeConfig },
  account: { readonly namespace: string; readonly name: string },
  file: string,
): Promise<string> {
  const { status } = await core.createNamespacedServiceAccountToken({
    ...account,
    body: { spec: { audiences: [] } },
  });
  const server = config.getCurrentCluster();
  if (server === null) throw new Error('no cluster');
  const own = new KubeConfig();
  own.loadFromClusterAndUser(server, { name: account.name, token: status?.token ?? '' });
  writeFileSync(file, own.exportConfig(), { mode: 0o600 });
  return file;
}
