// The process kubelet: registers nodes with the real API server and runs the pods that are bound to them
// as processes of this checkout. What a kubelet does is done here; what Kubernetes does (scheduling,
// StatefulSets, eviction) stays with Kubernetes. Also simulates what happens to nodes.

import {
  CoordinationV1Api,
  CoreV1Api,
  ListWatch,
  Watch,
  type KubeConfig,
  type V1Pod,
  type V1Toleration,
} from '@kubernetes/client-node';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../../../stack/checkout.js';
import type { ExecResult } from './container.js';
import { readImage, type Image } from './image.js';
import { createPodNetwork } from './network.js';
import { nodeLabel, startNode, type KubeletNode } from './node.js';
import { runPod, type PodLife } from './pod-life.js';
import * as timing from './timing.js';

export interface Kubelet {
  readonly nodes: readonly string[];
  /** What a pod needs to be put here. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: V1Toleration[];
  /** Where the pod of an ordinal is reached: an IP address with `{ordinal}` in it. */
  readonly address: string;
  /**
   * From now on the registry has this image: a directory that is its root, with a build of Messaging in
   * `dist`. Any other image is this checkout, but for a tag `missing`, which is not there.
   */
  push(image: string, root: string): void;
  /** Signals the process of a pod's container: SIGKILL is a crash. */
  signal(pod: string, signal: NodeJS.Signals): void;
  /** A command in the container of a pod, as by `kubectl exec`. */
  exec(pod: string, command: readonly string[]): Promise<ExecResult>;
  /** Where a pod is reached. */
  addressOf(pod: V1Pod): string;
  /**
   * The node is heard of no more. `dead`: its processes have ended; `frozen`: they stand still; `cut-off`:
   * they go on, only the API server cannot be reached.
   */
  lose(node: string, how: 'dead' | 'frozen' | 'cut-off'): Promise<void>;
  /** A node that was frozen or cut off is back. */
  find(node: string): void;
  stop(): Promise<void>;
}

export async function startKubelet(options: {
  readonly config: KubeConfig;
  readonly nodes: number;
  /** Logs and volumes of pods. */
  readonly directory: string;
  /** What its pods run, whatever their image is called; this checkout. */
  readonly image?: Image;
}): Promise<Kubelet> {
  const { config, directory, image = readImage() } = options;
  const server = new URL(config.getCurrentCluster()?.server ?? '');
  const core = config.makeApiClient(CoreV1Api);
  const coordination = config.makeApiClient(CoordinationV1Api);
  const owner = randomUUID().slice(0, 8);
  const network = createPodNetwork();
  const nodes = new Map<string, KubeletNode>();
  /** Lives by the pod's uid, with the node that each is on. */
  const lives = new Map<string, { readonly node: string; readonly life: PodLife }>();
  const watches = new Map<string, ListWatch<V1Pod>>();
  const images = new Map<string, string>();
  let stopped = false;
  mkdirSync(directory, { recursive: true });
  const log = (event: string, detail: Readonly<Record<string, unknown>>): void => {
    const line = JSON.stringify({ at: new Date().toISOString(), event, ...detail });
    appendFileSync(join(directory, 'kubelet.log'), `${line}\n`);
  };

  const accept = (node: KubeletNode, pod: V1Pod): void => {
    const { uid = '', name = '' } = pod.metadata ?? {};
    if (stopped || !node.isHeard()) return;
    const known = lives.get(uid);
    if (known !== undefined) return known.life.update(pod);
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return;
    const life = runPod(pod, {
      core,
      directory: join(directory, `${name}-${uid.slice(0, 8)}`),
      ...{ image, network, server },
      rootOf: (image) => (image.endsWith(':missing') ? null : (images.get(image) ?? checkoutDir)),
      isHeard: () => node.isHeard(),
      log,
    });
    lives.set(uid, { node: node.name, life });
    void life.over
      .catch((error: unknown) => log('gave up', { pod: name, error: String(error) }))
      .finally(() => lives.delete(uid));
  };
  /** Its object was removed by force: a kubelet ends what it still runs, when it learns of it. */
  const removed = (node: KubeletNode, uid: string): void => {
    if (node.isHeard()) void lives.get(uid)?.life.destroy();
  };
  const watchPods = (node: KubeletNode): void => {
    const fieldSelector = `spec.nodeName=${node.name}`;
    const list = () => core.listPodForAllNamespaces({ fieldSelector });
    const watch = new ListWatch<V1Pod>(
      '/api/v1/pods',
      new Watch(config),
      list,
      false,
      undefined,
      fieldSelector,
    );
    watch.on('add', (pod) => accept(node, pod));
    watch.on('update', (pod) => accept(node, pod));
    watch.on('delete', (pod) => removed(node, pod.metadata?.uid ?? ''));
    watch.on('error', () => {
      if (!stopped) setTimeout(() => void watch.start(), timing.repeatCallAfterMs);
    });
    void watch.start();
    watches.set(node.name, watch);
  };
  for (let index = 0; index < options.nodes; index += 1) {
    const name = `kubelet-${owner}-${index}`;
    const node = await startNode({ core, coordination }, { name, owner });
    nodes.set(name, node);
    watchPods(node);
  }

  const of = (node: string): KubeletNode => {
    const known = nodes.get(node);
    if (known === undefined) throw new Error(`${node} is no node of this kubelet`);
    return known;
  };
  const named = (pod: string): [PodLife, ...PodLife[]] => {
    const [first, ...others] = [...lives.values()]
      .map(({ life }) => life)
      .filter(({ name }) => name === pod);
    if (first === undefined) throw new Error(`no pod ${pod} runs here`);
    return [first, ...others];
  };
  const onNode = (node: string): PodLife[] =>
    [...lives.values()].filter((one) => one.node === node).map(({ life }) => life);
  return {
    nodes: [...nodes.keys()],
    nodeSelector: { [nodeLabel]: owner },
    tolerations: [{ key: nodeLabel, operator: 'Exists', effect: 'NoSchedule' }],
    address: network.template,
    push: (image, root) => void images.set(image, root),
    signal: (pod, signal) => {
      for (const life of named(pod)) life.signal(signal);
    },
    exec: (pod, command) => named(pod)[0].exec(command),
    addressOf: (pod) => network.addressOf(pod),
    lose: async (node, how) => {
      of(node).silence();
      if (how === 'dead') await Promise.all(onNode(node).map((life) => life.destroy()));
      if (how === 'frozen') for (const life of onNode(node)) life.signal('SIGSTOP');
    },
    find: (name) => {
      const node = of(name);
      node.speak();
      const pods = watches.get(name)?.list() ?? [];
      for (const pod of pods) accept(node, pod);
      const known = new Set(pods.map(({ metadata }) => metadata?.uid));
      for (const life of onNode(name)) {
        life.signal('SIGCONT');
        if (!known.has(life.uid)) void life.destroy();
      }
    },
    stop: async () => {
      stopped = true;
      await Promise.all([...watches.values()].map((watch) => watch.stop()));
      await Promise.all([...lives.values()].map(({ life }) => life.destroy()));
      await Promise.all([...nodes.values()].map((node) => node.remove()));
    },
  };
}
