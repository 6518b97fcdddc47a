// Instances in another language: examples/python, which keeps docs/protocol.md, under the real worker,
// supervisor, session directory and clients.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Swarm } from '../../../src/load/swarm.js';
import { checkLogs } from '../../../src/local/evidence.js';
import { eventually } from '../../support/eventually.js';
import { connectPlainly } from '../../support/plain-client.js';
import {
  findPython,
  mixedInstance,
  pythonInstance,
  pythonWithPackages,
} from '../../support/python-example.js';
import {
  crowdOf,
  startServiceUnderTest,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';

const clients = 40;
const python = await findPython();
// A machine without Python may go without; where everything must hold it may not.
const mayRun = python !== null || process.env['CI'] !== undefined;

/** The interpreter with the packages of the example; made once, then from the cache. */
async function interpreter(): Promise<string> {
  if (python === null) throw new Error('examples/python needs Python 3.11 or later with venv');
  return pythonWithPackages(python);
}

/** What was observed is whole: each message once and in order, everybody is connected, the logs agree. */
async function expectNothingLost(
  { cluster, name }: ServiceUnderTest,
  window: ReturnType<Swarm['open']>,
): Promise<Awaited<ReturnType<ReturnType<Swarm['open']>['close']>>> {
  const seen = await window.close();
  expect(seen.missing).toEqual([]);
  expect(seen.messages.sent).toBeGreaterThan(0);
  expect(seen.messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0 });
  const evidence = await checkLogs(cluster.bus, name);
  expect(evidence.first).toBeUndefined();
  expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [], truncated: false });
  return seen;
}

/** Asks for so many instances, and follows the saga to its end. */
async function resize(service: ServiceUnderTest, instances: number): Promise<void> {
  const run = await service.follow(await service.ask({ instances }));
  expect(run.outcome).toMatchObject({ outcome: 'completed' });
}

/** The service grows to three and shrinks to two under clients, whatever its instances are written in. */
async function growAndShrink(service: ServiceUnderTest, swarm: Swarm): Promise<void> {
  const { name } = service;
  const window = swarm.open();
  await resize(service, 3);
  expect(await service.ownership()).toEqual({
    [`${name}-0`]: [[0, 119]],
    [`${name}-1`]: [[180, 299]],
    [`${name}-2`]: [
      [120, 179],
      [300, 359],
    ],
  });
  await resize(service, 2);
  expect(await service.ownership()).toEqual({
    [`${name}-0`]: [[0, 179]],
    [`${name}-1`]: [[180, 359]],
  });
  const { moves } = await expectNothingLost(service, window);
  expect(moves.length).toBeGreaterThan(0);
  expect(moves.filter(({ planned }) => !planned)).toEqual([]);
  expect(new Set(moves.map(({ to }) => to))).toEqual(new Set([0, 1, 2].map((n) => `${name}-${n}`)));
}

