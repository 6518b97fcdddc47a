// What the chart renders: the facts that the design rests on, for every file of values.
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parsePolicy } from '../../src/cli/policy-file.js';
import { leaveWithinMs } from '../../src/limits.js';
import {
  at,
  chartDir,
  helm,
  nameOf,
  objectsOf,
  ofKind,
  one,
  podSpecs,
  render,
  valuesFiles,
  valuesOf,
  type ContainerSpec,
  type Rendered,
} from './chart.js';

const conventional = ['bff', 'chats', 'idgen', 'user'];
const container = 'spec.template.spec.containers.0';
type Labels = Readonly<Record<string, string>>;

/** The policy that the release would apply. */
function policyIn(objects: readonly Rendered[]): string | undefined {
  const [text] = ofKind(objects, 'ConfigMap')
    .map(({ data }) => (data as Record<string, string>)['policy.yaml'])
    .filter((each) => each !== undefined);
  return text;
}

it('helm lint finds nothing, for any of the values', async () => {
  for (const file of valuesFiles) {
    const args = ['lint', '--strict', chartDir, ...valuesOf(nameOf(file))];
    expect(await helm(args), file).toContain('0 chart(s) failed');
  }
});

describe.each(valuesFiles.map(nameOf))('with the values %s', (name) => {
  const rendered = render(valuesOf(name));

  it('nothing is rendered twice', async () => {
    const names = (await rendered).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('nobody is root, can become root, or writes to the image', async () => {
    for (const { of, spec } of podSpecs(await rendered)) {
      expect(spec.securityContext, of).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.securityContext['runAsUser'], of).toBeGreaterThan(0);
      for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
        expect(container.securityContext, of).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources.requests, of).toBeTruthy();
      }
    }
  });

  it('only the worker, the console, and the test that asks as they would, get a token of the API', async () => {
    for (const { of, spec } of podSpecs(await rendered)) {
      expect(spec.automountServiceAccountToken, of).toBe(/worker|console|test/.test(of));
    }
    for (const account of ofKind(await rendered, 'ServiceAccount')) {
      expect(account['automountServiceAccountToken']).toBe(false);
    }
  });

  it('no secret is made, and no secret stands in a variable', async () => {
    expect(ofKind(await rendered, 'Secret')).toEqual([]);
    for (const { of, spec } of podSpecs(await rendered)) {
      for (const { name: variable, value } of spec.containers.flatMap(({ env }) => env ?? [])) {
        const isSecret = /PASSWORD$|_KEY$|_KEYS$|URI$/.test(variable);
        if (isSecret) expect(value, `${of} ${variable}`).toBeUndefined();
      }
    }
  });

  it('nobody but the saga sets the number of instances', async () => {
    for (const set of ofKind(await rendered, 'StatefulSet')) {
      expect(set['spec']).not.toHaveProperty('replicas');
      expect(set['spec']).toMatchObject({
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'OnDelete' },
      });
    }
    for (const scaler of ofKind(await rendered, 'HorizontalPodAutoscaler')) {
      expect(at(scaler, 'spec.scaleTargetRef.kind')).toBe('Deployment');
    }
  });

  it('no number of pods stands beside an autoscaler', async () => {
    const objects = await rendered;
    const scaled = ofKind(objects, 'HorizontalPodAutoscaler').map(({ metadata }) => metadata.name);
    for (const deployment of ofKind(objects, 'Deployment')) {
      const { name } = deployment.metadata;
      expect('replicas' in at<object>(deployment, 'spec'), name).toBe(!scaled.includes(name));
    }
  });

  it('every workload has a disruption budget that lets a node be drained', async () => {
    const objects = await rendered;
    for (const { metadata } of [
      ...ofKind(objects, 'Deployment'),
      ...ofKind(objects, 'StatefulSet'),
    ]) {
      const budget = one(objects, 'PodDisruptionBudget', metadata.name);
      expect(at(budget, 'spec.maxUnavailable'), metadata.name).toBeGreaterThan(0);
    }
  });

  it('what selects pods selects the labels that they have', async () => {
    const objects = await rendered;
    const pods = objects.flatMap((object) =>
      object.kind === 'Pod'
        ? [object.metadata.labels]
        : [at<Labels | undefined>(object, 'spec.template.metadata.labels') ?? {}],
    );
    const selectors = objects.flatMap((object) => {
      const path = object.kind === 'Service' ? 'spec.selector' : 'spec.selector.matchLabels';
      const found =
        at<Labels | undefined>(object, path) ??
        at<Labels | undefined>(object, 'spec.podSelector.matchLabels');
      return found === undefined || object.kind === 'ServiceMonitor'
        ? []
        : [{ of: `${object.kind} ${object.metadata.name}`, found }];
    });
    for (const { of, found } of selectors) {
      // The name of one pod is a label that Kubernetes adds.
      const wanted = Object.entries(found).filter(([key]) => !key.startsWith('statefulset'));
      expect(
        pods.some((labels) => wanted.every(([key, value]) => labels[key] === value)),
        of,
      ).toBe(true);
    }
  });

  it('the policy that it applies is one that `evenkeel apply` takes', async () => {
    const text = policyIn(await rendered);
    if (name === 'smallest') return expect(text).toBeUndefined();
    expect(parsePolicy(text ?? '').service).toMatch(/messaging|presence/);
  });
});

