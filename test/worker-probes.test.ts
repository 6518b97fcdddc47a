import { describe, expect, it } from 'vitest';
import { startWorkerProbes } from '../src/worker-probes.js';

describe('the worker’s probes', () => {
  it('listen on this machine only, and refuse a taken port by its option', async () => {
    const probes = await startWorkerProbes({ port: 0 }, () => 'RUNNING');
    try {
      expect(new URL(probes.url).hostname).toBe('127.0.0.1');
      expect((await fetch(`${probes.url}/healthz/ready`)).status).toBe(200);
      const port = Number(new URL(probes.url).port);
      await expect(startWorkerProbes({ port }, () => 'RUNNING')).rejects.toMatchObject({
        name: 'BadInputError',
        field: '--probe-port',
        message: `--probe-port ${port} is taken by another program`,
      });
    } finally {
      await probes.close();
    }
  });

  it('refuse an address that is not of this machine by its variable', async () => {
    await expect(
      startWorkerProbes({ port: 0, host: '192.0.2.1' }, () => 'RUNNING'),
    ).rejects.toMatchObject({ name: 'BadInputError', field: 'EVENKEEL_HOST' });
  });
});
