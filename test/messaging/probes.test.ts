// Probes and metrics as Kubernetes and Prometheus see them.

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../src/errors.js';
import { probesApp, startProbes } from '../../src/messaging/probes.js';
import { addInstanceMetrics, createStats } from '../../src/messaging/stats.js';
import { createFakeInstance } from '../support/fake-instance.js';

const stats = () => createStats({ service: 'messaging', instance: 'messaging-1' });
const yes = () => true as const;

describe('probes', () => {
  it('answer 200, or 503 and why', async () => {
    let why: true | string = true;
    const app = probesApp({ startup: yes, live: yes, ready: () => why }, stats().registry);
    for (const probe of ['startup', 'live', 'ready']) {
      expect((await app.inject(`/healthz/${probe}`)).statusCode).toBe(200);
    }
    why = 'the instance is leaving';
    const answer = await app.inject('/healthz/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ ok: false, why });
    await app.close();
  });

  it('on a taken port are one sentence', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const starting = startProbes({
      port,
      host: '127.0.0.1',
      answers: { startup: yes, live: yes, ready: yes },
      registry: stats().registry,
    });
    await expect(starting).rejects.toThrow(`port ${port} is taken by another program`);
    await expect(starting).rejects.toBeInstanceOf(BadInputError);
    taken.close();
  });
});

it('metrics are Prometheus text with what the server and the instance know', async () => {
  const counted = stats();
  const instance = createFakeInstance();
  addInstanceMetrics(counted.registry, instance);
  counted.welcomed(1);
  counted.gap(37);
  const app = probesApp({ startup: yes, live: yes, ready: yes }, counted.registry);
  const answer = await app.inject('/metrics');
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  const labels = 'service="messaging",instance="messaging-1"';
  expect(answer.body).toContain(`evenkeel_connected_clients{${labels}} 1`);
  expect(answer.body).toContain(`evenkeel_held_partitions{${labels}} 16`);
  expect(answer.body).toContain(`evenkeel_lease_good{${labels}} 1`);
  expect(answer.body).toContain('evenkeel_client_gap_ms_bucket{le="50"');
  await app.close();
});
