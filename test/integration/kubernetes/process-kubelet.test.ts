// The process kubelet does what a kubelet does: the real probe decides on Ready, a crash is reported with
// its words and starts again, a deletion goes through preStop, SIGTERM and the grace period. On a small
// program instead of Messaging.
import type { V1ContainerStatus, V1StatefulSet } from '@kubernetes/client-node';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { startKubelet, type Kubelet } from '../../support/kubelet/kubelet.js';
import { testCluster } from '../../support/test-cluster.js';

/** Answers its probes, says goodbye on SIGTERM after a while, crashes at `/crash`. */
const program = `
  const { createServer } = require('node:http');
  const { writeFileSync } = require('node:fs');
  const { EVENKEEL_HOST: host, NAME, UID, EVENKEEL_TERMINATION_LOG: words } = process.env;
  createServer((request, response) => {
    if (request.url === '/crash') { writeFileSync(words, 'crashed as it was told'); process.exit(7); }
    response.end(NAME + ' ' + UID);
  }).listen(9464, host);
  process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300));
`;

const cluster = testCluster();
const directory = mkdtempSync(join(tmpdir(), 'evenkeel-kubelet-'));
let namespace = '';
let kubelet: Kubelet;

beforeAll(async () => {
  namespace = await cluster.makeNamespace();
  kubelet = await startKubelet({ config: cluster.config, nodes: 2, directory });
});
afterAll(async () => {
  await cluster.removeNamespace(namespace);
  await kubelet.stop();
  rmSync(directory, { recursive: true, force: true });
});

function setOf(name: string, image = 'evenkeel:test'): V1StatefulSet {
  const labels = { app: name };
  const probe = { httpGet: { path: '/', port: 'probes' }, periodSeconds: 1 };
  return {
    metadata: { name },
    spec: {
      serviceName: name,
      replicas: 1,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: kubelet.nodeSelector,
          tolerations: kubelet.tolerations,
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              name: 'small',
              image,
              command: ['node', '-e', program],
              env: [
                { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                { name: 'UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
              ],
              ports: [{ name: 'probes', containerPort: 9464 }],
              readinessProbe: probe,
              lifecycle: { preStop: { sleep: { seconds: 1 } } },
            },
          ],
        },
      },
    },
  };
}

const podNamed = (name: string) => cluster.core.readNamespacedPod({ name, namespace });
const seen = <T>(name: string, what: string, look: (status: V1ContainerStatus) => T | undefined) =>
  eventually(`${name} ${what}`, async () => {
    const [status] = (await podNamed(name)).status?.containerStatuses ?? [];
    return status === undefined ? undefined : look(status);
  });
const ready = (name: string) =>
  seen(name, 'is Ready', (status) => (status.ready ? status : undefined));
const ask = async (name: string, path: string): Promise<string> => {
  const address = kubelet.address.replace('{ordinal}', name.slice(name.lastIndexOf('-') + 1));
  return (await fetch(`http://${address}:9464${path}`)).text();
};

it('makes a pod Ready by its own probe, with its environment, and its end takes preStop and SIGTERM', async () => {
  await cluster.apps.createNamespacedStatefulSet({ namespace, body: setOf('small') });
  await ready('small-0');
  const { metadata } = await podNamed('small-0');
  expect(await ask('small-0', '/')).toBe(`small-0 ${metadata?.uid}`);

  await cluster.core.deleteNamespacedPod({ name: 'small-0', namespace });
  const next = await eventually('another pod', async () => {
    const pod = await podNamed('small-0');
    return pod.metadata?.uid === metadata?.uid ? undefined : pod;
  });
  // Its preStop came to its end while it ran, and then it ended by itself: not killed, not at once.
  const told = readFileSync(join(directory, 'kubelet.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(metadata?.uid ?? 'nobody'));
  expect(told.findIndex((line) => line.includes('"preStop over"'))).toBe(told.length - 2);
  expect(told.at(-2)).toContain('"isRunning":true');
  expect(told.at(-1)).toMatch(/"ended".*"exitCode":0/);
  await ready('small-0');
  expect(await ask('small-0', '/')).toBe(`small-0 ${next.metadata?.uid}`);
});

it('reports how a container ended, in its own words, and starts it again in the same pod', async () => {
  const before = await podNamed('small-0');
  await ask('small-0', '/crash').catch(() => '');
  const status = await seen('small-0', 'runs again', (now) =>
    now.restartCount === 1 && now.ready ? now : undefined,
  );
  expect(status.lastState?.terminated).toMatchObject({
    exitCode: 7,
    reason: 'Error',
    message: 'crashed as it was told',
  });
  expect((await podNamed('small-0')).metadata?.uid).toBe(before.metadata?.uid);

  // Again and again: kubelets wait before the next try.
  kubelet.signal('small-0', 'SIGKILL');
  const waiting = await seen('small-0', 'waits', (now) => now.state?.waiting);
  expect(waiting.reason).toBe('CrashLoopBackOff');
  const killed = await seen('small-0', 'runs again', (now) =>
    now.restartCount === 2 && now.ready ? now.lastState?.terminated : undefined,
  );
  expect(killed).toMatchObject({ exitCode: 137, signal: 9 });
  await cluster.apps.deleteNamespacedStatefulSet({ namespace, name: 'small' });
});

it('says that an image cannot be pulled, and lets go of the pod when it is deleted', async () => {
  const body = setOf('absent', 'evenkeel:missing');
  await cluster.apps.createNamespacedStatefulSet({ namespace, body });
  for (const reason of ['ErrImagePull', 'ImagePullBackOff']) {
    const waiting = await seen('absent-0', reason, ({ state }) =>
      state?.waiting?.reason === reason ? state.waiting : undefined,
    );
    expect(waiting.message).toContain('evenkeel:missing');
  }
  await cluster.apps.deleteNamespacedStatefulSet({ namespace, name: 'absent' });
  await eventually('nothing is left', async () => {
    const { items } = await cluster.core.listNamespacedPod({ namespace });
    return items.length === 0;
  });
});

it('leaves the pods of a lost node as the API server knew them', async () => {
  await cluster.apps.createNamespacedStatefulSet({ namespace, body: setOf('lost') });
  await ready('lost-0');
  const { spec } = await podNamed('lost-0');
  await kubelet.lose(spec?.nodeName ?? '', 'dead');
  await expect(ask('lost-0', '/')).rejects.toThrow();
  expect((await ready('lost-0')).state?.running).toBeDefined();
});
