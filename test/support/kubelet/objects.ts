// Secrets and ConfigMaps, as a kubelet reads them for a container.

import type { CoreV1Api } from '@kubernetes/client-node';

export type Read = Pick<CoreV1Api, 'readNamespacedSecret' | 'readNamespacedConfigMap'>;
/** Key or relative path → text. */
export type Files = Readonly<Record<string, string>>;

/** Thrown when something that a container needs is not there: reason CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

export async function secretData(read: Read, namespace: string, name: string): Promise<Files> {
  const { data } = await found('secret', name, read.readNamespacedSecret({ namespace, name }));
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
  );
}

export async function configMapData(read: Read, namespace: string, name: string): Promise<Files> {
  const asked = read.readNamespacedConfigMap({ namespace, name });
  return (await found('configmap', name, asked)).data ?? {};
}

async function found<T>(what: string, name: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if ((error as { code?: number }).code !== 404) throw error;
    throw new ContainerConfigError(`${what} "${name}" not found`);
  }
}
