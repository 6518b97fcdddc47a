// The variables of a container, resolved as a kubelet does.

import type { V1Container, V1EnvVar, V1Pod } from '@kubernetes/client-node';
import { configMapData, ContainerConfigError, secretData, type Read } from './objects.js';

/** Those of its manifest; each may refer to earlier ones by `$(NAME)`. */
export async function environmentOf(
  read: Read,
  { pod, container }: { readonly pod: V1Pod; readonly container: V1Container },
): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const variable of container.env ?? []) {
    const value = await valueOf(read, pod, variable);
    if (value === undefined) continue;
    env[variable.name] = value.replace(
      /\$\(([A-Za-z_]\w*)\)/g,
      (all, name: string) => env[name] ?? all,
    );
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

export function fieldOf(pod: V1Pod, path: string): string {
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
