// Owns: what happens to a service under load while something that it stands on is away, or while
// several things go wrong at once. Never judges a time, and leaves everything running.
import { setTimeout as sleep } from 'node:timers/promises';
import { suspendedGraceMs } from '../../src/limits.js';
import { openOwnershipView } from '../../src/logs/ownership-view.js';
import type { PartName } from '../../stack/start.js';
import { readEvidence } from './evidence.js';
import {
  everybodyIsBack,
  figuresOf,
  leftOut,
  steadyMs,
  when,
  type Measured,
  type Scene,
} from './runs.js';
import type { startSlowLinks } from './slow-links.js';
import { partitions, type World } from './world.js';

const pollMs = 20;
/** Whatever is waited for here is there by then, or is missing. */
const withinMs = 60_000;

/** Names of the runs in this file. */
export const outages = [
  'no-control-plane',
  'all-killed',
  'kafka-pause',
  'kafka-crash',
  'directory-killed',
  'leave',
  'leave-alone',
  'incoming-killed',
  'cut-links',
] as const;
/** Sockets outlast an outage as long as the grace: it begins when the lease has lapsed. A slow machine
 * may take longer to start a broker; then they are closed, as they should be. */
const keptMs = suspendedGraceMs;
/** The directory is back after this: its start not counted. */
const directoryAwayMs = 1_000;

/** ConfigDB and Temporal stand still; an instance is killed meanwhile. Gaps from the kill. */
export async function noControlPlaneRun(
  scene: Scene,
  instance: string,
  awayMs: number,
): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  fleet.mark();
  const { noticed, back } = await without(world, ['mongo', 'temporal'], async () => {
    const untilMs = performance.now() + awayMs;
    await sleep(awayMs / 3);
    const before = await fleet.report();
    fleet.mark();
    await world.cluster.platform.kill(world.name, instance, 'SIGKILL');
    const found = await everybodyIsBack(fleet, instance);
    await sleep(Math.max(0, untilMs - performance.now()));
    return { noticed: before.lost.n + before.missing.length, back: found };
  });
  await sleep(steadyMs);
  const seen = await window.close();
  const { had, lost } = back;
  return figuresOf(scene, seen, await readEvidence(world, {}), seen.sinceMark, lost, [
    ...when(noticed > 0, `${noticed} clients noticed that the control plane was away`),
    ...when(lost < had, leftOut(had, lost)),
  ]);
}

/** Every instance is killed while Temporal stands still. Gaps from the kill. */
export async function allKilledRun(scene: Scene): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  fleet.mark();
  await without(world, ['temporal'], async () => {
    await Promise.all(
      (await running(world)).map(({ name }) =>
        world.cluster.platform.kill(world.name, name, 'SIGKILL'),
      ),
    );
    await allAreBack(scene);
  });
  await sleep(steadyMs);
  const seen = await window.close();
  const { n } = seen.lost;
  return figuresOf(scene, seen, await readEvidence(world, {}), seen.sinceMark, n, [
    ...when(n < fleet.clients, leftOut(fleet.clients, n)),
  ]);
}

/** Kafka stands still for so long, or is killed and started again on its data. `servedAgainMs`: from its return. */
export async function kafkaAwayRun(
  scene: Scene,
  how: 'pause' | 'crash',
  awayMs: number,
): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  const before = await running(world);
  const goneAtMs = performance.now();
  if (how === 'pause') await without(world, ['kafka'], () => sleep(awayMs));
  else {
    // Started again at once: its own start is outage enough.
    await world.stack.stopPart('kafka', 'SIGKILL');
    await world.stack.startPart('kafka');
  }
  const backAtMs = performance.now();
  const outageMs = Math.round(backAtMs - goneAtMs);
  const outage = await fleet.report();
  const after = fleet.open();
  // All that was written before and meanwhile is accepted and delivered: everybody is served.
  await until(() => window.outstanding() === 0);
  const servedAgainMs = Math.round(performance.now() - backAtMs);
  await sleep(steadyMs);
  const counts = window.counts();
  const seen = await after.close();
  const later = await running(world);
  const uids = new Set(later.map(({ uid }) => uid));
  const replaced = before.filter(({ uid }) => !uids.has(uid));
  const cutOff = outage.lost.n + seen.lost.n;
  return {
    ...figuresOf(scene, seen, await readEvidence(world, {}), seen.sinceMark, 0, [
      ...when(window.outstanding() > 0, `${window.outstanding()} messages were left behind`),
      ...when(counts.lost > 0, `${counts.lost} messages of before were lost`),
      ...when(counts.unanswered > 0, `${counts.unanswered} messages were never accepted`),
      ...when(replaced.length > 0, `${replaced.map(({ name }) => name).join(', ')} was fenced`),
      ...when(cutOff > 0 && outageMs < keptMs, `${cutOff} clients were cut off`),
    ]),
    outageMs,
    cutOff,
    servedAgainMs,
  };
}

