// What a pod's manifest asks a container runtime for, as a sandbox: its volumes where it mounts them, its
// user, a read-only root, its termination message, names of Services. Who mounts nothing and has no
// security context runs in the open, from the checkout.

import type { CoreV1Api, V1Container, V1Pod } from '@kubernetes/client-node';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './image.js';
import { ContainerConfigError } from './objects.js';
import { canSandbox, type Mount, type Sandbox } from './sandbox.js';
import { makeVolumes } from './volumes.js';

const programs = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The user of our image (USER node). */
const imageUser = 1000;

export interface Confined {
  readonly core: CoreV1Api;
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly image: Image;
  /** Of the manifest. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the pod. */
  readonly directory: string;
  readonly messageFile: string;
  /** Name of each Service → address. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Where the API server is. */
  readonly server: URL;
}

/** The API server mounts a token wherever nobody said that it shall not. */
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

export const isConfined = ({ volumeMounts = [], securityContext }: V1Container): boolean =>
  securityContext !== undefined || volumeMounts.some(({ mountPath }) => mountPath !== tokenPath);

export async function confine(confined: Confined): Promise<Sandbox> {
  const { core, pod, container, image, directory, messageFile, server } = confined;
  if (!canSandbox()) {
    throw new ContainerConfigError(
      'this machine allows no user namespaces: nobody can be confined',
    );
  }
  const places = await makeVolumes(core, { pod, directory });
  const root = join(directory, `${container.name}-root`);
  mkdirSync(root, { recursive: true });
  const volumes = (container.volumeMounts ?? []).map(({ name, mountPath, readOnly }): Mount => {
    const source = places[name];
    if (source === undefined) throw new ContainerConfigError(`there is no volume ${name}`);
    return { path: mountPath, source, readOnly: readOnly === true };
  });
  const files = Object.entries(image.files).map(([path, source]): Mount => {
    return { path, source, readOnly: true };
  });
  const message = container.terminationMessagePath ?? '/dev/termination-log';
  const user = container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser;
  return {
    root,
    mounts: [
      ...files,
      ...volumes,
      { path: '/etc/hosts', source: hostsFile(confined), readOnly: true },
      { path: message, source: messageFile, readOnly: false },
    ],
    workingDir: container.workingDir ?? image.workingDir,
    env: {
      PATH: programs,
      HOSTNAME: pod.metadata?.name ?? '',
      KUBERNETES_SERVICE_HOST: server.hostname,
      KUBERNETES_SERVICE_PORT: server.port,
      ...image.env,
      ...confined.env,
    },
    user: user ?? imageUser,
    readOnlyRoot: container.securityContext?.readOnlyRootFilesystem === true,
  };
}

function hostsFile({ directory, hosts }: Confined): string {
  const path = join(directory, 'hosts');
  const lines = Object.entries({ localhost: '127.0.0.1', ...hosts });
  writeFileSync(path, lines.map(([name, address]) => `${address} ${name}\n`).join(''));
  return path;
}
