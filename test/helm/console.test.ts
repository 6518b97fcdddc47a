// The console in the chart: off unless asked for, nobody let in unless named, its token a file.
import { describe, expect, it } from 'vitest';
import { at, ofKind, one, release, render, valuesOf, type ContainerSpec } from './chart.js';

const smallest = valuesOf('smallest');
const policed = ['--set', 'networkPolicy.enabled=true'];
const on = ['--set', 'console.enabled=true,console.tokenSecretName=console-token'];

describe('the console', () => {
  it('is off by default', async () => {
    const names = (await render(smallest)).map(({ metadata }) => metadata.name);
    expect(names.filter((name) => name.includes('console'))).toEqual([]);
  });

  it('is refused without a secret that it could ask people for', async () => {
    await expect(render([...smallest, '--set', 'console.enabled=true'])).rejects.toThrow(
      /console\.tokenSecretName is empty: name the secret with the token/,
    );
  });

  it('has its token as a file, and none in its environment', async () => {
    const deployment = one(await render([...smallest, ...on]), 'Deployment', `${release}-console`);
    const [container] = at<readonly ContainerSpec[]>(deployment, 'spec.template.spec.containers');
    const mount = { name: 'console-token', mountPath: '/etc/evenkeel/console', readOnly: true };
    expect(at(container, 'volumeMounts')).toContainEqual(mount);
    const volumes = at<readonly { name: string }[]>(deployment, 'spec.template.spec.volumes');
    expect(volumes.find((volume) => volume.name === 'console-token')).toMatchObject({
      secret: { secretName: 'console-token' },
    });
    expect(JSON.stringify(at(container, 'env'))).not.toContain('secretKeyRef');
    expect(at(container, 'env')).toContainEqual({
      name: 'EVENKEEL_CONSOLE_TOKEN_FILE',
      value: '/etc/evenkeel/console/token',
    });
  });

  it('lets nobody in but whom values name', async () => {
    const pages = async (more: readonly string[]) => {
      const policy = one(
        await render([...smallest, ...on, ...policed, ...more]),
        'NetworkPolicy',
        `${release}-console`,
      );
      const rules = at<readonly { ports: readonly { port: string }[]; from?: unknown }[]>(
        policy,
        'spec.ingress',
      );
      return rules.filter(({ ports }) => ports.some(({ port }) => port === 'http'));
    };
    expect(await pages([])).toEqual([]);
    const from = [{ podSelector: { matchLabels: { app: 'proxy' } } }];
    const named = ['--set-json', `networkPolicy.consoleFrom=${JSON.stringify(from)}`];
    expect(await pages(named)).toEqual([{ ports: [{ port: 'http' }], from }]);
  });

  it('is a Service before its page alone: probes and metrics have none', async () => {
    const service = one(await render([...smallest, ...on]), 'Service', `${release}-console`);
    expect(at(service, 'spec.ports')).toEqual([{ name: 'http', port: 7780, targetPort: 'http' }]);
    expect(at(service, 'spec.type')).toBeUndefined();
  });

  it('may look at its StatefulSet and at pods, and nothing else', async () => {
    const objects = await render([...smallest, ...on]);
    expect(at(one(objects, 'Role', `${release}-console`), 'rules')).toEqual([
      {
        ...{ apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: ['messaging'] },
        verbs: ['get'],
      },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    ]);
    expect(ofKind(objects, 'ClusterRole')).toEqual([]);
  });
});