/** The receiver of a grow is killed while it takes over; the saga ends as it will. */
export async function incomingKilledRun(scene: Scene): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  const few = (await running(world)).length;
  const incoming = `${world.name}-${few}`;
  const saga = world.rebalance(few + 1).then(
    () => 'completed',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  await hasAcquired(world, incoming);
  fleet.mark();
  await world.cluster.platform.kill(world.name, incoming, 'SIGKILL');
  const ended = await saga;
  await until(() => fleet.connected() === fleet.clients);
  await sleep(steadyMs);
  const seen = await window.close();
  const logs = await readEvidence(world, {});
  return { ...figuresOf(scene, seen, logs, seen.lost, seen.lost.n, []), saga: ended };
}

/** The session directory is killed, then an instance; the directory is back a while later. */
export async function directoryAwayRun(scene: Scene, instance: string): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  fleet.mark();
  const startAgain = await world.service.killDirectory();
  await world.cluster.platform.kill(world.name, instance, 'SIGKILL');
  await sleep(directoryAwayMs);
  await startAgain();
  const { had, lost } = await everybodyIsBack(fleet, instance);
  await sleep(steadyMs);
  const seen = await window.close();
  const logs = await readEvidence(world, {});
  return figuresOf(scene, seen, logs, seen.sinceMark, lost, when(lost < had, leftOut(had, lost)));
}

/** An instance is told to end, and a saga drains it. Gaps of its clients by their own clocks. */
export function leaveRun(scene: Scene, instance: string): Promise<Measured> {
  return leave(scene, instance, []);
}

/** An instance is told to end while nobody answers it: its clients are told `leaving`. */
export function leaveAloneRun(scene: Scene, instance: string): Promise<Measured> {
  return leave(scene, instance, ['temporal', 'mongo']);
}

async function leave(scene: Scene, instance: string, away: readonly PartName[]): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  const uidOf = async () => (await running(world)).find(({ name }) => name === instance)?.uid;
  const before = await uidOf();
  fleet.mark();
  const had = (await fleet.report()).hadAtMark.get(instance) ?? 0;
  await without(world, away, async () => {
    await world.cluster.platform.kill(world.name, instance, 'SIGTERM');
    await until(async () => {
      const { planned, lost } = await fleet.report();
      return planned.n + lost.n >= had && (await uidOf()) !== before;
    });
  });
  await sleep(steadyMs);
  const seen = await window.close();
  const { planned, lost } = seen;
  return figuresOf(scene, seen, await readEvidence(world, {}), planned, planned.n, [
    ...when(had === 0, `${instance} had no clients`),
    ...when(planned.n < had, `only ${planned.n} of ${had} clients were told to leave`),
    ...when(lost.n > 0, `${lost.n} clients lost their connection`),
    ...when((await uidOf()) === before, `${instance} did not end`),
  ]);
}

/** The network between clients and instances breaks: all come back at once. `scene` dials through it. */
export async function cutLinksRun(
  scene: Scene,
  links: Awaited<ReturnType<typeof startSlowLinks>>,
): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  fleet.mark();
  links.cut();
  await allAreBack(scene);
  await sleep(steadyMs);
  const seen = await window.close();
  const { n } = seen.lost;
  return figuresOf(scene, seen, await readEvidence(world, {}), seen.sinceMark, n, [
    ...when(n < fleet.clients, leftOut(fleet.clients, n)),
  ]);
}

/** The parts stand still while `during` runs, and go on whatever becomes of it. */
async function without<T>(
  { stack }: World,
  parts: readonly PartName[],
  during: () => Promise<T>,
): Promise<T> {
  for (const part of parts) stack.pausePart(part);
  try {
    return await during();
  } finally {
    for (const part of parts) stack.resumePart(part);
  }
}

async function running({ cluster, name }: World) {
  return (await cluster.platform.observe(name)).instances;
}

async function allAreBack({ fleet }: Scene): Promise<void> {
  await until(async () => (await fleet.report()).lost.n >= fleet.clients);
}

async function hasAcquired({ cluster, name }: World, instance: string): Promise<void> {
  const { bus, configDb } = cluster;
  const view = await openOwnershipView({ bus, configDb, service: name, partitions });
  try {
    await until(() => view.ranges().some(([, , holder]) => holder === instance));
  } finally {
    await view.close();
  }
}

/** Bounded; what did not come is found by whoever looks at the figures. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const untilMs = performance.now() + withinMs; performance.now() < untilMs;) {
    if (await holds()) return;
    await sleep(pollMs);
  }
}
