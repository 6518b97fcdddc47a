// The autoscalers of the chart, at work: the cluster's own controller reads a processor metric and a
// custom metric from a stand-in behind the aggregation layer, and adds pods by either of them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { testCluster } from '../support/test-cluster.js';
import { chartDir, release } from './chart.js';
import { inCluster, type InCluster } from './in-cluster.js';
import { startMetricsApi, type MetricsApi } from './metrics-api.js';

const cluster = testCluster();
const metric = 'http_requests_per_second';
const withinMs = 90_000;
let inside: InCluster;
let namespace = '';
let api: MetricsApi;

beforeAll(async () => {
  inside = await inCluster(cluster.kubeconfig);
  namespace = await cluster.makeNamespace();
  api = await startMetricsApi(cluster, inside, namespace);
  // 70 % of the request of 100m, and 100 requests a second, are what a pod shall have.
  api.usage.cpuMilli = 35;
  api.usage.custom = { [metric]: 50 };
  await inside.helm(['install', release, chartDir, '-n', namespace, '--wait', '--timeout', '5m']);
});
afterAll(async () => {
  await inside.helm(['uninstall', release, '-n', namespace]);
  await api.close();
  await cluster.removeNamespace(namespace);
});

const scaler = async (name: string) =>
  (await cluster.autoscaling.readNamespacedHorizontalPodAutoscaler({ namespace, name })).status;
const replicas = async (name: string) =>
  (await cluster.apps.readNamespacedDeployment({ namespace, name })).spec?.replicas;

it('reads both metrics of each of the four services', async () => {
  for (const name of ['bff', 'user', 'chats', 'idgen']) {
    await eventually(
      `${name} is scaled by two metrics`,
      async () => {
        const status = await scaler(name);
        const active = status?.conditions?.find(({ type }) => type === 'ScalingActive');
        const types = status?.currentMetrics?.map(({ type }) => type).join();
        return active?.status === 'True' && types === 'Resource,Pods';
      },
      withinMs,
    );
    expect(await replicas(name)).toBe(2);
  }
});

it('adds pods by the custom metric', async () => {
  api.usage.custom[metric] = 180; // of 100: 2 pods do the work of 4
  const found = await eventually(
    'bff has four pods or more',
    async () => ((await replicas('bff')) ?? 0) >= 4 && (await scaler('bff')),
    withinMs,
  );
  process.stderr.write(`bff: ${found.currentReplicas} → ${found.desiredReplicas} pods\n`);
  // 180 of 2 000 is nothing for who hands out ids.
  expect(await replicas('idgen')).toBe(2);
});

it('adds pods by processor, with nothing to say by the custom metric', async () => {
  api.usage.cpuMilli = 140; // of 70: twice as much
  await eventually(
    'idgen has four pods',
    async () => ((await replicas('idgen')) ?? 0) >= 4,
    withinMs,
  );
});
