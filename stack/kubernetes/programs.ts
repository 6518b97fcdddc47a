// Owns: finding or building the programs of a Kubernetes control plane, kwok (which plays kubelet for
// nodes that run nothing), kubectl and Helm. Never starts a cluster.
import { createHash } from 'node:crypto';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import { findGo, goBuild, goInstall } from '../go.js';
import { missingProgram, PartError, type PartOrigin } from '../part.js';
import { cachedOrBuilt } from '../part-cache.js';
import { findOnPath, run } from '../programs.js';
import { programNames, type ProgramName, type Programs } from './control-plane.js';

export const kubernetesVersion = '1.34.2';
const kwokVersion = '0.7.0';
const helmVersion = '3.20.2';
const [, minor = ''] = kubernetesVersion.split('.');
const about = {
  name: 'kubernetes',
  title: `Kubernetes ${kubernetesVersion} (etcd, API server, controllers, scheduler, kwok)`,
  variable: 'EVENKEEL_KUBECONFIG',
} as const;

/** Our own Go module: it pins the versions and links one program with all of these names. */
const source = join(checkoutDir, 'stack', 'kubernetes');
const linked = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];

/** A kubectl may be one minor version away from the server, by Kubernetes' own rule. */
const kubectlSkewMax = 1;
const askVersionMs = 30_000;

type Say = (line: string) => void;

/** PATH when it has all five, else the cache, else a build. Throws PartError. */
export async function findPrograms(
  onProgress: Say,
): Promise<{ programs: Programs; origin: PartOrigin }> {
  const onPath = programNames.map((name) => [name, findOnPath(name)] as const);
  if (onPath.every(([, path]) => path !== undefined)) {
    return { programs: Object.fromEntries(onPath) as Programs, origin: 'path' };
  }
  const control = await controlPlane(onProgress);
  const kwok = await cachedOrBuilt(
    {
      key: `kwok-${kwokVersion}`,
      title: `kwok ${kwokVersion}`,
      estimateS: 120,
      build: (directory) => install('sigs.k8s.io/kwok/cmd/kwok', kwokVersion, '', directory),
    },
    onProgress,
  );
  const places = programNames.map((name): [ProgramName, string] => [
    name,
    join(name === 'kwok' ? kwok.directory : control.directory, name),
  ]);
  const origin = [control.from, kwok.from].includes('build') ? 'build' : 'cache';
  return { programs: Object.fromEntries(places) as Programs, origin };
}

/** The path of a kubectl that fits the server. */
export async function findKubectl(onProgress: Say): Promise<string> {
  const onPath = findOnPath('kubectl');
  if (onPath !== undefined && (await fits(onPath))) return onPath;
  return join((await controlPlane(onProgress)).directory, 'kubectl');
}

/** The path of Helm 3. */
export async function findHelm(onProgress: Say): Promise<string> {
  const onPath = findOnPath('helm');
  if (onPath !== undefined) {
    const text = await run(onPath, ['version', '--short'], { timeoutMs: askVersionMs }).catch(
      () => '',
    );
    if (/^v3\./m.test(text)) return onPath;
  }
  // Without these it believes that every cluster is Kubernetes 1.20.
  const packages = ['helm.sh/helm/v3/pkg/chartutil', 'helm.sh/helm/v3/pkg/lint/rules'];
  const ldflags = [
    `-X helm.sh/helm/v3/internal/version.version=v${helmVersion}`,
    ...packages.flatMap((name) => [
      `-X ${name}.k8sVersionMajor=1`,
      `-X ${name}.k8sVersionMinor=${minor}`,
    ]),
  ].join(' ');
  const { directory } = await cachedOrBuilt(
    {
      key: `helm-${helmVersion}`,
      title: `Helm ${helmVersion}`,
      estimateS: 100,
      build: (into) => install('helm.sh/helm/v3/cmd/helm', helmVersion, ldflags, into),
    },
    onProgress,
  );
  return join(directory, 'helm');
}

function controlPlane(onProgress: Say) {
  // The name holds a digest of our own source, so that a changed one is built again.
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(source, file)));
  return cachedOrBuilt(
    {
      key: `kubernetes-${kubernetesVersion}-${hash.digest('hex').slice(0, 8)}`,
      title: about.title,
      estimateS: 300,
      build: async (directory) => {
        const versions = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
        const ldflags = versions
          .flatMap((name) => [
            `-X ${name}.gitVersion=v${kubernetesVersion} -X ${name}.gitMajor=1`,
            `-X ${name}.gitMinor=${minor} -X ${name}.gitTreeState=clean`,
          ])
          .join(' ');
        const output = join(directory, 'kubernetes');
        await building(() => goBuild(go(), { directory: source, ldflags }, output));
        for (const name of linked) symlinkSync('kubernetes', join(directory, name));
        return 'build';
      },
    },
    onProgress,
  );
}

async function install(
  module: string,
  version: string,
  ldflags: string,
  directory: string,
): Promise<'build'> {
  await building(() => goInstall(go(), { module, version, ldflags }, directory));
  return 'build';
}

const go = () =>
  findGo(() => missingProgram(about, 'Go (`go`, 1.24 or later)', programNames.join('`, `')));

async function building(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof PartError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PartError('kubernetes', `Kubernetes cannot be built: ${reason}`, cause);
  }
}

async function fits(kubectl: string): Promise<boolean> {
  try {
    const args = ['version', '--client', '--output=json'];
    const text = await run(kubectl, args, { timeoutMs: askVersionMs });
    const { clientVersion } = JSON.parse(text) as { clientVersion: { minor: string } };
    return Math.abs(Number.parseInt(clientVersion.minor, 10) - Number(minor)) <= kubectlSkewMax;
  } catch {
    return false;
  }
}