describe('the defaults', () => {
  const rendered = render();

  it('are complete: the worker, the instances, the directory and four conventional services', async () => {
    const names = (kind: string) => async () =>
      ofKind(await rendered, kind)
        .map(({ metadata }) => metadata.name)
        .sort();
    expect(await names('Deployment')()).toEqual(
      [...conventional, 'demo-worker', 'messaging-directory'].sort(),
    );
    expect(await names('HorizontalPodAutoscaler')()).toEqual(
      [...conventional, 'messaging-directory'].sort(),
    );
    expect(await names('StatefulSet')()).toEqual(['messaging']);
  });

  it('scale the conventional services by processor and by a custom metric, up fast and down slowly', async () => {
    for (const name of conventional) {
      const scaler = one(await rendered, 'HorizontalPodAutoscaler', name);
      const metrics = at<{ type: string }[]>(scaler, 'spec.metrics');
      expect(metrics.map(({ type }) => type)).toEqual(['Resource', 'Pods']);
      expect(at(scaler, 'spec.behavior.scaleUp.stabilizationWindowSeconds')).toBe(0);
      expect(at(scaler, 'spec.behavior.scaleDown.stabilizationWindowSeconds')).toBe(300);
      const deployment = one(await rendered, 'Deployment', name);
      expect(Object.keys(at<ContainerSpec>(deployment, container))).toEqual(
        expect.arrayContaining(['startupProbe', 'livenessProbe', 'readinessProbe', 'lifecycle']),
      );
    }
  });

  it('give an instance longer to leave than it takes', async () => {
    const set = one(await rendered, 'StatefulSet', 'messaging');
    const pauseS = at<number>(set, `${container}.lifecycle.preStop.sleep.seconds`);
    const graceS = at<number>(set, 'spec.template.spec.terminationGracePeriodSeconds');
    expect(graceS).toBeGreaterThanOrEqual(pauseS + leaveWithinMs / 1_000 + 5);
  });

  it('give every instance that there can be an address, and the one of a roll', async () => {
    const services = ofKind(await rendered, 'Service').filter(
      (service) =>
        at<Labels>(service, 'spec.selector')['statefulset.kubernetes.io/pod-name'] !== undefined,
    );
    expect(services.map(({ metadata }) => metadata.name)).toEqual(
      Array.from({ length: 9 }, (_, ordinal) => `messaging-${ordinal}`),
    );
    expect(services.every((service) => at(service, 'spec.publishNotReadyAddresses'))).toBe(true);
  });

  it('tell an instance who it is and where it is', async () => {
    const set = one(await rendered, 'StatefulSet', 'messaging');
    const given = at<ContainerSpec>(set, container).env ?? [];
    const env = Object.fromEntries(
      given.map(({ name, value, valueFrom }) => [name, value ?? JSON.stringify(valueFrom)]),
    );
    expect(env['EVENKEEL_INSTANCE']).toContain('metadata.name');
    expect(env['EVENKEEL_POD_UID']).toContain('metadata.uid');
    expect(env['EVENKEEL_URL']).toBe('ws://$(EVENKEEL_INSTANCE).default.svc:8080');
    // Kubernetes fills in only variables that stand before.
    const order = given.map(({ name }) => name);
    expect(order.indexOf('EVENKEEL_INSTANCE')).toBeLessThan(order.indexOf('EVENKEEL_URL'));
  });
});

