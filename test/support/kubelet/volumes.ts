// The volumes of a pod as directories on this machine: secrets, ConfigMaps, empty directories, and the
// projected one with the token of its service account, which the API server makes for this very pod.

import type {
  CoreV1Api,
  V1KeyToPath,
  V1Pod,
  V1Volume,
  V1VolumeProjection,
} from '@kubernetes/client-node';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fieldOf } from './environment.js';
import { configMapData, ContainerConfigError, secretData, type Files } from './objects.js';

/** Name of each volume → its directory below `directory`, with what is in it now. */
export async function makeVolumes(
  core: CoreV1Api,
  { pod, directory }: { readonly pod: V1Pod; readonly directory: string },
): Promise<Readonly<Record<string, string>>> {
  const places: Record<string, string> = {};
  for (const volume of pod.spec?.volumes ?? []) {
    const place = join(directory, 'volumes', volume.name);
    mkdirSync(place, { recursive: true });
    for (const [path, text] of Object.entries(await filesOf(core, pod, volume))) {
      mkdirSync(dirname(join(place, path)), { recursive: true });
      writeFileSync(join(place, path), text);
    }
    places[volume.name] = place;
  }
  return places;
}

async function filesOf(core: CoreV1Api, pod: V1Pod, volume: V1Volume): Promise<Files> {
  const namespace = pod.metadata?.namespace ?? '';
  const { secret, configMap, projected, emptyDir } = volume;
  if (secret?.secretName !== undefined) {
    return chosen(await secretData(core, namespace, secret.secretName), secret.items);
  }
  if (configMap?.name !== undefined) {
    return chosen(await configMapData(core, namespace, configMap.name), configMap.items);
  }
  if (projected !== undefined) {
    const parts = (projected.sources ?? []).map((source) => projectedFiles(core, pod, source));
    return Object.assign({}, ...(await Promise.all(parts))) as Files;
  }
  if (emptyDir !== undefined) return {};
  throw new ContainerConfigError(`volume ${volume.name} is of a kind that is not played here`);
}

async function projectedFiles(
  core: CoreV1Api,
  pod: V1Pod,
  { serviceAccountToken, configMap, downwardAPI }: V1VolumeProjection,
): Promise<Files> {
  const { namespace = '', name = '', uid = '' } = pod.metadata ?? {};
  if (serviceAccountToken !== undefined) {
    const { audience, expirationSeconds = 3_600, path } = serviceAccountToken;
    const body = {
      spec: {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const account = { namespace, name: pod.spec?.serviceAccountName ?? 'default' };
    const { status } = await core.createNamespacedServiceAccountToken({ ...account, body });
    return { [path]: status?.token ?? '' };
  }
  if (configMap?.name !== undefined) {
    return chosen(await configMapData(core, namespace, configMap.name), configMap.items);
  }
  const fields = (downwardAPI?.items ?? []).map(({ path, fieldRef }) => [
    path,
    fieldOf(pod, fieldRef?.fieldPath ?? ''),
  ]);
  return Object.fromEntries(fields) as Files;
}

function chosen(data: Files, items: readonly V1KeyToPath[] | undefined): Files {
  if (items === undefined) return data;
  return Object.fromEntries(
    items.map(({ key, path }) => {
      const text = data[key];
      if (text === undefined) throw new ContainerConfigError(`references non-existent key: ${key}`);
      return [path, text];
    }),
  );
}
