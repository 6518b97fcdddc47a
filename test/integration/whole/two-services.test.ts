// Two services under one worker: Messaging grows because it fills up, and the device gateway of the
// examples shrinks because it empties, at the same time, under load. Each has a policy of its own.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Client } from '../../../src/client/node.js';
import { policyDefaults, type Policy } from '../../../src/core/scaling/policy.js';
import { summarizeGaps } from '../../../src/load/gaps.js';
import { createSwarm, type Observation, type Swarm } from '../../../src/load/swarm.js';
import { applyPolicy } from '../../../src/local/apply.js';
import { startCluster, type LocalCluster } from '../../../src/local/cluster.js';
import { actualOwnership, checkLogs } from '../../../src/local/evidence.js';
import { builtProgram } from '../../../src/local/programs.js';
import type { LocalService, ServiceWish } from '../../../src/local/service.js';
import { followRun, nextAct, type ClosedRun, type SeenDecision } from '../../../src/local/watch.js';
import { stackHome } from '../../../stack/checkout.js';
import { eventually } from '../../support/eventually.js';
import { addressesOf } from '../../support/service-under-test.js';

const partitions = 120;
const common = {
  ...policyDefaults,
  partitions,
  instances: { min: 2, max: 3 },
  balanceBy: 'partitions',
  tolerance: 0,
  scheduleEveryMs: 2_000,
  cooldownMs: 3_000,
  stabilisation: { ...policyDefaults.stabilisation, upMs: 0, downMs: 0 },
  sampleMaxAgeMs: 5_000,
  pace: { clientsPerWave: 8, acceptPerSecond: 40, partitionsPerWave: 32 },
} as const satisfies Partial<Policy>;

interface Side {
  readonly service: LocalService;
  readonly swarm: Swarm;
}

interface Outcome {
  readonly act: SeenDecision;
  readonly run: ClosedRun;
}

