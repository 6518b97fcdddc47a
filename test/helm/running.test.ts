// The chart at work: every pod of a release is a real process with what its manifest gives it and nothing
// else (variables, volumes, token, user, read-only root, probes, preStop, grace), on the real API server
// and the real backing services. What the chart says has to be enough for the programs.
import type { V1Pod } from '@kubernetes/client-node';
import { Client, Connection } from '@temporalio/client';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKafka } from '../../src/adapters/kafka.js';
import { createSwarm, type Observation, type Swarm } from '../../src/load/swarm.js';
import { actualOwnership } from '../../src/local/evidence.js';
import { generateKeys } from '../../src/server/keys.js';
import type { Bus } from '../../src/ports.js';
import { stackHome } from '../../stack/checkout.js';
import { eventually } from '../support/eventually.js';
import { startKubelet, type Kubelet } from '../support/kubelet/kubelet.js';
import { canSandbox } from '../support/kubelet/sandbox.js';
import { testCluster } from '../support/test-cluster.js';
import { expectNothingLost } from '../support/whole-service.js';
import { chartDir, release } from './chart.js';
import { inCluster, leftIn, type InCluster } from './in-cluster.js';

const cluster = testCluster();
const service = `chart-${randomUUID().slice(0, 6)}`;
const partitions = 60;
const clients = 30;
const directoryKey = randomBytes(24).toString('base64url');
const directory = join(stackHome, 'test', service);
const valuesFile = join(directory, 'values.json');
/** Ten processes start at once; a busy machine takes minutes for that. */
const withinMs = 400_000;

