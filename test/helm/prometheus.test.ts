// Where the chart tells the worker that Prometheus is, and that nobody else is told or let through.
import { describe, expect, it } from 'vitest';
import { at, one, podSpecs, render, valuesOf, type ContainerSpec } from './chart.js';

const container = 'spec.template.spec.containers.0';

describe('Prometheus', () => {
  interface Rule {
    readonly ports: readonly { readonly port: number | string }[];
    readonly to?: readonly object[];
  }
  const ofWorker = async (args: readonly string[]) => {
    const objects = await render(args);
    const deployment = one(objects, 'Deployment', 'demo-worker');
    const env = at<ContainerSpec>(deployment, container).env ?? [];
    const policy = one(objects, 'NetworkPolicy', 'demo-worker');
    return {
      env: Object.fromEntries(
        env
          .filter(({ name }) => name.startsWith('PROMETHEUS'))
          .map(({ name, value, valueFrom }) => [name, value ?? JSON.stringify(valueFrom)]),
      ),
      egress: at<Rule[]>(policy, 'spec.egress'),
    };
  };

  it('is nowhere unless somebody says where it is', async () => {
    const { env, egress } = await ofWorker([]);
    expect(env).toEqual({});
    expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port))).not.toContain(9090);
  });

  it('is told to the worker, which may reach it, and to nobody else', async () => {
    const { env, egress } = await ofWorker(valuesOf('everything'));
    expect(env).toEqual({
      PROMETHEUS_URL: 'https://metrics.example.com/tenant',
      PROMETHEUS_TLS: 'true',
      PROMETHEUS_TLS_CA_FILE: '/etc/evenkeel/prometheus-tls/ca.crt',
      PROMETHEUS_TLS_CERT_FILE: '/etc/evenkeel/prometheus-tls/tls.crt',
      PROMETHEUS_TLS_KEY_FILE: '/etc/evenkeel/prometheus-tls/tls.key',
      PROMETHEUS_TOKEN_FILE: '/etc/evenkeel/prometheus-token/token',
    });
    expect(egress.some(({ ports }) => ports.some(({ port }) => port === 443))).toBe(true);
    for (const { of, spec } of podSpecs(await render(valuesOf('everything')))) {
      const told = spec.containers.some(({ env: given }) =>
        given?.some(({ name }) => name.startsWith('PROMETHEUS')),
      );
      expect(told, of).toBe(/worker/.test(of));
    }
  });

  it('may be in the cluster, on a port of its own, behind a user and a password', async () => {
    const peer = '[{"podSelector":{"matchLabels":{"app":"prometheus"}}}]';
    const { env, egress } = await ofWorker([
      ...['--set', 'prometheus.url=http://prometheus.monitoring.svc:9090/k8s'],
      ...['--set', 'prometheus.login.secretName=scrape,prometheus.plaintext=true'],
      ...['--set-json', `networkPolicy.prometheusTo=${peer}`],
    ]);
    expect(env).toEqual({
      PROMETHEUS_URL: 'http://prometheus.monitoring.svc:9090/k8s',
      PROMETHEUS_USERNAME: '{"secretKeyRef":{"name":"scrape","key":"username"}}',
      PROMETHEUS_PASSWORD_FILE: '/etc/evenkeel/prometheus-login/password',
      PROMETHEUS_PLAINTEXT: 'allow',
    });
    const rule = egress.find(({ ports }) => ports.some(({ port }) => port === 9090));
    expect(rule?.to).toEqual([{ podSelector: { matchLabels: { app: 'prometheus' } } }]);
  });
});
