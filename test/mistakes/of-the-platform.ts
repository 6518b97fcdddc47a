// A dead saga's late scale. A saga that was taken for dead still has an activity under way: it asks
// for the number of instances that was right in its time. Meanwhile the next saga has grown the
// service and moved partitions to the new instance.

import type { Connections } from '../../activities/connections.js';
import { write } from '../../activities/scale.js';
import { createMemoryPlatform } from '../../src/adapters/memory/platform.js';
import type { Platform } from '../../src/ports.js';
import type { Scenario } from './mistake.js';

const service = 's';

const ignoringEpochs = (real: Platform): Platform => ({
  ...real,
  scale: async (name, { replicas, version }) => {
    const { epoch } = await real.observe(name);
    return real.scale(name, { replicas, epoch, version });
  },
});

export const lateScale: Scenario = {
  name: "a dead saga's late scale is carried out: the platform ignores epochs",
  property: 'NoKill',
  caughtBy: 'scenario with the real activity, and the contract suite of Platform',
  run: async (isBroken) => {
    const ended: string[] = [];
    const real = createMemoryPlatform({
      onStop: (_service, { name }) => {
        ended.push(name);
      },
    });
    real.declare(service, { replicas: 2 });
    const platform = isBroken ? ignoringEpochs(real) : real;
    const connections = { platform } as unknown as Connections;
    const saga = (epoch: number) => ({ service, epoch }) as Parameters<typeof write>[1];
    await write(connections, saga(2), () => 3); // s-2 gets partitions …
    await write(connections, saga(1), () => 2).catch(() => undefined);
    return ended.length === 0 ? null : `NoKill: ${ended.join(', ')} is ended while it holds`;
  },
};
