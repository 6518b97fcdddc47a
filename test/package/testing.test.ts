// The device gateway of the examples in a simulated cluster: how an embedder tests a service.
import { afterEach, describe, expect, it } from 'vitest';
import { createGateway } from '../../examples/gateway/main.js';
import { simulateCluster, type Client, type SimulatedCluster } from '../../src/package/testing.js';
import { eventually } from '../support/eventually.js';

let cluster: SimulatedCluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

type State = Readonly<Record<string, unknown>>;

/** A watcher of a device, and what it was shown. */
function watch(
  on: SimulatedCluster,
  device: string,
  name: string,
): { client: Client; states: State[] } {
  const states: State[] = [];
  const client = on.connect(device, {
    client: name,
    onFrame: ({ type, state }) => {
      if (type === 'state') states.push(state as State);
    },
  });
  return { client, states };
}

const welcomed = (client: Client): Promise<boolean> =>
  eventually('the client is welcomed', () => client.phase() === 'welcomed');

describe('a device gateway', () => {
  it('keeps the state of a device through moves and a crash, and shows it to newcomers', async () => {
    cluster = await simulateCluster({ create: createGateway, instances: 2 });
    const lamp = cluster.connect('lamp-1', { client: 'device' });
    await welcomed(lamp);
    expect(lamp.say({ type: 'report', state: { lux: 7 } })).toBe(true);
    const early = watch(cluster, 'lamp-1', 'early');
    await eventually('the watcher is shown it', () => early.states.at(-1)?.['lux'] === 7);

    await cluster.resize(3);
    await cluster.resize(1);
    await cluster.check();
    await cluster.resize(3);
    const owners = await cluster.owners();
    expect(Object.keys(owners)).toHaveLength(3);
    await cluster.kill(0);
    await cluster.check();

    const late = watch(cluster, 'lamp-1', 'late');
    await eventually('the newcomer is shown it', () => late.states.at(-1)?.['lux'] === 7);
    await welcomed(lamp);
    lamp.say({ type: 'report', state: { lux: 8 } });
    await eventually('both are shown the next', () =>
      [early, late].every(({ states }) => states.at(-1)?.['lux'] === 8),
    );
    // Nobody was shown the first one twice because it was moved about.
    expect(early.states).toEqual([{ lux: 7 }, { lux: 8 }]);
    await cluster.check();
  });

  it('delivers commands, each once, whoever owns the device meanwhile', async () => {
    cluster = await simulateCluster({ create: createGateway, instances: 1 });
    const got: string[] = [];
    const lamp = cluster.connect('lamp-1', {
      client: 'device',
      onMessage: ({ body }) => void got.push(body),
    });
    const operator = cluster.connect('operator');
    await Promise.all([welcomed(lamp), welcomed(operator)]);
    const moving = cluster.resize(3);
    const orders = Array.from({ length: 20 }, (_, i) => `level ${i}`);
    for (const order of orders) await operator.send('lamp-1', order);
    await moving;
    await eventually('everything arrived', () => got.length >= orders.length);
    expect(got).toEqual(orders);
    await cluster.check();
  });

  it('lets only the device report, and only what it can keep', async () => {
    cluster = await simulateCluster({ create: createGateway, instances: 1 });
    const refused = async (client: string, state: State): Promise<void> => {
      const phases: string[] = [];
      const said = cluster?.connect('lamp-1', { client, onState: (phase) => phases.push(phase) });
      const times = (): number => phases.filter((phase) => phase === 'welcomed').length;
      await eventually(`${client} is welcomed`, () => times() === 1);
      said?.say({ type: 'report', state });
      // An error closes its connection; the client library comes back by itself.
      await eventually(`${client} was closed, and is back`, () => times() === 2);
    };
    await refused('watcher', {});
    await refused('device', { text: 'x'.repeat(5_000) });
    const { states } = watch(cluster, 'lamp-1', 'another');
    await cluster.check();
    expect(states).toEqual([]);
  });
});
