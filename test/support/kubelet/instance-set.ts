// The StatefulSet of Messaging instances and its disruption budget, as the Helm chart renders them, without
// what only a container runtime can give: volumes, security contexts, resources.

import type { V1PodDisruptionBudget, V1Probe, V1StatefulSet } from '@kubernetes/client-node';
import { relative } from 'node:path';
import type { ServiceDeclaration } from '../../../src/adapters/processes.js';
import { checkoutDir } from '../../../stack/checkout.js';
import type { Kubelet } from './kubelet.js';

export const clientPort = 8080;
const probePort = 9464;

export function instanceSet(
  service: string,
  declaration: ServiceDeclaration,
  kubelet: Pick<Kubelet, 'address' | 'nodeSelector' | 'tolerations'>,
): V1StatefulSet {
  const labels = { 'app.kubernetes.io/component': service };
  const env = {
    ...declaration.env,
    EVENKEEL_SERVICE: service,
    EVENKEEL_PARTITIONS: String(declaration.partitions),
    EVENKEEL_PORT: String(clientPort),
    EVENKEEL_PROBE_PORT: String(probePort),
  };
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  });
  const url = `ws://${kubelet.address.replace('{ordinal}', '$(EVENKEEL_ORDINAL)')}:${clientPort}`;
  return {
    metadata: { name: service },
    spec: {
      serviceName: service,
      replicas: declaration.replicas ?? 0,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { ...kubelet.nodeSelector },
          tolerations: kubelet.tolerations,
          terminationGracePeriodSeconds: 45,
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                {
                  weight: 100,
                  podAffinityTerm: {
                    topologyKey: 'kubernetes.io/hostname',
                    labelSelector: { matchLabels: labels },
                  },
                },
              ],
            },
          },
          containers: [
            {
              name: 'messaging',
              image: 'evenkeel:test',
              command: ['node', ...argsOf(declaration)],
              env: [
                ...Object.entries(env).map(([name, value]) => ({ name, value })),
                field('EVENKEEL_INSTANCE', 'metadata.name'),
                field('EVENKEEL_ORDINAL', "metadata.labels['apps.kubernetes.io/pod-index']"),
                field('EVENKEEL_POD_UID', 'metadata.uid'),
                { name: 'EVENKEEL_URL', value: url },
              ],
              ports: [
                { name: 'clients', containerPort: clientPort },
                { name: 'probes', containerPort: probePort },
              ],
              terminationMessagePolicy: 'FallbackToLogsOnError',
              startupProbe: asks('startup', { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: asks('live', { periodSeconds: 10, timeoutSeconds: 5 }),
              readinessProbe: asks('ready', { periodSeconds: 1, failureThreshold: 2 }),
              lifecycle: { preStop: { sleep: { seconds: 1 } } },
            },
          ],
        },
      },
    },
  };
}

export function instancesBudget(service: string): V1PodDisruptionBudget {
  return {
    metadata: { name: service },
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: { 'app.kubernetes.io/component': service } },
    },
  };
}

function asks(which: string, more: Partial<V1Probe>): V1Probe {
  return { httpGet: { path: `/healthz/${which}`, port: 'probes' }, timeoutSeconds: 2, ...more };
}

/** `{image}` stands for where the build lies. */
const argsOf = ({ args = [], image = '' }: ServiceDeclaration): string[] =>
  args.map((arg) => inCheckout(arg.replaceAll('{image}', image)));

/** Paths of this checkout as they are in an image, whose working directory it is. */
function inCheckout(arg: string): string {
  const path = relative(checkoutDir, arg);
  return path.startsWith('..') ? arg : path;
}