describe('two services under one worker', () => {
  const suffix = Math.random().toString(36).slice(2, 8);
  const logDir = join(stackHome, 'test', `two-services-${suffix}`);
  let cluster: LocalCluster;
  let chat: Side;
  let gateway: Side;
  let devices: Client[] = [];
  const watchers: Client[] = [];
  /** By device: the numbers that its watcher was shown. */
  const shown = new Map<string, number[]>();

  const begin = async (wish: ServiceWish, policy: Policy, clients: number): Promise<Side> => {
    const service = await cluster.startService(wish);
    await service.instancesReady(wish.replicas);
    const { directoryUrl, directoryKey } = service;
    const where = { directoryUrl, directoryKey, messagesPerSecond: 60 };
    const swarm = createSwarm({ ...where, prefix: `${wish.service}-user` });
    const sinceMs = Date.now();
    await applyPolicy(cluster, policy, 'test');
    await followRun(cluster.temporal, wish.service, sinceMs, () => undefined);
    await swarm.resize(clients);
    return { service, swarm };
  };

  beforeAll(async () => {
    mkdirSync(logDir, { recursive: true });
    cluster = await startCluster({
      addresses: addressesOf(process.env),
      logDir,
      taskQueue: `evenkeel-two-${suffix}`,
    });
    await cluster.startWorker();
    const chatName = `chat-${suffix}`;
    chat = await begin(
      { service: chatName, partitions, replicas: 2 },
      {
        ...common,
        service: chatName,
        clientsPerInstance: { upper: 45, lower: 10, target: 32 },
      },
      70,
    );
    const gatewayName = `gateway-${suffix}`;
    const program = builtProgram('examples/gateway/main.js');
    const policy: Policy = {
      ...common,
      service: gatewayName,
      clientsPerInstance: { upper: 60, lower: 22, target: 35 },
      // Slowly, so that its saga still runs when the other one begins a tick later.
      pace: { ...common.pace, clientsPerWave: 2, acceptPerSecond: 2 },
    };
    // It may shrink only once everybody is there: they come one after the other.
    const first = { ...policy, instances: { min: 3, max: 3 } };
    gateway = await begin({ service: gatewayName, partitions, replicas: 3, program }, first, 80);
    const { directoryUrl, directoryKey } = gateway.service;
    devices = Array.from({ length: 10 }, (_, i) => {
      const user = `lamp-${i}`;
      const seen: number[] = [];
      shown.set(user, seen);
      const watcher = connect({
        ...{ directoryUrl, directoryKey, user, client: 'watcher' },
        onFrame: ({ type, state }) => {
          if (type === 'state') seen.push((state as { readonly lux: number }).lux);
        },
      });
      watchers.push(watcher);
      return connect({ directoryUrl, directoryKey, user, client: 'device' });
    });
    await eventually('devices and watchers are connected', () =>
      [...devices, ...watchers].every((client) => client.phase() === 'welcomed'),
    );
    await hasReported(gateway, 100);
    await applyPolicy(cluster, policy, 'test');
  });

  afterAll(async () => {
    chat?.swarm.stop();
    gateway?.swarm.stop();
    for (const client of [...devices, ...watchers]) void client.close();
    // Either is missing after a failed start, which is what shall be read then.
    for (const side of [chat, gateway] as readonly (Side | undefined)[]) {
      if (side === undefined) continue;
      const handle = cluster.temporal.schedule.getHandle(`evenkeel/${side.service.service}`);
      await handle.delete().catch(() => undefined);
    }
    await cluster?.stop();
    rmSync(logDir, { recursive: true, force: true });
  });

  const follow = async ({ service }: Side, sinceMs: number): Promise<Outcome> => {
    const act = await nextAct(cluster.configDb, service.service, sinceMs, () => undefined);
    return {
      act,
      run: await followRun(cluster.temporal, service.service, sinceMs, () => undefined),
    };
  };

  /** Decisions go by what instances report, which is a second behind. */
  const hasReported = ({ service }: Side, clients: number) =>
    eventually(`${service.service} reports ${clients} clients`, async () => {
      const reports = await cluster.configDb.reports(service.service);
      return reports.reduce((sum, report) => sum + report.clients, 0) === clients;
    });

  /** How long both ran, by Temporal's clock. Zero or less: one began when the other was over. */
  const overlapMs = async (...runs: readonly ClosedRun[]): Promise<number> => {
    const spans = await Promise.all(
      runs.map(({ workflowId, runId }) =>
        cluster.temporal.workflow.getHandle(workflowId, runId).describe(),
      ),
    );
    const ends = spans.map(({ closeTime }) => closeTime?.getTime() ?? Number.NaN);
    return Math.min(...ends) - Math.max(...spans.map(({ startTime }) => startTime.getTime()));
  };

  it('rebalance at once, each as its own policy says, and lose nothing', async () => {
    // Nobody decides before both loads have changed: both sagas begin with the same tick, or the next.
    const schedules = [chat, gateway].map(({ service }) =>
      cluster.temporal.schedule.getHandle(`evenkeel/${service.service}`),
    );
    for (const schedule of schedules) await schedule.pause('the load changes');
    const sinceMs = Date.now();
    const windows = [chat.swarm.open(), gateway.swarm.open()] as const;
    let lux = 0;
    const reporting = setInterval(() => {
      lux += 1;
      for (const device of devices) device.say({ type: 'report', state: { lux } });
    }, 100);
    await Promise.all([chat.swarm.resize(100), gateway.swarm.resize(40)]);
    await Promise.all([hasReported(chat, 100), hasReported(gateway, 60)]);
    await Promise.all(schedules.map((schedule) => schedule.unpause('it has changed')));
    const [grown, shrunk] = await Promise.all([follow(chat, sinceMs), follow(gateway, sinceMs)]);
    clearInterval(reporting);
    const [chatSaw, gatewaySaw] = await Promise.all(windows.map((window) => window.close()));

    // 45 each is what two instances take of 100; of three that have 60 in all, lamps
    // and their watchers included, one is too many.
    expect(grown.act).toMatchObject({ instances: 2, desired: 3 });
    expect(shrunk.act).toMatchObject({ instances: 3, desired: 2 });
    const bothRanMs = await overlapMs(grown.run, shrunk.run);
    process.stdout.write(`both sagas ran for ${bothRanMs} ms at the same time\n`);
    expect(bothRanMs).toBeGreaterThan(0);
    for (const [side, { act, run }, saw, owners, because] of [
      [chat, grown, chatSaw, 3, /^50 users per instance are above 45 \(100 on 2\)/],
      [gateway, shrunk, gatewaySaw, 2, /^20 users per instance are below 22 \(60 on 3\)/],
    ] as const) {
      expect(act.reasons.join('; ')).toMatch(because);
      print(side, act, run, saw as Observation);
      expect(run.outcome).toMatchObject({ outcome: 'completed' });
      expect(saw?.messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0 });
      expect(saw?.missing).toEqual([]);
      expect(saw?.messages.sent).toBeGreaterThan(0);
      const { bus } = cluster;
      const { service } = side.service;
      expect(Object.keys(await actualOwnership(bus, service, partitions))).toHaveLength(owners);
      expect(await checkLogs(bus, service)).toMatchObject({
        ok: true,
        overlaps: 0,
        ownershipGaps: [],
      });
    }
    // Reports are last words, not messages: what was said is shown in its order, and the last of it is.
    for (const device of devices) device.say({ type: 'report', state: { lux: lux + 1 } });
    await eventually('every watcher is shown the last state', () =>
      [...shown.values()].every((seen) => seen.at(-1) === lux + 1),
    );
    for (const seen of shown.values()) {
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
    }
  });
});

function print(
  { service }: Side,
  act: SeenDecision,
  run: ClosedRun,
  { moves, messages }: Observation,
): void {
  const { n, p99, max } = summarizeGaps(moves.map(({ gapMs }) => gapMs));
  const { sent, lost } = messages;
  const kept = (p99 ?? 0) <= 1_000 && (max ?? 0) <= 5_000;
  process.stdout.write(
    `${service.service}: ${act.instances} → ${act.desired} because ${act.reasons.join('; ')}\n` +
      `  ${n} moves, gap P99 ${p99} ms, max ${max} ms (1 s and 5 s ${kept ? 'kept' : 'NOT kept'}); ` +
      `${sent} messages, ${lost} lost; rebalance of ${run.durationMs} ms\n`,
  );
}