describe('routes', () => {
  it('of a Gateway lead each host to its instance, without a limit of time', async () => {
    const routes = ofKind(await render(valuesOf('everything')), 'HTTPRoute');
    expect(routes).toHaveLength(13);
    expect(routes[3]?.['spec']).toMatchObject({
      hostnames: ['messaging-3.chat.example.com'],
      rules: [{ timeouts: { request: '0s' }, backendRefs: [{ name: 'messaging-3', port: 8080 }] }],
    });
  });

  it('of an Ingress lead each path to its instance', async () => {
    const routes = ofKind(await render(valuesOf('ingress')), 'Ingress');
    expect(routes).toHaveLength(8);
    expect(at(routes[2], 'spec.rules.0.http.paths.0')).toMatchObject({
      path: '/2',
      backend: { service: { name: 'messaging-2' } },
    });
  });
});

describe('credentials', () => {
  it('are files from existing secrets, each program with its own', async () => {
    const objects = await render(valuesOf('everything'));
    const mounted = (kind: string, name: string) =>
      Object.fromEntries(
        at<Volume[]>(one(objects, kind, name), 'spec.template.spec.volumes')
          .filter((volume) => volume.secret !== undefined)
          .map((volume) => [volume.name, volume.secret?.secretName]),
      );
    expect(mounted('Deployment', 'demo-worker')).toEqual({
      'kafka-sasl': 'kafka-worker',
      'kafka-tls': 'kafka-worker-tls',
      mongodb: 'mongodb-worker',
      'mongodb-tls': 'mongodb-ca',
      'prometheus-tls': 'prometheus-tls',
      'prometheus-token': 'prometheus-token',
      'temporal-api-key': 'temporal-key',
      'temporal-tls': 'temporal-tls',
    });
    expect(mounted('StatefulSet', 'messaging')).toEqual({
      'kafka-sasl': 'kafka-instance',
      'kafka-tls': 'kafka-tls',
      mongodb: 'mongodb-instance',
      'mongodb-tls': 'mongodb-ca',
    });
    expect(mounted('Job', 'demo-apply')).toMatchObject({
      'kafka-sasl': 'kafka-operator',
      mongodb: 'mongodb-operator',
    });
  });
});
interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string };
}

it('a policy of values arrives as it was given', async () => {
  const [given] = objectsOf(await helm(['show', 'values', chartDir]));
  expect(parsePolicy(policyIn(await render(valuesOf('everything'))) ?? '')).toMatchObject({
    balanceBy: 'clients',
    approval: { aboveMovedClients: 500 },
    pace: { clientsPerWave: 6 },
  });
  expect(parsePolicy(stringify(given?.['policy'])).partitions).toBe(360);
});

it('a worker whose instances something else deploys may scale them all the same', async () => {
  const objects = await render(valuesOf('services-only'));
  expect(ofKind(objects, 'StatefulSet')).toEqual([]);
  const role = one(objects, 'Role', 'demo-scales-messaging');
  expect(at(role, 'rules.0')).toMatchObject({
    resourceNames: ['messaging'],
    verbs: ['get', 'patch'],
  });
  const binding = one(objects, 'RoleBinding', 'demo-scales-messaging');
  expect(at(binding, 'subjects.0.name')).toBe('demo-worker');
});
