// Owns: a stand-in for the metrics APIs of a cluster, behind the API server's aggregation layer: it serves
// what a test says pods use. A Service of type ExternalName leads the API server to it on this machine.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestCluster } from '../support/test-cluster.js';
import type { InCluster } from './in-cluster.js';

const exec = promisify(execFile);

/** What every pod of a Deployment shows: millicores, and the custom metric by its name. */
export interface Usage {
  cpuMilli: number;
  custom: Record<string, number>;
}

export interface MetricsApi {
  readonly usage: Usage;
  close(): Promise<void>;
}

const groups = [
  { group: 'metrics.k8s.io', version: 'v1beta1' },
  { group: 'custom.metrics.k8s.io', version: 'v1beta2' },
] as const;

/** Serves until it is closed; knows the pods of one namespace. */
export async function startMetricsApi(
  { core }: Pick<TestCluster, 'core'>,
  { kubectl }: InCluster,
  namespace: string,
): Promise<MetricsApi> {
  const usage: Usage = { cpuMilli: 0, custom: {} };
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-metrics-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  await exec('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '1', '-subj', '/CN=localhost', '-keyout', key, '-out', cert],
  ]);
  const answer = async (url: URL): Promise<object | null> => {
    const selector = url.searchParams.get('labelSelector') ?? '';
    const group = groups.find((each) => url.pathname.startsWith(`/apis/${each.group}/`));
    if (group === undefined) return null;
    const apiVersion = `${group.group}/${group.version}`;
    if (!url.pathname.includes('/pods')) return discovery(apiVersion, Object.keys(usage.custom));
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: selector });
    const timestamp = new Date().toISOString();
    if (group.group === 'metrics.k8s.io') {
      return {
        ...{ kind: 'PodMetricsList', apiVersion, metadata: {} },
        items: items.map(({ metadata, spec }) => ({
          ...{ metadata: { name: metadata?.name, namespace }, timestamp, window: '15s' },
          containers: spec?.containers.map(({ name }) => ({
            name,
            usage: { cpu: `${usage.cpuMilli}m`, memory: '10Mi' },
          })),
        })),
      };
    }
    const name = url.pathname.split('/').at(-1) ?? '';
    return {
      ...{ kind: 'MetricValueList', apiVersion, metadata: {} },
      items: items.map(({ metadata }) => ({
        describedObject: { kind: 'Pod', namespace, name: metadata?.name, apiVersion: '/v1' },
        ...{ metric: { name }, timestamp, value: String(usage.custom[name] ?? 0) },
      })),
    };
  };
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) });
  server.on('request', (request, response) => {
    void answer(new URL(request.url ?? '/', 'https://localhost')).then(
      (body) => {
        response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body ?? {}));
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  rmSync(directory, { recursive: true, force: true });

  const name = 'metrics-stand-in';
  await core.createNamespacedService({
    namespace,
    body: {
      metadata: { name },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
    },
  });
  const services = groups.map(({ group, version }) => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}` },
    spec: {
      ...{ group, version, groupPriorityMinimum: 100, versionPriority: 100 },
      ...{ insecureSkipTLSVerify: true, service: { namespace, name, port } },
    },
  }));
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: services });
  await kubectl(['apply', '-f', '-'], list);
  const named = services.map(({ metadata }) => `apiservice/${metadata.name}`);
  await kubectl(['wait', '--for=condition=Available', '--timeout=60s', ...named]);
  return {
    usage,
    close: async () => {
      await kubectl(['delete', ...named]);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function discovery(groupVersion: string, metrics: readonly string[]): object {
  const resource = (name: string, kind: string) => ({
    ...{ name, kind, singularName: '', namespaced: true, verbs: ['get', 'list'] },
  });
  return {
    ...{ kind: 'APIResourceList', apiVersion: 'v1', groupVersion },
    resources: groupVersion.startsWith('metrics')
      ? [resource('pods', 'PodMetrics')]
      : metrics.map((name) => resource(`pods/${name}`, 'MetricValueList')),
  };
}
