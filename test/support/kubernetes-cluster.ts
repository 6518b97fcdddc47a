// Owns: an Evenkeel around the backing services of the environment and the real API server: its instances
// are pods of a StatefulSet on the process kubelet, its worker and directory are processes. Takes the place
// of the local cluster of src/local, with Kubernetes as the platform instead of the supervisor.

import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  PolicyV1Api,
  type V1StatefulSet,
} from '@kubernetes/client-node';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectKafka } from '../../src/adapters/kafka.js';
import { connectKubernetes } from '../../src/adapters/kubernetes.js';
import { connectMongo } from '../../src/adapters/mongo.js';
import type { ServiceDeclaration } from '../../src/adapters/processes.js';
import type { ClusterOptions, LocalCluster } from '../../src/local/cluster.js';
import { startProgram } from '../../src/local/programs.js';
import { startService, type ServiceSurroundings } from '../../src/local/service.js';
import { startWorker } from '../../src/local/worker.js';
import { registerSearchAttributes } from '../../src/search-attributes.js';
import type { GuardedProcess } from '../../stack/guarded.js';
import { instanceSet, instancesBudget } from './kubelet/instance-set.js';
import { startKubelet, type Kubelet } from './kubelet/kubelet.js';

export interface KubernetesCluster extends LocalCluster {
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly kubelet: Kubelet;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
}

export interface KubernetesClusterOptions extends ClusterOptions {
  readonly kubeconfig: string;
  /** Nodes of the process kubelet. */
  readonly nodes: number;
}

/** Starts the nodes and connects to everything. Throws, with nothing left running. */
export async function startKubernetesCluster(
  options: KubernetesClusterOptions,
): Promise<KubernetesCluster> {
  const { addresses, logDir, kubeconfig } = options;
  const taskQueue = options.taskQueue ?? 'evenkeel';
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const processes: GuardedProcess[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  mkdirSync(logDir, { recursive: true });
  const stop = async (): Promise<void> => {
    await Promise.all(processes.splice(0).map((program) => program.stop()));
    for (const close of closers.splice(0).reverse()) await close().catch(() => undefined);
  };
  try {
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    closers.push(() => core.deleteNamespace({ name: namespace }));
    const directory = join(logDir, 'pods');
    const kubelet = await startKubelet({ config, nodes: options.nodes, directory });
    closers.push(() => kubelet.stop());
    const template = `ws://${kubelet.address}:8080`;
    const [bus, configDb, connection] = await Promise.all([
      connectKafka({ brokers: of(addresses, 'KAFKA_BROKERS').split(','), clientId: 'local' }),
      connectMongo({ uri: of(addresses, 'MONGODB_URI') }),
      Connection.connect({ address: of(addresses, 'TEMPORAL_ADDRESS') }),
    ]);
    const kubernetes = connectKubernetes({ kubeconfig, namespace, addressTemplate: template });
    closers.push(
      () => bus.close(),
      () => configDb.close(),
      () => connection.close(),
      () => kubernetes.close(),
    );
    const temporal = new Client({ connection });
    await registerSearchAttributes(connection.operatorService, temporal.options.namespace);
    const declare = async (service: string, declaration: ServiceDeclaration) => {
      const body: V1StatefulSet = instanceSet(service, declaration, kubelet);
      await apps.createNamespacedStatefulSet({ namespace, body });
      const budget = instancesBudget(service);
      const policy = config.makeApiClient(PolicyV1Api);
      await policy.createNamespacedPodDisruptionBudget({ namespace, body: budget });
      return kubernetes.observe(service);
    };
    const platform: LocalCluster['platform'] = {
      ...kubernetes,
      declare,
      kill: async (service, instance, signal) => {
        kubelet.signal(instance, signal);
        const { instances } = await kubernetes.observe(service);
        return instances.find(({ name }) => name === instance)?.uid ?? '';
      },
    };
    const start: ServiceSurroundings['start'] = async (name, title, env) => {
      const more = { ...addresses, ...env };
      const program = await startProgram(name, { title, logDir, env: more });
      processes.push(program);
      return program;
    };
    const env = {
      ...addresses,
      EVENKEEL_PLATFORM: 'kubernetes',
      EVENKEEL_KUBECONFIG: kubeconfig,
      EVENKEEL_NAMESPACE: namespace,
      EVENKEEL_ADDRESS_TEMPLATE: template,
    };
    const around = { start, logDir, env, bus, configDb, platform, temporal, taskQueue };
    return {
      ...around,
      ...{ namespace, kubeconfig, kubelet, core, apps },
      startWorker: () => startWorker(around),
      startService: (wish) => startService(wish, around),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function of(addresses: ClusterOptions['addresses'], name: string): string {
  const address = addresses[name];
  if (address === undefined) throw new TypeError(`${name} is not known`);
  return address;
}
