// What a container is given: its variables, resolved as a kubelet does, and its volumes. There is no mount
// namespace here: a volume lies in a directory of the pod, and variables that name a path below its mount
// point are made to name that directory.

import type { CoreV1Api, V1Container, V1EnvVar, V1Pod } from '@kubernetes/client-node';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Read = Pick<CoreV1Api, 'readNamespacedSecret' | 'readNamespacedConfigMap'>;

/** Thrown when something that a container needs is not there: reason CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

/** Variables of a container, those of its volumes among them. `directory` is the pod's own. */
export async function environmentOf(
  read: Read,
  { pod, container, directory }: { pod: V1Pod; container: V1Container; directory: string },
): Promise<Record<string, string>> {
  const mounts = await mountVolumes(read, pod, container, directory);
  const env: Record<string, string> = {};
  for (const variable of container.env ?? []) {
    const value = await valueOf(read, pod, variable);
    if (value === undefined) continue;
    const expanded = value.replace(
      /\$\(([A-Za-z_]\w*)\)/g,
      (all, name: string) => env[name] ?? all,
    );
    const mount = mounts.find(([path]) => expanded === path || expanded.startsWith(`${path}/`));
    env[variable.name] =
      mount === undefined ? expanded : `${mount[1]}${expanded.slice(mount[0].length)}`;
  }
  return env;
}

async function valueOf(read: Read, pod: V1Pod, variable: V1EnvVar): Promise<string | undefined> {
  const { value, valueFrom } = variable;
  if (valueFrom === undefined) return value ?? '';
  const { fieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  const namespace = pod.metadata?.namespace ?? '';
  if (fieldRef !== undefined) return fieldOf(pod, fieldRef.fieldPath);
  if (secretKeyRef?.name !== undefined) {
    const data = await secretData(read, namespace, secretKeyRef.name);
    return keyOf(data, secretKeyRef);
  }
  if (configMapKeyRef?.name !== undefined) {
    return keyOf(await configMapData(read, namespace, configMapKeyRef.name), configMapKeyRef);
  }
  throw new ContainerConfigError(`${variable.name} comes from something that is not played here`);
}

function keyOf(
  data: Readonly<Record<string, string>>,
  { key, name, optional }: { key: string; name?: string; optional?: boolean },
): string | undefined {
  const value = data[key];
  if (value === undefined && optional !== true) {
    throw new ContainerConfigError(`couldn't find key ${key} in ${name ?? ''}`);
  }
  return value;
}

function fieldOf(pod: V1Pod, path: string): string {
  const { metadata, spec, status } = pod;
  const label = /^metadata\.labels\['(.+)'\]$/.exec(path)?.[1];
  if (label !== undefined) return metadata?.labels?.[label] ?? '';
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata?.name,
    'metadata.namespace': metadata?.namespace,
    'metadata.uid': metadata?.uid,
    'spec.nodeName': spec?.nodeName,
    'status.podIP': status?.podIP,
  };
  if (!(path in fields)) throw new ContainerConfigError(`field ${path} is not played here`);
  return fields[path] ?? '';
}

/** Mount points, the longest first, each with the directory that stands for it. */
async function mountVolumes(
  read: Read,
  pod: V1Pod,
  container: V1Container,
  directory: string,
): Promise<[string, string][]> {
  const namespace = pod.metadata?.namespace ?? '';
  const mounts: [string, string][] = [];
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const volume = pod.spec?.volumes?.find((one) => one.name === name);
    const place = join(directory, 'volumes', name);
    mkdirSync(place, { recursive: true });
    const data =
      volume?.secret?.secretName !== undefined
        ? await secretData(read, namespace, volume.secret.secretName)
        : volume?.configMap?.name !== undefined
          ? await configMapData(read, namespace, volume.configMap.name)
          : {};
    for (const [key, value] of Object.entries(data)) writeFileSync(join(place, key), value);
    mounts.push([mountPath, place]);
  }
  return mounts.sort(([a], [b]) => b.length - a.length);
}

async function secretData(read: Read, namespace: string, name: string) {
  const { data } = await found('secret', name, read.readNamespacedSecret({ namespace, name }));
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
  );
}

async function configMapData(read: Read, namespace: string, name: string) {
  const { data } = await found(
    'configmap',
    name,
    read.readNamespacedConfigMap({ namespace, name }),
  );
  return data ?? {};
}

async function found<T>(what: string, name: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if ((error as { code?: number }).code !== 404) throw error;
    throw new ContainerConfigError(`${what} "${name}" not found`);
  }
}
