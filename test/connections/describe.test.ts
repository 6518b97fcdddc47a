import { expect, it } from 'vitest';
import { describePrometheus } from '../../src/connections/describe.js';
import { readPrometheusAccess } from '../../src/connections/prometheus.js';

const told = (env: Record<string, string>): string => {
  const access = readPrometheusAccess(env);
  if (access === undefined) throw new Error('nothing says where it is');
  return describePrometheus(access);
};

it('says how Prometheus is spoken to, and never a secret', () => {
  const [near, far] = ['http://127.0.0.1:9090', 'https://metrics.example.com'];
  expect(told({ PROMETHEUS_URL: near })).toBe('no TLS, no login');
  const token = { PROMETHEUS_URL: far, PROMETHEUS_TOKEN: 'hush' };
  expect(told(token)).toBe('TLS that trusts the public authorities, token from PROMETHEUS_TOKEN');
  const login = { PROMETHEUS_USERNAME: 'ada', PROMETHEUS_PASSWORD: 'hush' };
  expect(told({ PROMETHEUS_URL: near, ...login })).toBe(
    'no TLS, user ada, password from PROMETHEUS_PASSWORD',
  );
});
