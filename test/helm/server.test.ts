// The chart before a real API server: it takes everything that any of the values render, and a release
// comes up, is upgraded without a touch on the running instances, and goes without leaving anything.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { testCluster } from '../support/test-cluster.js';
import { chartDir, helm, nameOf, release, valuesFiles, valuesOf } from './chart.js';
import { inCluster, installDefinitions, leftIn, type InCluster } from './in-cluster.js';

const cluster = testCluster();
let inside: InCluster;
let namespace = '';

beforeAll(async () => {
  inside = await inCluster(cluster.kubeconfig);
  await installDefinitions(inside);
});
beforeAll(async () => {
  namespace = await cluster.makeNamespace();
});
afterAll(() => cluster.removeNamespace(namespace));

describe('a dry run', () => {
  let dry = '';
  beforeAll(async () => {
    dry = await cluster.makeNamespace();
    // A dry run makes none, and a pod (the one of `helm test`) is refused without its account.
    for (const name of ['demo-worker', 'evenkeel-worker']) {
      await cluster.core.createNamespacedServiceAccount({
        namespace: dry,
        body: { metadata: { name } },
      });
    }
  });
  afterAll(() => cluster.removeNamespace(dry));

  it.each(valuesFiles.map(nameOf))('on the API server takes all of %s', async (name) => {
    const text = await helm(['template', release, chartDir, '-n', dry, ...valuesOf(name)]);
    const args = ['apply', '--dry-run=server', '--validate=strict', '-n', dry, '-f', '-'];
    const said = await inside.kubectl(args, text);
    // Of the accounts made above, which kubectl did not apply.
    expect(said.replace(/^Warning: .*last-applied-configuration.*$/gm, '')).not.toContain(
      'Warning',
    );
    const lines = said
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('Warning'));
    expect(lines.filter((line) => !line.endsWith('(server dry run)'))).toEqual([]);
    expect(lines.length).toBe(text.match(/^kind: /gm)?.length);
    process.stderr.write(`${name}: ${lines.length} objects accepted\n`);
  });
});

describe('a release', () => {
  const named = () => ({ namespace, name: 'messaging' });
  const upgrade = (...args: string[]) =>
    inside.helm([
      'upgrade',
      release,
      chartDir,
      '-n',
      namespace,
      '--wait',
      '--timeout',
      '5m',
      ...args,
    ]);
  const uids = async () =>
    (
      await cluster.core.listNamespacedPod({
        namespace,
        labelSelector: 'app.kubernetes.io/name=messaging',
      })
    ).items
      .map(({ metadata }) => `${metadata?.name} ${metadata?.uid}`)
      .sort();
  let before: string[] = [];

  it('is installed, and every pod becomes Ready', async () => {
    await eventually('the namespace is furnished', async () => {
      const found = await leftIn(inside, namespace, release);
      return found.length >= 2 || undefined;
    });
    before = await leftIn(inside, namespace, release);
    const notes = await inside.helm([
      ...['install', release, chartDir, '-n', namespace, '--wait', '--timeout', '5m'],
      ...['--set', 'monitoring.rules.enabled=true,monitoring.serviceMonitor.enabled=true'],
      ...['--set-json', 'networkPolicy.metricsFrom=[{"podSelector":{}}]'],
    ]);
    expect(notes).toContain(`kubectl -n ${namespace} exec deploy/demo-worker`);
    // Two of each Deployment (autoscalers see to their least), and the one instance that nobody has yet
    // asked the saga to add to.
    const ready = await eventually('13 pods are Ready', async () => {
      const { items } = await cluster.core.listNamespacedPod({ namespace });
      const ready = items.filter(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
      return (ready.length === 2 * 6 + 1 && items.length === ready.length) || undefined;
    });
    expect(ready).toBe(true);
  });

  it('keeps the number of instances and their pods through an upgrade and a rollback', async () => {
    await cluster.apps.patchNamespacedStatefulSetScale({
      ...named(),
      body: [{ op: 'replace', path: '/spec/replicas', value: 4 }],
    });
    await eventually('four instances', async () => {
      const { status } = await cluster.apps.readNamespacedStatefulSet(named());
      return status?.readyReplicas === 4 || undefined;
    });
    const running = await uids();
    await inside.kubectl([
      'annotate',
      '-n',
      namespace,
      'statefulset/messaging',
      'evenkeel.dev/epoch=7',
    ]);

    await upgrade('--set', 'image.tag=9.9.9');
    const upgraded = await cluster.apps.readNamespacedStatefulSet(named());
    expect(upgraded.spec?.replicas).toBe(4);
    expect(upgraded.spec?.template.spec?.containers[0]?.image).toBe('evenkeel:9.9.9');
    expect(upgraded.metadata?.annotations?.['evenkeel.dev/epoch']).toBe('7');
    expect(await uids()).toEqual(running);

    await inside.helm(['rollback', release, '1', '-n', namespace, '--wait', '--timeout', '5m']);
    const back = await cluster.apps.readNamespacedStatefulSet(named());
    expect(back.spec?.replicas).toBe(4);
    expect(back.spec?.template.spec?.containers[0]?.image).toBe('evenkeel:0.1.0');
    expect(await uids()).toEqual(running);
  });

  it('would lose instances if the number had stood in the chart once: why it never does', async () => {
    const other = mkdtempSync(join(tmpdir(), 'evenkeel-chart-'));
    try {
      cpSync(chartDir, other, { recursive: true });
      const file = join(other, 'templates', 'messaging.yaml');
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace(/^ {2}serviceName:/m, '  replicas: 4\n  serviceName:'));
      await inside.helm(['upgrade', release, other, '-n', namespace, '--wait', '--timeout', '5m']);
      await upgrade();
      const { spec } = await cluster.apps.readNamespacedStatefulSet(named());
      expect(spec?.replicas).toBe(1);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('leaves nothing behind', async () => {
    await inside.helm(['uninstall', release, '-n', namespace, '--wait', '--timeout', '5m']);
    await eventually('nothing is left', async () => {
      const left = await leftIn(inside, namespace, release);
      return left.join() === before.join() || undefined;
    });
    expect(await leftIn(inside, namespace, release)).toEqual(before);
  });
});
