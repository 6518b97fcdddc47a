// Owns: asking a cluster whether it is there, and what a new one of ours needs before pods can run: nodes
// for kwok, and the controllers' first sign of life. Never touches a cluster that is not ours.
import { probeWaitMs } from '../probes.js';
import { kwokNodeAnnotation } from './control-plane.js';

const pollMs = 50;
/** Three, in three zones: enough for anti-affinity and topology spread. */
const nodes = ['a', 'b', 'c'].map((zone) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `kwok-${zone}`,
    annotations: { ...kwokNodeAnnotation },
    labels: {
      type: 'kwok',
      'kubernetes.io/hostname': `kwok-${zone}`,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'topology.kubernetes.io/zone': zone,
    },
  },
}));

/** Asks the API server of a kubeconfig's present context for its version. Throws a sentence. */
export async function probeKubernetes(path: string): Promise<void> {
  const { KubeConfig, VersionApi } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(path);
  if (config.getCurrentCluster() === null) throw new Error('it names no cluster');
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${probeWaitMs} ms`)), probeWaitMs);
  });
  try {
    await Promise.race([config.makeApiClient(VersionApi).getCode(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nodes that kwok manages; those that are there stay. */
export async function makeKwokNodes(path: string): Promise<void> {
  const { CoreV1Api, KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(path);
  const core = config.makeApiClient(CoreV1Api);
  for (const body of nodes) {
    await core.createNode({ body }).catch((error: { code?: number }) => {
      if (error.code !== 409) throw error;
    });
  }
}

/** Until pods can be made and scheduled: the default service account is there, and nodes are Ready. */
export async function awaitCluster(path: string, waitMs: number): Promise<void> {
  const { CoreV1Api, KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(path);
  const core = config.makeApiClient(CoreV1Api);
  const untilMs = Date.now() + waitMs;
  const account = { name: 'default', namespace: 'default' };
  for (;;) {
    const hasAccount = await core.readNamespacedServiceAccount(account).then(
      () => true,
      () => false,
    );
    const { items } = await core.listNode();
    const ready = items.filter((node) =>
      node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    if (hasAccount && ready.length >= nodes.length) return;
    if (Date.now() > untilMs) {
      const missing = hasAccount ? 'its nodes are not ready' : 'its controllers do not work';
      throw new Error(
        `the API server answers, but ${missing} after ${Math.round(waitMs / 1000)} s`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