/** Somebody's socket, kept open whatever is said: what a client must not do, and what shows a liar. */
async function stubbornClient(
  { service }: ServiceUnderTest,
  instance: string,
): Promise<{ readonly user: string; readonly frames: Record<string, unknown>[]; close(): void }> {
  for (let i = 0; ; i += 1) {
    const user = `stubborn-${i}`;
    const answer = await fetch(`${service.directoryUrl}/v1/sessions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${service.directoryKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ user, client: 'phone' }),
    });
    const session = (await answer.json()) as { instance: string; url: string; token: string };
    if (session.instance !== instance) continue;
    const frames: Record<string, unknown>[] = [];
    const socket = new WebSocket(session.url);
    socket.on('message', (data: Buffer) => {
      frames.push(JSON.parse(data.toString('utf8')) as Record<string, unknown>);
    });
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'hello', token: session.token, next: null }));
    });
    await eventually(`${user} is welcomed`, () => frames.some(({ type }) => type === 'welcome'));
    return { user, frames, close: () => socket.terminate() };
  }
}

describe.runIf(mayRun)('a service whose instances are in Python', () => {
  let under: ServiceUnderTest;
  let swarm: Swarm;

  beforeAll(async () => {
    const program = pythonInstance(await interpreter());
    under = await startServiceUnderTest({ name: 'python', instances: 2, program });
    swarm = await crowdOf(under, clients);
  }, 600_000);
  afterAll(async () => {
    swarm.stop();
    await under.stop();
  });

  /** The process of an instance, once it is ready. */
  const readyUid = async (name: string): Promise<string | undefined> => {
    const { instances } = await under.cluster.platform.observe(under.name);
    return instances.find((one) => one.name === name && one.phase === 'ready')?.uid;
  };

  it('grows and shrinks, and each client is moved as planned', async () => {
    await growAndShrink(under, swarm);
  });

  it('is whole again after one of them was killed, and lost nothing', async () => {
    const victim = `${under.name}-1`;
    const uid = await readyUid(victim);
    const window = swarm.open();
    await under.cluster.platform.kill(under.name, victim, 'SIGKILL');
    await eventually('another process is ready', async () => {
      const present = await readyUid(victim);
      return present !== undefined && present !== uid;
    });
    await eventually('somebody holds everything', async () => {
      return !('nobody' in (await under.ownership()));
    });
    await eventually('everybody is connected', () => swarm.connected() === clients);
    const { moves } = await expectNothingLost(under, window);
    expect(moves.length).toBeGreaterThan(0);
  });

  it('leaves when it is told to: its clients are moved, and it ends by itself', async () => {
    const leaver = `${under.name}-1`;
    const uid = await readyUid(leaver);
    const window = swarm.open();
    await under.cluster.platform.kill(under.name, leaver, 'SIGTERM');
    await eventually(
      'another process is ready',
      async () => {
        const present = await readyUid(leaver);
        return present !== undefined && present !== uid;
      },
      60_000,
    );
    const { moves } = await expectNothingLost(under, window);
    expect(moves.filter(({ planned }) => !planned)).toEqual([]);
    await under.follow(await under.ask({ instances: 2 }));
    expect(Object.keys(await under.ownership())).toHaveLength(2);
  });

  it('does not speak after a pause that outlasted its lease, and ends when it was fenced', async () => {
    const victim = `${under.name}-0`;
    const uid = await readyUid(victim);
    const stubborn = await stubbornClient(under, victim);
    const window = swarm.open();
    await under.cluster.platform.kill(under.name, victim, 'SIGSTOP');
    await eventually(
      'its partitions are with somebody else',
      async () => {
        const owners = Object.keys(await under.ownership());
        return !owners.includes(victim) && !owners.includes('nobody');
      },
      60_000,
    );
    // Written while it sleeps, to somebody who still listens to it: it reads that when it wakes up.
    const { directoryUrl, directoryKey } = under.service;
    const writer = await connectPlainly({ directoryUrl, directoryKey, user: 'writer' });
    await eventually('the writer is welcomed', () => writer.connected());
    await writer.send(stubborn.user, 'not from the dead');
    const heard = stubborn.frames.length;
    await under.cluster.platform.kill(under.name, victim, 'SIGCONT');
    await eventually('another process is ready', async () => {
      const present = await readyUid(victim);
      return present !== undefined && present !== uid;
    });
    writer.close();
    stubborn.close();
    const said = stubborn.frames.slice(heard).map(({ type, suspended }) => suspended ?? type);
    expect(said.filter((one) => one !== true && one !== 'error')).toEqual([]);
    await eventually('everybody is connected', () => swarm.connected() === clients);
    await expectNothingLost(under, window);
  });
});

describe.runIf(mayRun)('a service of which one instance is in Python', () => {
  let under: ServiceUnderTest;
  let swarm: Swarm;

  beforeAll(async () => {
    const program = mixedInstance(await interpreter());
    under = await startServiceUnderTest({ name: 'mixed', instances: 2, program });
    swarm = await crowdOf(under, clients);
  }, 600_000);
  afterAll(async () => {
    swarm.stop();
    await under.stop();
  });

  it('grows and shrinks: they hand over to each other, and nobody can tell them apart', async () => {
    await growAndShrink(under, swarm);
  });
});
