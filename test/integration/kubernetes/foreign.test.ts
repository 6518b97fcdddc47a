// Somebody else changes the number of instances: a person by kubectl, then an autoscaler's controller. It is
// shown (status, doctor, one line of the worker's log) and never fought: the number stays, through many
// evaluations, until somebody asks for another.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutoscalingV2Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import { main } from '../../../src/cli/main.js';
import { findKubectl } from '../../../stack/kubernetes/programs.js';
import { run } from '../../../stack/programs.js';
import { eventually } from '../../support/eventually.js';
import {
  startKubernetesCluster,
  type KubernetesCluster,
} from '../../support/kubernetes-cluster.js';
import { startServiceOn, type ServiceUnderTest } from '../../support/service-under-test.js';

const kubeconfig = inject('kubernetes')['EVENKEEL_KUBECONFIG'] ?? '';
let under: ServiceUnderTest<KubernetesCluster>;

beforeAll(async () => {
  under = await startServiceOn(
    (options) => startKubernetesCluster({ ...options, kubeconfig, nodes: 3 }),
    { name: 'foreign', instances: 2 },
  );
});
afterAll(() => under?.stop());

const replicas = async () => {
  const { apps, namespace } = under.cluster;
  const set = await apps.readNamespacedStatefulSet({ namespace, name: under.name });
  return set.spec?.replicas;
};
/** So many more decisions are on record: the Schedule has looked again and again. */
const evaluations = async (more: number): Promise<void> => {
  const sinceMs = Date.now();
  const { configDb } = under.cluster;
  await eventually(
    `${more} evaluations`,
    async () => (await configDb.decisions(under.name, sinceMs, 100)).length >= more,
    60_000,
  );
};
const logged = (): unknown[] =>
  readFileSync(join(under.cluster.logDir, 'worker-1.log'), 'utf8')
    .split('\n')
    .flatMap((line) => /scaled-by-others (\{.*\})/.exec(line)?.[1] ?? [])
    .map((detail) => JSON.parse(detail) as unknown);
async function evenkeel(...argv: string[]): Promise<string> {
  const { cluster } = under;
  let text = '';
  const out = (more: string) => void (text += more);
  const env = {
    ...cluster.env,
    ...{ EVENKEEL_PLATFORM: 'kubernetes', EVENKEEL_KUBECONFIG: kubeconfig },
    EVENKEEL_NAMESPACE: cluster.namespace,
  };
  await main(argv, { out, err: () => undefined, env });
  return text;
}
const expectShown = async (sentence: string): Promise<void> => {
  expect(await evenkeel('status', under.name)).toContain(sentence);
  const { findings } = JSON.parse(await evenkeel('doctor', under.name, '--json')) as {
    findings: readonly Finding[];
  };
  const found = findings.find(({ check }) => check === 'scaled-by-others');
  expect(found).toMatchObject({ verdict: 'warning', found: sentence });
  expect(found?.mend).toContain(`evenkeel rebalance ${under.name} --to`);
};

it('a person by kubectl: it is shown, told once, and left so', async () => {
  const kubectl = await findKubectl(() => undefined);
  const { namespace } = under.cluster;
  const scale = ['scale', `statefulset/${under.name}`, '--replicas=3', '--namespace', namespace];
  await run(kubectl, ['--kubeconfig', kubeconfig, ...scale], { timeoutMs: 30_000 });
  await evaluations(3);
  expect(await replicas()).toBe(3);
  await expectShown('kubectl changed the number of instances from 2 to 3');
  expect(logged()).toEqual([{ service: under.name, from: 2, to: 3, by: 'kubectl' }]);
});

it('an autoscaler: the same, by the name of its controller', async () => {
  const { namespace } = under.cluster;
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const autoscaling = config.makeApiClient(AutoscalingV2Api);
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: under.name };
  const spec = { scaleTargetRef, minReplicas: 4, maxReplicas: 4 };
  const name = 'rival';
  await autoscaling.createNamespacedHorizontalPodAutoscaler({
    namespace,
    body: { metadata: { name }, spec },
  });
  await eventually('it has scaled', async () => (await replicas()) === 4, 60_000);
  await evaluations(3);
  expect(await replicas()).toBe(4);
  await expectShown('kube-controller-manager changed the number of instances from 2 to 4');
  expect(logged().at(-1)).toMatchObject({ from: 2, to: 4, by: 'kube-controller-manager' });
  expect(logged()).toHaveLength(2);
  await autoscaling.deleteNamespacedHorizontalPodAutoscaler({ namespace, name });
});

it('a number that is asked for counts again, and nothing is shown any more', async () => {
  const { taskQueue } = under.cluster;
  const asked = ['--to', '3', '--wait', '--by', 'ada', '--task-queue', taskQueue];
  await evenkeel('rebalance', under.name, ...asked);
  expect(await replicas()).toBe(3);
  expect(Object.keys(await under.ownership())).toHaveLength(3);
  expect(await evenkeel('status', under.name)).not.toContain('changed the number');
});
