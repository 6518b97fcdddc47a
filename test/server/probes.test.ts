// Probes and metrics as Kubernetes and Prometheus see them.

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../src/errors.js';
import { startProbes, type ProbeAnswers } from '../../src/server/probes.js';
import { addInstanceMetrics, createStats } from '../../src/server/stats.js';
import { createFakeInstance } from '../support/fake-instance.js';

const stats = () => createStats({ service: 'messaging', instance: 'messaging-1' });
const yes = () => true as const;

async function start(answers: ProbeAnswers, { registry } = stats()) {
  const probes = await startProbes({ port: 0, host: '127.0.0.1', answers, registry });
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${probes.port}${path}`, init);
  return { ask, close: () => probes.close() };
}

describe('probes', () => {
  it('answer 200, or 503 and why', async () => {
    let why: true | string = true;
    const { ask, close } = await start({ startup: yes, live: yes, ready: () => why });
    for (const probe of ['startup', 'live', 'ready']) {
      expect((await ask(`/healthz/${probe}`)).status).toBe(200);
    }
    why = 'the instance is leaving';
    const answer = await ask('/healthz/ready?from=kubelet');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ok: false, why });
    await close();
  });

  it('answer nothing else, and nobody who wants to write', async () => {
    const { ask, close } = await start({ startup: yes, live: yes, ready: yes });
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/__proto__')).status).toBe(404);
    expect((await ask('/healthz/live', { method: 'POST' })).status).toBe(404);
    const head = await ask('/healthz/live', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    await close();
  });

  it('that cannot be answered are an error of the server, which goes on', async () => {
    const failing = () => {
      throw new Error('no answer');
    };
    const { ask, close } = await start({ startup: yes, live: yes, ready: failing });
    expect((await ask('/healthz/ready')).status).toBe(500);
    expect((await ask('/healthz/live')).status).toBe(200);
    await close();
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
  counted.gap(37, 'moved');
  const { ask, close } = await start({ startup: yes, live: yes, ready: yes }, counted);
  const answer = await ask('/metrics');
  const body = await answer.text();
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  const labels = 'service="messaging",instance="messaging-1"';
  expect(body).toContain(`evenkeel_connected_clients{${labels}} 1`);
  expect(body).toContain(`evenkeel_held_partitions{${labels}} 16`);
  expect(body).toContain(`evenkeel_lease_good{${labels}} 1`);
  const gaps = (cause: string) =>
    new RegExp(`^evenkeel_client_gap_ms_count{.*cause="${cause}".*} (\\d+)$`, 'm').exec(body)?.[1];
  expect([gaps('moved'), gaps('other')]).toEqual(['1', '0']);
  await close();
});