// Without user namespaces nobody can be given a root of its own: docs/kubernetes.md says so.
describe.skipIf(!canSandbox())('a release whose pods really run', { timeout: withinMs }, () => {
  let inside: InCluster;
  let namespace = '';
  let kubelet: Kubelet;
  let bus: Bus;
  let temporal: Client;
  let swarm: Swarm;
  let before: string[] = [];

  beforeAll(async () => {
    mkdirSync(directory, { recursive: true });
    inside = await inCluster(cluster.kubeconfig);
    namespace = await cluster.makeNamespace();
    kubelet = await startKubelet({
      ...{ config: cluster.config, nodes: 3 },
      directory: join(directory, 'pods'),
    });
    bus = await connectKafka({ brokers: addressOf('KAFKA_BROKERS').split(','), clientId: service });
    const address = addressOf('TEMPORAL_ADDRESS');
    temporal = new Client({ connection: await Connection.connect({ address }) });
    await makeSecrets();
    writeFileSync(valuesFile, JSON.stringify(values()));
    await eventually('the namespace is furnished', async () => {
      before = await leftIn(inside, namespace, release);
      return before.some((name) => name.includes('kube-root-ca.crt')) || undefined;
    });
  });
  afterAll(async () => {
    swarm?.stop();
    await temporal?.schedule
      .getHandle(`evenkeel/${service}`)
      .delete()
      .catch(() => undefined);
    await cluster.removeNamespace(namespace);
    await kubelet?.stop();
    await bus?.close();
    await temporal?.connection.close();
  });

  /** As docs/kubernetes.md has a person make them. */
  const makeSecrets = async (): Promise<void> => {
    const keys = await generateKeys();
    const secret = (name: string, stringData: Record<string, string>) =>
      cluster.core.createNamespacedSecret({ namespace, body: { metadata: { name }, stringData } });
    await secret('evenkeel-mongodb', { uri: addressOf('MONGODB_URI') });
    const signing = JSON.stringify(keys.signingJwk);
    await secret('evenkeel-directory', { 'signing.jwk': signing, key: directoryKey });
    await cluster.core.createNamespacedConfigMap({
      namespace,
      body: {
        metadata: { name: 'evenkeel-jwks' },
        data: { 'jwks.json': JSON.stringify(keys.jwks) },
      },
    });
  };
  /** Where things are, which pods go where, and a policy that grows for nobody but an operator. */
  const values = () => {
    const { nodeSelector, tolerations, address } = kubelet;
    const here = { nodeSelector, tolerations };
    const off = { enabled: false };
    return {
      policy: {
        ...{ service, partitions, instances: { min: 2, max: 4 }, tolerance: 0 },
        clientsPerInstance: { upper: 100_000, lower: 0, target: 50_000 },
        scheduleEveryMs: 2_000,
      },
      kafka: { brokers: addressOf('KAFKA_BROKERS') },
      temporal: { address: addressOf('TEMPORAL_ADDRESS'), taskQueue: service },
      applyPolicy: here,
      worker: here,
      messaging: { ...here, url: `ws://${address}:8080` },
      directory: { ...here, autoscaling: off, replicas: 1 },
      services: { bff: off, user: off, chats: off, idgen: off },
    };
  };
  const release_ = (verb: 'install' | 'upgrade', ...more: string[]) =>
    inside.helm([
      ...[verb, release, chartDir, '-n', namespace, '-f', valuesFile],
      ...['--wait', '--timeout', '5m', ...more],
    ]);
  const podsOf = async (name: string): Promise<V1Pod[]> => {
    const labelSelector = `app.kubernetes.io/name=${name}`;
    return (await cluster.core.listNamespacedPod({ namespace, labelSelector })).items;
  };
  const onlyPodOf = async (name: string): Promise<V1Pod> => {
    const [pod] = await podsOf(name);
    if (pod === undefined) throw new Error(`${name} has no pod`);
    return pod;
  };
  const identities = async () =>
    (await podsOf(service))
      .map(({ metadata, status }) => {
        const [container] = status?.containerStatuses ?? [];
        return `${metadata?.name} ${container?.containerID} ${container?.restartCount}`;
      })
      .sort();
  const replicas = async () =>
    (await cluster.apps.readNamespacedStatefulSet({ namespace, name: service })).spec?.replicas;
  const owners = async () => Object.keys(await actualOwnership(bus, service, partitions)).sort();
  const named = (...ordinals: number[]) => ordinals.map((ordinal) => `${service}-${ordinal}`);
  /** The command line in a worker's pod, as NOTES.txt has it by `kubectl exec`. */
  const evenkeel = async (...args: string[]) => {
    const pod = (await onlyPodOf('worker')).metadata?.name ?? '';
    const result = await kubelet.exec(pod, ['node', 'dist/src/cli/main.js', ...args]);
    expect(result.code, result.output).toBe(0);
    return result.output;
  };
  const expectPlannedMovesOnly = async (seen: Observation): Promise<void> => {
    expect(seen.moves.filter(({ planned }) => !planned)).toEqual([]);
    await expectNothingLost(bus, service, seen);
  };

  it('comes up by itself: the Job applies the policy, the worker asks for the least that it wants', async () => {
    const notes = await release_('install');
    expect(notes).toContain('exec deploy/demo-worker -- node dist/src/cli/main.js status');
    await eventually(
      'two instances own everything',
      async () => {
        return (await owners()).join() === named(0, 1).join() || undefined;
      },
      90_000,
    );
    expect(await replicas()).toBe(2);
    const at = kubelet.addressOf(await onlyPodOf(`${service}-directory`));
    const directoryUrl = `http://${at}:8080`;
    swarm = createSwarm({ directoryUrl, directoryKey, messagesPerSecond: 40, prefix: 'user' });
    await swarm.resize(clients);
  });

  it("grows at a word in the worker's pod, under the worker's own token: nobody is lost", async () => {
    const window = swarm.open();
    const said = await evenkeel('rebalance', service, '--to', '3', '--wait', '--by', 'ada');
    expect(said).toContain('completed');
    expect(await owners()).toEqual(named(0, 1, 2));
    expect(await replicas()).toBe(3);
    const seen = await window.close();
    expect(seen.moves.length).toBeGreaterThan(0);
    await expectPlannedMovesOnly(seen);
    expect(await evenkeel('status', service)).toContain(`${service}-2`);
  });

  it('is well: `helm test` asks everybody, and doctor finds no fault', async () => {
    const said = await inside.helm(['test', release, '-n', namespace, '--timeout', '5m']);
    expect(said).toMatch(/Phase:\s+Succeeded/);
    expect(await evenkeel('doctor', service)).not.toContain('✗');
  });

  it("rolls to another image under the worker's own account: nobody is lost, and the pods are new", async () => {
    const before = await identities();
    const window = swarm.open();
    const image = 'evenkeel:next';
    expect(await evenkeel('roll', service, '--image', image, '--dry-run')).toContain('5 steps');
    const said = await evenkeel('roll', service, '--image', image, '--watch', '1', '--wait');
    expect(said).toContain('completed');
    const images = (await podsOf(service)).map(({ spec }) => spec?.containers[0]?.image);
    expect(images).toEqual([image, image, image]);
    const after = await identities();
    expect(after.filter((one) => before.includes(one))).toEqual([]);
    await expectPlannedMovesOnly(await window.close());
  });

  it('moves the clients of a pod that is deleted within its preStop and grace, and it ends by itself', async () => {
    const name = `${service}-2`;
    const { uid } = (await cluster.core.readNamespacedPod({ namespace, name })).metadata ?? {};
    const window = swarm.open();
    await cluster.core.deleteNamespacedPod({ namespace, name });
    await eventually(
      'another pod is ready',
      async () => {
        const pod = await cluster.core.readNamespacedPod({ namespace, name });
        const ready = pod.status?.containerStatuses?.[0]?.ready === true;
        return (ready && pod.metadata?.uid !== uid) || undefined;
      },
      60_000,
    );
    const ended = readFileSync(join(directory, 'pods', 'kubelet.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"ended"`) && line.includes(uid ?? ''));
    expect(ended.join()).toContain('"exitCode":0');
    const seen = await window.close();
    expect(seen.moves.filter(({ from }) => from === name).length).toBeGreaterThan(0);
    await expectPlannedMovesOnly(seen);
  });

  it('is upgraded to another policy: the number that the saga set stays, and so do the processes', async () => {
    const running = await identities();
    const window = swarm.open();
    await release_('upgrade', '--set', 'policy.cooldownMs=61000');
    const status = JSON.parse(await evenkeel('status', service, '--json')) as {
      services: { policyRevision: number }[];
    };
    expect(status.services[0]?.policyRevision).toBe(2);
    expect(await replicas()).toBe(3);
    expect(await identities()).toEqual(running);
    await expectPlannedMovesOnly(await window.close());
  });

  it('leaves nothing', async () => {
    swarm.stop();
    await inside.helm(['uninstall', release, '-n', namespace, '--wait', '--timeout', '5m']);
    await eventually(
      'nothing is left',
      async () => {
        const left = await leftIn(inside, namespace, release);
        return left.join() === before.join() || undefined;
      },
      90_000,
    );
    rmSync(directory, { recursive: true, force: true }); // Logs of a failure stay.
  });
});

function addressOf(name: string): string {
  const found = process.env[name];
  if (found === undefined) throw new TypeError(`${name} is not known`);
  return found;
}
