// Owns: the play: which services there are, how many clients they have when, and the scenarios in
// their order. Never knows how one is watched or judged.

import type { Policy } from '../../src/core/scaling/policy.js';
import type { LocalCluster } from '../../src/local/cluster.js';
import { builtProgram } from '../../src/local/programs.js';
import type { LocalService } from '../../src/local/service.js';
import { applyPolicy } from '../../src/local/apply.js';
import { actualOwnership } from '../../src/local/evidence.js';
import { forceRebalance } from './operator.js';
import { readPolicy, type PolicyName } from './policies.js';
import type { Scenario } from './report.js';
import { runScenario, type Stage } from './scenarios.js';
import type { Story } from './story.js';
import { createSwarm, type Swarm } from '../../src/load/swarm.js';
import { followRun, nextAct } from '../../src/local/watch.js';

/** Shares of the clients at the peak, before and after it, and while the operator acts. */
const shares = { morning: 0.55, peak: 1, evening: 0.27, match: 0.5, gateway: 0.2 } as const;
/** All clients together; 2 000 messages take eleven seconds. */
const messagesPerSecond = 180;

export interface Play {
  readonly cluster: LocalCluster;
  readonly story: Story;
  /** At the peak. */
  readonly clients: number;
  /** Appended to the names of services; empty unless others use the same Kafka. */
  readonly suffix: string;
  /** Aborted when the demo is to end. */
  readonly signal: AbortSignal;
  /** Told as soon as the first service is up, and each scenario as it ends. */
  readonly onService: (service: LocalService, swarm: Swarm) => void;
  readonly onScenario: (scenario: Scenario) => void;
}

/** Plays everything; throws when a scenario does not come to an end. */
export async function play(options: Play): Promise<void> {
  const { cluster, story, clients, onScenario } = options;
  const count = (share: number) => Math.round(clients * share);
  const run = async (...scenario: Parameters<typeof runScenario>) =>
    onScenario(await runScenario(...scenario));

  // Starting costs more than running: both services start before anything is measured.
  const starting = {
    messaging: start(options, 'messaging', 2),
    gateway: start(options, 'gateway', 3),
  };
  starting.gateway.catch(() => undefined); // Awaited later, or never.

  story.chapter('messaging: a chat service on two instances');
  const messaging = await open(options, await starting.messaging);
  await messaging.stage.swarm.resize(count(shares.morning));
  story.say(`${messaging.stage.swarm.connected()} clients are connected and chat.`);

  story.chapter('grow: the service fills up');
  await run(messaging.stage, {
    name: 'grow',
    bySchedule: true,
    trigger: () => resize(messaging.stage, count(shares.peak), 'It is noon'),
  });

  story.chapter('shrink-back: it empties again');
  await run(messaging.stage, {
    name: 'shrink-back',
    bySchedule: true,
    trigger: () => resize(messaging.stage, count(shares.evening), 'It is evening'),
  });

  story.chapter('shrink: a device gateway on three instances, moved by the same worker');
  const gateway = await open(options, await starting.gateway);
  await gateway.stage.swarm.resize(count(shares.gateway));
  story.say(`${gateway.stage.swarm.connected()} clients are connected and chat.`);
  await run(gateway.stage, {
    name: 'shrink',
    bySchedule: true,
    trigger: async () => {
      story.say('A person applies a policy that allows two instances instead of three.');
      const policy = { ...gateway.policy, instances: { ...gateway.policy.instances, min: 2 } };
      await applyPolicy(cluster, policy, 'demo');
    },
  });
  await gateway.stage.swarm.resize(0);

  story.chapter('forced: an operator expects a match tonight');
  await messaging.stage.swarm.resize(count(shares.match));
  await run(messaging.stage, {
    name: 'forced',
    bySchedule: false,
    trigger: async () => {
      const command = await forceRebalance({
        service: messaging.stage.service.service,
        taskQueue: cluster.taskQueue,
        address: cluster.env['TEMPORAL_ADDRESS'] ?? '',
        instances: 3,
        reason: 'before the match',
      });
      story.say(`$ ${command}`);
    },
  });
}

interface Started {
  readonly service: LocalService;
  readonly policy: Policy;
  readonly replicas: number;
}

/** Starts a service and waits for its instances; without a policy nobody owns anything yet. */
export async function start(
  { cluster, clients, suffix }: Play,
  name: 'messaging' | 'gateway',
  replicas: number,
  policyName: PolicyName = name,
): Promise<Started> {
  const policy = readPolicy(policyName, clients, `${name}${suffix}`);
  const { partitions } = policy;
  const service = await cluster.startService({
    service: policy.service,
    ...{ partitions, replicas },
    ...(name === 'gateway' ? { program: builtProgram('examples/gateway/main.js') } : {}),
  });
  await service.instancesReady(replicas);
  return { service, policy, replicas };
}

/** Applies the policy, so that the Schedule writes the first distribution. */
export async function open(
  { cluster, story, onService, signal }: Play,
  { service: local, policy, replicas }: Started,
): Promise<{ stage: Stage; policy: Policy }> {
  const { service, partitions } = local;
  story.say(
    `${replicas} instances of ${service} are ready; session directory ${local.directoryUrl}.`,
  );
  const swarm = createSwarm({
    directoryUrl: local.directoryUrl,
    directoryKey: local.directoryKey,
    messagesPerSecond,
    prefix: `${service}-user`,
  });
  onService(local, swarm);
  const uiUrl = cluster.env['TEMPORAL_UI_URL'];
  const stage: Stage = { cluster, service: local, swarm, story, uiUrl, signal };

  const sinceMs = Date.now();
  await applyPolicy(cluster, policy, 'demo');
  const { upper, lower } = policy.clientsPerInstance;
  story.say(
    `Policy: ${lower} to ${upper} clients per instance, looked at every ` +
      `${policy.scheduleEveryMs / 1000} s by the Schedule evenkeel/${service}.`,
  );
  const act = await nextAct(cluster.configDb, service, sinceMs, () => undefined, signal);
  story.say(`The Schedule acts: ${act.reasons.join('; ')}.`);
  await followRun(cluster.temporal, service, sinceMs, () => undefined, signal);
  const actual = await actualOwnership(cluster.bus, service, partitions);
  story.say('By the ownership log there are now:');
  story.picture('rev. 1', partitions, actual);
  return { stage, policy };
}

async function resize({ swarm, story }: Stage, clients: number, why: string): Promise<void> {
  story.say(`${why}: ${swarm.connected()} → ${clients} clients.`);
  await swarm.resize(clients);
}
