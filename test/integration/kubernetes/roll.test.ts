// Rolling upgrades under chatting clients against the real API server: a StatefulSet with OnDelete, whose
// pods are real Messaging processes of the version that their image is. To a version that goes well, and to
// four that do not: those go back by themselves, and say what the pod says.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rollOf, type RollEnd } from '../../../bench/roll/run.js';
import { checkLogs } from '../../../src/local/evidence.js';
import { applyPolicy } from '../../../src/local/apply.js';
import { summarizeGaps } from '../../../src/load/gaps.js';
import type { Observation, Swarm } from '../../../src/load/swarm.js';
import type { Policy } from '../../../src/core/scaling/policy.js';
import { checkoutDir } from '../../../stack/checkout.js';
import {
  startKubernetesCluster,
  type KubernetesCluster,
} from '../../support/kubernetes-cluster.js';
import {
  crowdOf,
  startServiceOn,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';

const instances = 4;
const clients = Number(process.env['ROLL_CLIENTS'] ?? 400);
const messagesPerSecond = 60;
/** A roll of four is some dozen steps: more than other tests of this project do. */
const timeoutMs = 400_000;
/** A program that says so and ends, as an instance with a setting that this version does not know. */
const refuses = "console.error('this version needs EVENKEEL_NEW_SETTING');process.exit(7);";

describe('a rolling upgrade on Kubernetes', { timeout: timeoutMs }, () => {
  let under: ServiceUnderTest<KubernetesCluster>;
  let swarm: Swarm;
  const movesOf = new Map<string, number>();

  beforeAll(async () => {
    const kubeconfig = inject('kubernetes')['EVENKEEL_KUBECONFIG'] ?? '';
    under = await startServiceOn(
      (options) => startKubernetesCluster({ ...options, kubeconfig, nodes: 3 }),
      { name: 'roll', instances, policy: { instanceStartMs: 180_000 } },
    );
    const onMove = (user: string) => void movesOf.set(user, (movesOf.get(user) ?? 0) + 1);
    swarm = await crowdOf(under, clients, messagesPerSecond, onMove);
  }, timeoutMs);
  afterAll(async () => {
    swarm?.stop();
    await under?.stop();
  });

  /** Another build of Messaging in the registry, which begins with that program if one is given. */
  const pushed = (image: string, program?: string): string => {
    const { kubelet, logDir } = under.cluster;
    const root = join(logDir, image.replace(':', '-'));
    const build = join(root, 'dist', 'src', 'messaging');
    mkdirSync(build, { recursive: true });
    const present = join(checkoutDir, 'dist', 'src', 'messaging', 'instance-main.js');
    const main = `${program ?? ''}\nprocess.argv[1] = '${present}'; import('${present}');\n`;
    writeFileSync(join(build, 'instance-main.js'), main);
    kubelet.push(image, root);
    return image;
  };
  /** The roll, and what the clients saw of it. */
  const rolled = async (image: string): Promise<RollEnd & { readonly seen: Observation }> => {
    movesOf.clear();
    const window = swarm.open();
    const end = await rollOf(under.cluster, under.name, { image, watchMs: 1_000, by: 'ada' });
    return { ...end, seen: await window.close() };
  };
  /** Image and ControllerRevision of each pod; `Ready` where it is. */
  const podsNow = async () => {
    const { core, namespace } = under.cluster;
    const { items } = await core.listNamespacedPod({ namespace });
    return items
      .map(({ metadata, spec, status }) => ({
        name: metadata?.name ?? '',
        revision: metadata?.labels?.['controller-revision-hash'],
        image: spec?.containers[0]?.image,
        ready: status?.containerStatuses?.[0]?.ready,
      }))
      .sort((a, b) => a.name.localeCompare(b.name));
  };
  const expectNothingLost = async ({ messages, missing, moves }: Observation): Promise<void> => {
    expect(missing).toEqual([]);
    expect(messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 });
    expect(messages.sent).toBeGreaterThan(0);
    expect(moves.filter(({ planned }) => !planned)).toEqual([]);
    const evidence = await checkLogs(under.cluster.bus, under.name);
    expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [] });
  };
  const movesMax = () => Math.max(0, ...movesOf.values());

  it('moves each client at most twice, 1 + 1/n times on average, and loses nothing', async () => {
    const before = await podsNow();
    const image = pushed('evenkeel:next');
    const { result, failure, seen } = await rolled(image);
    expect(failure).toBeUndefined();
    expect(result).toMatchObject({ outcome: 'completed' });
    const { moves, messages } = seen;
    const { p50, p99, max } = summarizeGaps(moves.map(({ gapMs }) => gapMs));
    const each = (moves.length / clients).toFixed(3);
    process.stderr.write(
      `roll of ${instances} instances, ${clients} clients: ${each} moves per client, at most ${movesMax()}, gap P50 ${p50} ms, P99 ${p99} ms, max ${max} ms, ${messages.sent} messages, ${messages.lost} lost\n`,
    );
    await expectNothingLost(seen);
    expect(movesMax()).toBeLessThanOrEqual(2);
    expect(moves.length).toBe(result?.movedClients);
    expect(moves.length).toBeLessThanOrEqual(clients * (1 + 1 / instances));
    expect(moves.length).toBeGreaterThanOrEqual(clients);
    expect(Object.keys(await under.ownership()).length).toBe(instances);
    const after = await podsNow();
    expect(after).toMatchObject(before.map(({ name }) => ({ name, image, ready: true })));
    expect(new Set(after.map(({ revision }) => revision)).size).toBe(1);
    expect(after[0]?.revision).not.toBe(before[0]?.revision);
  });

  const expectUntouched = async (image: string, words: RegExp): Promise<void> => {
    const before = await podsNow();
    const { failure, seen } = await rolled(image);
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(words);
    expect(failure?.message).toMatch(new RegExp(`-${instances} .*went back`));
    expect(seen.moves).toEqual([]);
    await expectNothingLost(seen);
    expect(await podsNow()).toEqual(before);
  };

  it('goes back by itself from a version that ends at its start: nobody moves', async () => {
    const words = /ended \d times before it was Ready: .*exit code 7: .*EVENKEEL_NEW_SETTING/;
    await expectUntouched(pushed('evenkeel:ends', refuses), words);
  });

  it('goes back by itself from an image that cannot be pulled: nobody moves', async () => {
    const missing = /not ready within .*(ErrImagePull|ImagePullBackOff): .*evenkeel:missing/;
    await impatient(() => expectUntouched('evenkeel:missing', missing));
  });

  it('goes back by itself from a version that runs and answers nothing: nobody moves', async () => {
    const mute = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
    const words =
      /not ready within 20000 ms: it runs on node \S+ since \S+, but its startup probe \/healthz\/startup has not passed: kubectl describe pod/;
    await impatient(() => expectUntouched(pushed('evenkeel:mute', mute), words));
  });

  it('goes back from the middle, where an instance of the new version ends at its start', async () => {
    const before = await podsNow();
    // The surge instance is well; the first that is started again is not.
    const program = `if (process.env.EVENKEEL_ORDINAL !== '${instances}') { ${refuses} }`;
    const { failure, seen } = await rolled(pushed('evenkeel:half', program));
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(/-\d .*exit code 7: .*NEW_SETTING.*went back/);
    await expectNothingLost(seen);
    // Of one instance: to the surge instance, and back.
    expect(movesMax()).toBe(2);
    expect(seen.moves.length).toBeLessThan(clients);
    expect(await podsNow()).toEqual(before);
    expect(Object.keys(await under.ownership()).length).toBe(instances);
  });

  /** While nobody waits long for an instance to be Ready. */
  const impatient = async (run: () => Promise<void>): Promise<void> => {
    const { cluster, name } = under;
    const policy = (await cluster.configDb.latestPolicy(name))?.policy as Policy;
    await applyPolicy(cluster, { ...policy, instanceStartMs: 20_000 }, 'test');
    try {
      await run();
    } finally {
      await applyPolicy(cluster, policy, 'test');
    }
  };
});
