// Owns: the Kubernetes of the local stack: the real API server with its etcd, controllers and scheduler,
// and kwok, which plays kubelet for the nodes that are made here: their pods become Ready and run
// nothing. The variable is not KUBECONFIG: tests must not write to whatever cluster somebody works with.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import {
  certificate,
  kubeconfig,
  makeCertificates,
  type ControlPlaneUser,
} from '../kubernetes/certificates.js';
import { launchPlan, serverUrl, type Programs } from '../kubernetes/control-plane.js';
import { awaitCluster, makeKwokNodes, probeKubernetes } from '../kubernetes/cluster.js';
import { findPrograms, kubernetesVersion } from '../kubernetes/programs.js';
import { missingProgram, type Part, type PartRun } from '../part.js';
import { findOnPath } from '../programs.js';

const configFile = 'kubeconfig';

export const kubernetes: Part = {
  name: 'kubernetes',
  title: `Kubernetes ${kubernetesVersion}`,
  product: 'Kubernetes',
  variable: 'EVENKEEL_KUBECONFIG',
  // API server, etcd for it, etcd for its peers, kwok.
  defaultPorts: [6443, 2379, 2380, 10247],
  startWaitMs: 120_000,
  env: (_ports, dataDir) => ({ EVENKEEL_KUBECONFIG: join(dataDir, configFile) }),
  check: probeKubernetes,
  find: async (onProgress) => {
    const { programs, origin } = await findPrograms(onProgress);
    return {
      origin,
      prepare: (run) => prepare(run, programs),
      command: ({ dataDir }) => ({
        command: process.execPath,
        args: [join(checkoutDir, 'stack', 'kubernetes', 'launch.mjs'), join(dataDir, 'plan.json')],
      }),
      afterStart: async ({ dataDir }) => {
        const path = join(dataDir, configFile);
        await makeKwokNodes(path);
        await awaitCluster(path, kubernetes.startWaitMs);
      },
    };
  },
};

/** Certificates, a kubeconfig for each user, and the plan of what is started. */
async function prepare({ ports, dataDir }: PartRun, programs: Programs): Promise<void> {
  const planFile = join(dataDir, 'plan.json');
  if (existsSync(planFile)) return;
  const openssl = findOnPath('openssl');
  if (openssl === undefined) throw missingProgram(kubernetes, '`openssl`', 'openssl');
  const certificates = join(dataDir, 'pki');
  mkdirSync(dataDir, { recursive: true });
  await makeCertificates(openssl, certificates);
  const kubeconfigOf = (user: ControlPlaneUser) =>
    join(dataDir, user === 'admin' ? configFile : `${user}.kubeconfig`);
  const text = (path: string) => readFileSync(path, 'utf8');
  for (const user of ['admin', 'kube-controller-manager', 'kube-scheduler'] as const) {
    const { cert, key } = certificate(certificates, user);
    const pem = {
      ca: text(certificate(certificates, 'ca').cert),
      cert: text(cert),
      key: text(key),
    };
    writeFileSync(kubeconfigOf(user), kubeconfig(serverUrl(ports), pem), { mode: 0o600 });
  }
  const plan = launchPlan(programs, { ports, dataDir, certificates, kubeconfigOf });
  writeFileSync(planFile, `${JSON.stringify(plan, null, 2)}\n`);
}
