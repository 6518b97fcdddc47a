import { describe, expect, it } from 'vitest';
import { kubernetesOptions, readStatefulSets } from '../../src/cli/kubernetes-settings.js';
import { platformKind } from '../../src/cli/platform-settings.js';

const found = (settings: Readonly<Record<string, string>>) => async (name: string) =>
  settings[name];

describe('the settings of Kubernetes', () => {
  it('take a kubeconfig that is named before the one of kubectl, and that only outside of a pod', async () => {
    const env = { KUBECONFIG: 'of-kubectl' };
    const named = await kubernetesOptions(found({ EVENKEEL_KUBECONFIG: 'named' }), env);
    expect(named.kubeconfig).toBe('named');
    expect((await kubernetesOptions(found({}), env)).kubeconfig).toBe('of-kubectl');
    const inPod = { ...env, KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    expect((await kubernetesOptions(found({}), inPod)).kubeconfig).toBeUndefined();
  });

  it('name the StatefulSets of services, and refuse what names none', () => {
    expect(readStatefulSets('a=b, c=d-1')).toEqual({ a: 'b', c: 'd-1' });
    for (const wrong of ['a', 'a=', 'a=b=c', 'A=b', 'a=b,,c=d']) {
      expect(() => readStatefulSets(wrong), wrong).toThrow(/SERVICE=STATEFULSET/);
    }
  });

  it('refuse a namespace that can be none', async () => {
    const options = kubernetesOptions(found({ EVENKEEL_NAMESPACE: 'Chat!' }), {});
    await expect(options).rejects.toThrow(/EVENKEEL_NAMESPACE is Chat!/);
  });
});

describe('the platform', () => {
  it('is the supervisor unless Kubernetes is named, and nothing else', async () => {
    expect(await platformKind(found({}))).toBe('supervisor');
    expect(await platformKind(found({ EVENKEEL_PLATFORM: 'kubernetes' }))).toBe('kubernetes');
    await expect(platformKind(found({ EVENKEEL_PLATFORM: 'nomad' }))).rejects.toThrow(/nomad/);
  });
});
