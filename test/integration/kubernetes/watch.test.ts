// What the adapter knows of pods when its watch broke: cut off, it goes on from where it was and learns
// everything in between; when the API server has forgotten where that was (410 Gone), it lists again. On a
// control plane of its own, which is stopped and started.
import { AppsV1Api, CoreV1Api, KubeConfig, Watch, type V1Status } from '@kubernetes/client-node';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectKubernetes, type KubernetesPlatform } from '../../../src/adapters/kubernetes.js';
import { stackHome } from '../../../stack/checkout.js';
import { kubernetes } from '../../../stack/parts/kubernetes.js';
import { startPart, type RunningPart } from '../../../stack/running-part.js';
import { eventually } from '../../support/eventually.js';
import { startTcpRelay, type TcpRelay } from '../../support/tcp-relay.js';
import { restartContainer, statefulSet } from '../../support/test-cluster.js';

const namespace = 'default';
const service = 'watched';
const place = { namespace, name: `${service}-0` };
const runDir = join(stackHome, 'test', 'watch');
let part: RunningPart;
let config: KubeConfig;
let core: CoreV1Api;
let apps: AppsV1Api;
let relay: TcpRelay;
let platform: KubernetesPlatform;

beforeAll(async () => {
  rmSync(runDir, { recursive: true, force: true });
  mkdirSync(runDir, { recursive: true });
  const say = (line: string) => process.stderr.write(`${line}\n`);
  part = await startPart(kubernetes, await kubernetes.find(say), runDir);
  const kubeconfig = part.env['EVENKEEL_KUBECONFIG'] ?? '';
  config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  core = config.makeApiClient(CoreV1Api);
  apps = config.makeApiClient(AppsV1Api);
  await apps.createNamespacedStatefulSet({ namespace, body: statefulSet(service, 3) });

  const { hostname: host, port } = new URL(config.getCurrentCluster()?.server ?? '');
  relay = await startTcpRelay({ host, port: Number(port) });
  const relayed = join(runDir, 'relayed');
  const text = readFileSync(kubeconfig, 'utf8').replaceAll(`:${port}`, `:${relay.port}`);
  writeFileSync(relayed, text, { mode: 0o600 });
  platform = connectKubernetes({ kubeconfig: relayed, namespace });
  await readyPods(3);
});
afterAll(async () => {
  await platform?.close();
  await relay?.close();
  await part?.stop();
  rmSync(runDir, { recursive: true, force: true });
});

const readyPods = (count: number) =>
  eventually(
    `${count} ready pods`,
    async () => {
      const { instances } = await platform.observe(service);
      return instances.filter(({ phase }) => phase === 'ready').length === count;
    },
    60_000,
  );
/** A life of the first pod ends, and says by its message which process it was. */
const crash = async (random: string): Promise<string> => {
  const { metadata } = await core.readNamespacedPod(place);
  const own = `${metadata?.uid}-${random}`;
  await restartContainer({ core }, place, `${own}\n`);
  return own;
};
const hasEnded = (own: string) =>
  eventually(`the end of ${own} is known`, () => platform.hasEnded(service, own));
/** Of two lives that end before anybody lists, only a watch at work learns of the first. */
const watchIsAtWork = () =>
  eventually(
    'the watch is at work',
    async () => {
      const [first] = [await crash(randomLife()), await crash(randomLife())];
      await new Promise((resolve) => setTimeout(resolve, 200));
      return platform.hasEnded(service, first);
    },
    60_000,
  );
const randomLife = () => randomBytes(4).toString('hex');
const namesAndUids = async () => {
  const { items } = await core.listNamespacedPod({ namespace });
  return items.map(({ metadata }) => `${metadata?.name} ${metadata?.uid}`).sort();
};
/** The view has the pods that there are: the process of each has its pod's UID in front. */
const knowsAllPods = () =>
  eventually(
    'the view is as the pods are',
    async () => {
      const [pods, { instances }] = [await namesAndUids(), await platform.observe(service)];
      const seen = instances.map(({ name, uid }) => `${name} ${uid}`).sort();
      return pods.length === seen.length && pods.every((pod, at) => seen[at]?.startsWith(pod));
    },
    60_000,
  );

it('goes on from where it was after its connection was cut: it learns of both ends that came meanwhile', async () => {
  await watchIsAtWork();
  relay.cut();
  const [first, second] = [await crash('aaaaaaa1'), await crash('aaaaaaa2')];
  await core.deleteNamespacedPod({ namespace, name: `${service}-1`, gracePeriodSeconds: 0 });
  relay.mend();
  // A list has only the last life of a container: who knows the one before has read what was between.
  await hasEnded(second);
  await hasEnded(first);
  await knowsAllPods();
});

it('does not go by a watch that has died without a word', async () => {
  relay.freeze();
  await core.deleteNamespacedPod({ namespace, name: `${service}-1`, gracePeriodSeconds: 0 });
  await knowsAllPods();
});

it('lists again when the server has forgotten: after its restart it answers 410, and nothing is missing', async () => {
  const { metadata } = await core.listNamespacedPod({ namespace });
  const before = metadata?.resourceVersion ?? '';
  relay.cut();
  const own = await crash('bbbbbbb1');
  await core.deleteNamespacedPod({ namespace, name: `${service}-2`, gracePeriodSeconds: 0 });
  await part.stop();
  await part.start();
  await apps.patchNamespacedStatefulSetScale({
    ...{ namespace, name: service },
    body: [{ op: 'replace', path: '/spec/replicas', value: 4 }],
  });
  expect(await answerToWatchFrom(before)).toBe(410);

  relay.mend();
  await hasEnded(own);
  await readyPods(4);
  await knowsAllPods();
  // And it is at work again: what comes from now on is learned, too.
  await hasEnded(await crash('bbbbbbb2'));
});

it('goes on over a restart of the server that it is connected to', async () => {
  await part.stop('SIGKILL');
  await part.start();
  await hasEnded(await crash('ccccccc1'));
  await readyPods(4);
  await knowsAllPods();
});

/** The code of what the server says first to a watch that shall go on from there. */
async function answerToWatchFrom(resourceVersion: string): Promise<number | undefined> {
  let controller: AbortController | undefined;
  const answer = await new Promise<number | undefined>((resolve) => {
    new Watch(config)
      .watch(
        `/api/v1/namespaces/${namespace}/pods`,
        { resourceVersion },
        (type, object: V1Status) => resolve(type === 'ERROR' ? object.code : 200),
        (error: { statusCode?: number } | null) => resolve(error?.statusCode),
      )
      .then(
        (opened) => (controller = opened),
        () => resolve(undefined),
      );
  });
  controller?.abort();
  return answer;
}
