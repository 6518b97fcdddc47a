// The console of the chart at work: its pod is a real process with what its manifest gives it and nothing
// else (account, variables, secrets as files, probes, user, read-only root), before a service whose
// instances are pods, too. What it may do at the API server is enough, and no more than it does.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connectKubernetes } from '../../../src/adapters/kubernetes.js';
import type { Swarm } from '../../../src/load/swarm.js';
import { asks, shown, visit, type Visitor } from '../../console/visitor.js';
import { at, chartDir, helm, objectsOf, one, release, type Rendered } from '../../helm/chart.js';
import { inCluster, type InCluster } from '../../helm/in-cluster.js';
import { eventually } from '../../support/eventually.js';
import { canSandbox } from '../../support/kubelet/sandbox.js';
import { kubeconfigAs } from '../../support/kubeconfig-as.js';
import {
  startKubernetesCluster,
  type KubernetesCluster,
} from '../../support/kubernetes-cluster.js';
import {
  addressesOf,
  crowdOf,
  startServiceOn,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';
import { testCluster } from '../../support/test-cluster.js';

const cluster = testCluster();
const clients = 12;
const token = randomBytes(24).toString('base64url');
const directory = mkdtempSync(join(tmpdir(), 'evenkeel-console-'));
const name = `${release}-console`;
const withinMs = 60_000;
/** Who may come in: a proxy, in this release. */
const from = [{ podSelector: { matchLabels: { app: 'proxy' } } }];

// Without user namespaces nobody can be given a root of its own: docs/kubernetes.md says so.
describe.skipIf(!canSandbox())('the console of a release', () => {
  let inside: InCluster;
  let under: ServiceUnderTest<KubernetesCluster>;
  let swarm: Swarm;
  let objects: readonly Rendered[] = [];
  let namespace = '';
  let url = '';
  let ada: Visitor;

  beforeAll(async () => {
    const kubeconfig = inject('kubernetes')['EVENKEEL_KUBECONFIG'] ?? '';
    inside = await inCluster(kubeconfig);
    under = await startServiceOn(
      (options) => startKubernetesCluster({ ...options, kubeconfig, nodes: 2 }),
      { name: 'console', instances: 2, policy: { partitions: 60 } },
    );
    namespace = under.cluster.namespace;
    swarm = await crowdOf(under, clients);
    const text = await consoleText();
    objects = objectsOf(text);
    await makeSecrets();
    await inside.kubectl(['apply', '--validate=strict', '-n', namespace, '-f', '-'], text);
  });
  afterAll(async () => {
    swarm?.stop();
    await under?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** What the chart makes for the console, of a release whose service is the one under test. */
  const consoleText = async (): Promise<string> => {
    const { nodeSelector, tolerations, address } = under.cluster.kubelet;
    const { KAFKA_BROKERS, TEMPORAL_ADDRESS, TEMPORAL_UI_URL } = addressesOf(process.env);
    const values = {
      policy: { service: under.name, partitions: 60 },
      kafka: { brokers: KAFKA_BROKERS },
      temporal: { address: TEMPORAL_ADDRESS, taskQueue: under.cluster.taskQueue },
      messaging: { url: `ws://${address}:8080` },
      console: {
        ...{ enabled: true, tokenSecretName: 'evenkeel-console', temporalUiUrl: TEMPORAL_UI_URL },
        ...{ nodeSelector, tolerations },
      },
      networkPolicy: { consoleFrom: from },
    };
    const file = join(directory, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    const only = ['--show-only', 'templates/console.yaml'];
    return helm(['template', release, chartDir, '-n', namespace, '-f', file, ...only]);
  };
  /** As docs/console.md and docs/kubernetes.md have a person make them. */
  const makeSecrets = async (): Promise<void> => {
    const secret = (of: string, stringData: Record<string, string>) =>
      cluster.core.createNamespacedSecret({
        namespace,
        body: { metadata: { name: of }, stringData },
      });
    await secret('evenkeel-mongodb', { uri: process.env['MONGODB_URI'] ?? '' });
    await secret('evenkeel-console', { token });
  };
  const podOf = async () => {
    const labelSelector = Object.entries(
      at<Record<string, string>>(one(objects, 'Deployment', name), 'spec.selector.matchLabels'),
    )
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const [pod] = (await cluster.core.listNamespacedPod({ namespace, labelSelector })).items;
    if (pod === undefined) throw new Error('the console has no pod');
    return pod;
  };

  it('becomes Ready by its own probes, and says how it fares', async () => {
    const pod = await eventually(
      'it is Ready',
      async () => {
        const found = await podOf();
        return found.status?.containerStatuses?.[0]?.ready === true ? found : undefined;
      },
      withinMs,
    );
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(pod.spec?.serviceAccountName).toBe(name);
    const volume = pod.spec?.volumes?.find((one) => one.name === 'console-token');
    expect(volume?.secret).toMatchObject({ secretName: 'evenkeel-console', defaultMode: 0o440 });
    const address = under.cluster.kubelet.addressOf(pod);
    url = `http://${address}:7780`;
    const metrics = await (await fetch(`http://${address}:9464/metrics`)).text();
    expect(metrics).toContain('evenkeel_console_viewers 0');
  });

  it('lets in with the token of the secret, and with no other', async () => {
    expect((await asks(`${url}/`)).text).toContain('<title>Evenkeel console</title>');
    await expect(visit(url, { token: 'not-the-token-of-it', by: 'eve' })).rejects.toThrow(/401/);
    ada = await visit(url, { token, by: 'ada' });
    expect(ada.by).toBe('ada');
  });

  it('shows the pods as Kubernetes knows them, with their load', async () => {
    const page = await ada.listen(under.name);
    const now = await shown('everybody is counted', page, (seen) => {
      return seen.clients === clients && seen.instances.length === 2 ? seen : undefined;
    });
    expect(now.away).toEqual([]);
    expect(now.instances.map(({ name: of, phase }) => [of, phase])).toEqual([
      [`${under.name}-0`, 'ready'],
      [`${under.name}-1`, 'ready'],
    ]);
    expect(now.settled).toBe(true);
    page.leave();
  });

  it('says what a grow would cost, asks for it, and shows it to its end under the name of the person', async () => {
    const wish = { service: under.name, instances: 3 };
    const cost = await ada.post('/api/cost', wish);
    expect([cost.status, cost.text]).toEqual([200, expect.stringContaining('grow: 2 → 3')]);
    const page = await ada.listen(under.name);
    const asked = await ada.post('/api/actions/force', { ...wish, reason: 'before the match' });
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining('"ok":true')]);
    await shown('a run is shown', page, ({ run }) => run?.running === true);
    const record = await shown(
      'it is recorded',
      page,
      (_, past) =>
        past?.rebalances.find(({ by, outcome }) => by === 'ada' && outcome === 'completed'),
      120_000,
    );
    expect(record.reason).toBe('before the match');
    const grown = await shown('three instances hold all', page, (now) => {
      return now.settled === true && now.instances.length === 3 ? now : undefined;
    });
    expect(grown.instances.map(({ phase }) => phase)).toEqual(['ready', 'ready', 'ready']);
    page.leave();
  });

  it('takes a token that replaces the one before, once its pod is a new one, and forgets logins', async () => {
    const uid = (await podOf()).metadata?.uid;
    const next = randomBytes(24).toString('base64url');
    await inside.kubectl(
      ['apply', '-n', namespace, '-f', '-'],
      JSON.stringify({
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'evenkeel-console' } },
        stringData: { token: next },
      }),
    );
    await cluster.core.deleteNamespacedPod({
      namespace,
      name: (await podOf()).metadata?.name ?? '',
    });
    const pod = await eventually(
      'another pod is Ready',
      async () => {
        const found = await podOf();
        const ready = found.status?.containerStatuses?.[0]?.ready === true;
        return ready && found.metadata?.uid !== uid ? found : undefined;
      },
      withinMs,
    );
    url = `http://${under.cluster.kubelet.addressOf(pod)}:7780`;
    expect((await asks(`${url}/api/me`, { headers: { cookie: ada.cookie } })).status).toBe(401);
    await expect(visit(url, { token, by: 'ada' })).rejects.toThrow(/401/);
    expect((await visit(url, { token: next, by: 'ada' })).by).toBe('ada');
  });

  describe('at the API server', () => {
    const as = () => `system:serviceaccount:${namespace}:${name}`;
    const may = async (call: string) => {
      const [verb = '', of = '', object] = call.split(' ');
      const [group = '', resource = '', subresource] = of.split('/');
      const { status } = await cluster.authorization.createSubjectAccessReview({
        body: {
          spec: {
            user: as(),
            resourceAttributes: {
              ...{ namespace, verb, group, resource },
              ...(subresource === undefined ? {} : { subresource }),
              ...(object === undefined ? {} : { name: object }),
            },
          },
        },
      });
      return status?.allowed ?? false;
    };
    const own = () => `get apps/statefulsets ${under.name}`;

    it('may see its StatefulSet and pods', async () => {
      for (const call of [own(), 'list /pods', 'watch /pods'])
        expect([call, await may(call)]).toEqual([call, true]);
    });

    it('may do nothing else', async () => {
      const refused = [
        'get apps/statefulsets kafka',
        ...['list apps/statefulsets', 'watch apps/statefulsets', 'create apps/statefulsets'],
        ...['patch', 'update', 'delete'].map((verb) => `${verb} apps/statefulsets ${under.name}`),
        `patch apps/statefulsets/scale ${under.name}`,
        ...['get', 'delete', 'patch'].map((verb) => `${verb} /pods ${under.name}-0`),
        ...['create /pods', 'create /pods/exec', 'create /pods/eviction', 'get /pods/log'],
        ...['get /secrets evenkeel-console', 'list /secrets', 'list /configmaps'],
        ...['list apps/deployments', 'create /serviceaccounts/token', 'list /events'],
      ];
      for (const call of refused) expect([call, await may(call)]).toEqual([call, false]);
      const listed = await inside.kubectl([
        ...['auth', 'can-i', '--list', '-n', namespace, '--as', as()],
      ]);
      // What Kubernetes lets everybody do: ask what they may do, and read the API's description.
      const usual = /selfsubject|^ +\[\/|clustertrustbundles/;
      const lines = listed.split('\n').slice(1);
      const granted = lines.filter((line) => line.trim() !== '' && !usual.test(line));
      expect(granted.map((line) => line.split(/\s+/)[0]).sort()).toEqual([
        ...['pods', 'statefulsets.apps'],
      ]);
    });

    it('needs each of its rights but the watch, which spares the server a list at every look', async () => {
      const kubeconfig = await kubeconfigAs(
        cluster,
        { namespace, name },
        join(directory, 'kubeconfig'),
      );
      const observe = async () => {
        const platform = connectKubernetes({ kubeconfig, namespace });
        try {
          return (await platform.observe(under.name)).instances.length;
        } finally {
          await platform.close();
        }
      };
      expect(await observe()).toBe(3);
      const role = await cluster.rbac.readNamespacedRole({ namespace, name });
      const rules = role.rules ?? [];
      const without = async (verb: string, of: string) => {
        const fewer = rules
          .map((rule) =>
            rule.resources?.includes(of) === true
              ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) }
              : rule,
          )
          .filter(({ verbs }) => verbs.length > 0);
        const body = { metadata: { name }, rules: fewer };
        await cluster.rbac.replaceNamespacedRole({ namespace, name, body });
        await eventually(`${verb} ${of} is taken away`, async () => {
          const call = of === 'pods' ? `${verb} /pods` : own();
          return !(await may(call));
        });
      };
      await without('get', 'statefulsets');
      await expect(observe()).rejects.toThrow(/may not|forbidden/);
      await without('list', 'pods');
      await expect(observe()).rejects.toThrow(/may not|forbidden/);
      const body = { metadata: { name }, rules };
      await cluster.rbac.replaceNamespacedRole({ namespace, name, body });
    });
  });
});
