import { describe, expect, it } from 'vitest';
import { write } from '../../activities/scale.js';
import type { Connections } from '../../activities/connections.js';
import { createMemoryPlatform } from '../../src/adapters/memory/platform.js';
import type { Platform } from '../../src/ports.js';

// A saga that was taken for dead still has an activity under way. It asks for the number of instances
// that was right in its time; meanwhile the next saga has grown the service and moved partitions to
// the new instance. NoKill: nobody is ended who holds anything.

const service = 's';

/** Grows to 3 under epoch 2, then lets the saga of epoch 1 finish its write; who was ended? */
async function lateScale(broken: (platform: Platform) => Platform): Promise<readonly string[]> {
  const ended: string[] = [];
  const real = createMemoryPlatform({
    onStop: (_service, { name }) => {
      ended.push(name);
    },
  });
  real.declare(service, { replicas: 2 });
  const platform = broken(real);
  const connections = { platform } as unknown as Connections;
  const saga = (epoch: number) => ({ service, epoch }) as Parameters<typeof write>[1];
  await write(connections, saga(2), () => 3);
  await write(connections, saga(1), () => 2).catch(() => undefined);
  return ended;
}

describe("a dead saga's late scale", () => {
  it('ends an instance that holds partitions when the platform ignores epochs: NoKill', async () => {
    const ignoresEpochs = (real: Platform): Platform => ({
      ...real,
      scale: async (name, { replicas, version }) => {
        const { epoch } = await real.observe(name);
        return real.scale(name, { replicas, epoch, version });
      },
    });
    expect(await lateScale(ignoresEpochs)).toEqual(['s-2']);
  });

  it('ends nobody on a platform that keeps its contract', async () => {
    expect(await lateScale((platform) => platform)).toEqual([]);
  });
});
