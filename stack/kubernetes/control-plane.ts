// Owns: how the five programs of a control plane are started on this machine: loopback only, with real
// authentication and RBAC, and nothing synced to disk, because the data die with the run. Starts
// nothing itself (launch.mjs does).
import { join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import { certificate, type ControlPlaneUser } from './certificates.js';

export const programNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;
export type ProgramName = (typeof programNames)[number];
export type Programs = Readonly<Record<ProgramName, string>>;

/** kwok manages nodes that carry this and no others, so that a kubelet of ours can have its own. */
export const kwokNodeAnnotation = { 'kwok.x-k8s.io/node': 'fake' } as const;

/** What launch.mjs starts: `first`, then, when the API server is ready, `then`. */
export interface LaunchPlan {
  readonly readyz: { url: string; ca: string; cert: string; key: string };
  readonly first: readonly PlannedProgram[];
  readonly then: readonly PlannedProgram[];
}
export interface PlannedProgram {
  readonly name: ProgramName;
  readonly command: string;
  readonly args: readonly string[];
  readonly log: string;
}

export interface ControlPlanePlace {
  readonly ports: readonly number[];
  readonly dataDir: string;
  readonly certificates: string;
  readonly kubeconfigOf: (user: ControlPlaneUser) => string;
}

export function serverUrl(ports: readonly number[]): string {
  return `https://127.0.0.1:${ports[0]}`;
}

export function launchPlan(programs: Programs, place: ControlPlanePlace): LaunchPlan {
  const { dataDir, certificates, kubeconfigOf } = place;
  const [apiPort, etcdPort, etcdPeerPort, kwokPort] = place.ports;
  const pki = (name: string) => certificate(certificates, name);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const etcdPeerUrl = `http://127.0.0.1:${etcdPeerPort}`;
  const program = (
    name: ProgramName,
    flags: Readonly<Record<string, string | number | boolean>>,
  ): PlannedProgram => ({
    name,
    command: programs[name],
    args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    log: join(dataDir, `${name}.log`),
  });

  const etcd = program('etcd', {
    'data-dir': join(dataDir, 'etcd'),
    'listen-client-urls': etcdUrl,
    'advertise-client-urls': etcdUrl,
    'listen-peer-urls': etcdPeerUrl,
    'initial-advertise-peer-urls': etcdPeerUrl,
    'initial-cluster': `default=${etcdPeerUrl}`,
    'unsafe-no-fsync': true,
    'log-level': 'warn',
  });
  const apiserver = program('kube-apiserver', {
    'etcd-servers': etcdUrl,
    'bind-address': '127.0.0.1',
    'secure-port': apiPort ?? 0,
    // It must not be a loopback address, and is given because a machine may have no default route.
    'advertise-address': '192.0.2.1',
    'endpoint-reconciler-type': 'none',
    'service-cluster-ip-range': '10.96.0.0/16',
    'allow-privileged': true,
    'authorization-mode': 'Node,RBAC',
    'client-ca-file': pki('ca').cert,
    'tls-cert-file': pki('kube-apiserver').cert,
    'tls-private-key-file': pki('kube-apiserver').key,
    'kubelet-client-certificate': pki('admin').cert,
    'kubelet-client-key': pki('admin').key,
    'kubelet-preferred-address-types': 'InternalIP',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': join(certificates, 'service-accounts.pub'),
    'service-account-signing-key-file': join(certificates, 'service-accounts.key'),
    // The aggregation layer: an APIService whose Service is an ExternalName `localhost` is reached here.
    'requestheader-client-ca-file': pki('front-proxy-ca').cert,
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': pki('front-proxy-client').cert,
    'proxy-client-key-file': pki('front-proxy-client').key,
  });
  const controllers = program('kube-controller-manager', {
    kubeconfig: kubeconfigOf('kube-controller-manager'),
    'secure-port': 0,
    'leader-elect': false,
    'root-ca-file': pki('ca').cert,
    'service-account-private-key-file': join(certificates, 'service-accounts.key'),
    'use-service-account-credentials': true,
    'kube-api-qps': 200,
    'kube-api-burst': 400,
    // An autoscaler that decides in seconds, not in quarters of a minute.
    'horizontal-pod-autoscaler-sync-period': '2s',
  });
  const scheduler = program('kube-scheduler', {
    kubeconfig: kubeconfigOf('kube-scheduler'),
    'secure-port': 0,
    'leader-elect': false,
  });
  const [[key, value] = ['', '']] = Object.entries(kwokNodeAnnotation);
  const kwok = program('kwok', {
    kubeconfig: kubeconfigOf('admin'),
    'manage-all-nodes': false,
    'manage-nodes-with-annotation-selector': `${key}=${value}`,
    'node-ip': '127.0.0.1',
    'server-address': `127.0.0.1:${kwokPort}`,
    'node-lease-duration-seconds': 40,
    config: join(checkoutDir, 'stack', 'kubernetes', 'kwok-stages.yaml'),
  });
  return {
    readyz: { url: `${serverUrl(place.ports)}/readyz`, ca: pki('ca').cert, ...pki('admin') },
    first: [etcd, apiserver],
    then: [controllers, scheduler, kwok],
  };
}
