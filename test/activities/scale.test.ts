// Waiting for instances that were asked for, on a platform of our making: what it says in the end, and whose
// number counts.
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import type { Connections } from '../../activities/connections.js';
import { scaleUp } from '../../activities/scale.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import type { PlatformView } from '../../src/ports.js';

const saga = { service: 'chat', rebalance: 'chat@1', epoch: 1 };
const ready = (ordinal: number) => ({
  ...{ name: `chat-${ordinal}`, ordinal, uid: `${ordinal}`, url: '', phase: 'ready' as const },
});

/** Two are Ready; a third never is. `later` is what the platform shows once it was asked for three. */
function connectionsTo(later: Partial<PlatformView>): Connections {
  let view: PlatformView = {
    ...{ service: 'chat', replicas: 2, epoch: 1, version: '1', instances: [ready(0), ready(1)] },
  };
  return {
    clock: systemClock,
    bus: { bounds: async () => [] },
    configDb: { reports: async () => [{ instance: 'chat-0' }, { instance: 'chat-1' }] },
    platform: {
      observe: async () => view,
      scale: async (_: string, { replicas }: { replicas: number }) => {
        view = { ...view, replicas, ...later };
        return { kind: 'scaled', view };
      },
    },
  } as unknown as Connections;
}

/** What it fails with, and what it said last of what it waits for. */
async function failing(later: Partial<PlatformView>, input: { spares?: number } = {}) {
  const environment = new MockActivityEnvironment();
  let beat: unknown;
  environment.on('heartbeat', (details: unknown) => (beat = details));
  const asked = { saga, replicas: 3, withinMs: 300, without: [], ...input };
  const ended = await environment
    .run(() => scaleUp(connectionsTo(later), asked))
    .catch((error: unknown) => error);
  return { ended, beat };
}

it('says what the platform says of who is not Ready, while it waits and in the end', async () => {
  const trouble = 'it runs, but its startup probe has not passed';
  const { ended, beat } = await failing({ troubles: { 'chat-2': trouble } });
  expect(ended).toMatchObject({
    type: 'NotReady',
    message: `chat-2 not ready within 300 ms: ${trouble}`,
  });
  expect(beat).toEqual({ waitingFor: 'chat-2', trouble });
});

it('obeys whoever lowers the number meanwhile, at once', async () => {
  const { ended } = await failing({ replicas: 2, foreign: { from: 3, by: 'kubectl' } });
  expect(ended).toMatchObject({
    type: 'ScaledByOthers',
    nonRetryable: true,
    message: 'kubectl changed the number of instances to 2 while 3 were to run; it stays so',
  });
});

it('is content while those that it waits for may run', async () => {
  const later = { replicas: 2, foreign: { from: 3, by: 'kubectl' } };
  expect((await failing(later, { spares: 1 })).ended).toMatchObject({ ready: 2 });
});
