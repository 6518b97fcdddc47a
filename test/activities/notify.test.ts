import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import type { Connections } from '../../activities/connections.js';
import { notify, stragglersMax } from '../../activities/notify.js';
import type { NotifyResult } from '../../activities/types.js';
import { systemClock } from '../../src/adapters/system-clock.js';

const instances = 200;
const payloadMaxBytes = 2_048;
const nameOf = (ordinal: number) => `a-long-name-of-a-service-${ordinal}`;
const saga = { service: 's', rebalance: 's@1', epoch: 1 };

/** A service of which so many, the highest, do not hear what they are told. */
function connectionsWith(late: number): Connections {
  const ordinals = Array.from({ length: instances }, (_, ordinal) => ordinal);
  const ranges = ordinals.map((ordinal) => [ordinal, ordinal, ordinal]);
  return {
    clock: systemClock,
    configDb: {
      plan: async () => ({ body: { revision: 2, partitions: instances, ranges } }),
      latestEpoch: async () => 1,
      reports: async () =>
        ordinals.map((ordinal) => ({
          instance: nameOf(ordinal),
          incarnation: `${'0'.repeat(36)}/${ordinal}`,
          url: '',
          revision: ordinal < instances - late ? 2 : 1,
        })),
    },
    platform: {
      observe: async () => ({
        instances: ordinals.map((ordinal) => ({ name: nameOf(ordinal), phase: 'ready', url: '' })),
      }),
    },
    policy: async () => ({ pace: {} }),
    publish: async () => undefined,
  } as unknown as Connections;
}

async function told(late: number): Promise<{ result: NotifyResult; heartbeats: number }> {
  const environment = new MockActivityEnvironment();
  let heartbeats = 0;
  environment.on('heartbeat', (details: unknown) => {
    heartbeats = Math.max(heartbeats, JSON.stringify(details).length);
  });
  // Long enough for a first look that takes a while: only then is there a heartbeat.
  const input = { saga, planId: 's@1.1', withinMs: 200, without: [] };
  const result = await environment.run(() => notify(connectionsWith(late), input));
  return { result: result as NotifyResult, heartbeats };
}

describe('instances that do not apply a revision', () => {
  it('are named, with who they are', async () => {
    const { result } = await told(2);
    expect(result.instances).toBe(instances - 2);
    expect(result.stragglers.map(({ instance }) => instance)).toEqual([nameOf(198), nameOf(199)]);
  });

  it('are named a few at a time where there are many: payloads stay small', async () => {
    const { result, heartbeats } = await told(90);
    expect(result.stragglers).toHaveLength(stragglersMax);
    expect(JSON.stringify(result).length).toBeLessThan(payloadMaxBytes);
    expect(heartbeats).toBeGreaterThan(0);
    expect(heartbeats).toBeLessThan(payloadMaxBytes / 2);
  });

  it('are not to blame where most do not, and the failure names a few', async () => {
    const failure: unknown = await told(150).catch((error: unknown) => error);
    expect(String(failure)).toContain('and 144 more did not apply it');
  });
});
