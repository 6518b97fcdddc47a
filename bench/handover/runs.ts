// Owns: one run of each kind of hand-over, from a steady chat through the event to its figures. Never
// decides how many there are.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet, FleetReport } from '../../src/load/fleet.js';
import type { GapSummary } from '../../src/load/gaps.js';
import type { MessageCounts } from '../../src/load/message-account.js';
import type { Figures } from '../report.js';
import { readEvidence, type LogsSeen } from './evidence.js';
import { fenceOf, type Fence } from './fenced.js';
import { timelineOf } from './timeline.js';
import type { World } from './world.js';

/** The chat goes on undisturbed for so long before and after. */
export const steadyMs = 2_000;
/** Whoever lost a connection is back by then, or is counted as missing. */
const backWithinMs = 60_000;
const pollMs = 100;
/** A paused instance stays so for this long: it is suspected and fenced meanwhile. */
const pausedMs = 10_000;

export interface Scene {
  readonly world: World;
  readonly fleet: Fleet;
  /** Overlaps that the logs showed before: they are counted from their beginning each time. */
  readonly overlapsBefore: number;
}

/** What a run measured; `wrong` is empty when every promise but the times was kept. */
export interface Measured extends Figures {
  readonly gapMs: GapSummary;
  readonly overlaps: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly movedClients: number;
  readonly wrong: readonly string[];
}

/** A forced rebalance to `instances`. Gaps by the clients' own clocks, from DISCONNECT to welcome. */
export async function plannedRun(scene: Scene, instances: number): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  const startedMs = performance.now();
  const revision = await world.rebalance(instances);
  const durationMs = Math.round(performance.now() - startedMs);
  await sleep(steadyMs);
  const seen = await window.close();
  const logs = await readEvidence(world, { revision });
  const moved = logs.report.rebalances.find((one) => one.revision === revision);
  const movedClients = seen.movedTo.get(revision) ?? 0;
  return {
    ...figuresOf(scene, seen, logs, seen.planned, movedClients, [
      ...when(movedClients === 0, 'nobody moved'),
      ...when(seen.lost.n > 0, `${seen.lost.n} clients lost their connection`),
    ]),
    movedPartitions: moved?.moved ?? 0,
    durationMs,
    stepsMs: timelineOf(seen.steps, logs.times),
  };
}

/** kill -9 of an instance. Gaps from the kill until each of its clients is welcomed again. */
export async function crashRun(scene: Scene, instance: string): Promise<Measured> {
  const { world, fleet } = scene;
  const window = fleet.open();
  await sleep(steadyMs);
  fleet.mark();
  await world.cluster.platform.kill(world.name, instance, 'SIGKILL');
  const back = await everybodyIsBack(fleet, instance);
  await sleep(steadyMs);
  const seen = await window.close();
  const logs = await readEvidence(world, {});
  const { had, lost } = back;
  return figuresOf(scene, seen, logs, seen.sinceMark, lost, when(lost < had, leftOut(had, lost)));
}

/**
 * SIGSTOP of an instance, which is fenced meanwhile, and SIGCONT. Gaps from the
 * SIGSTOP until each of its clients is welcomed again.
 */
export async function pauseRun(scene: Scene, instance: string): Promise<Measured> {
  const { world, fleet } = scene;
  const { platform } = world.cluster;
  const incarnation = await world.incarnationOf(instance);
  const url = (await platform.observe(world.name)).instances.find(
    (one) => one.name === instance,
  )?.url;
  const window = fleet.open();
  await sleep(steadyMs);
  fleet.mark();
  await platform.kill(world.name, instance, 'SIGSTOP');
  const pausedAtMs = performance.timeOrigin + performance.now();
  let fence: Fence;
  try {
    const victim = { instance, incarnation };
    [fence] = await Promise.all([fenceOf(world, victim), sleep(pausedMs)]);
  } finally {
    await platform.kill(world.name, instance, 'SIGCONT');
  }
  const back = await everybodyIsBack(fleet, instance);
  await sleep(steadyMs);
  const seen = await window.close();
  const watched = { incarnation, sinceMs: fence.atMs };
  const logs = await readEvidence(world, { watched });
  const lastWordMs = Math.max(
    ...seen.lastWords.filter((one) => one.url === url).map(({ atMs }) => atMs - fence.atMs),
    -Infinity,
  );
  const { had, lost } = back;
  return {
    ...figuresOf(scene, seen, logs, seen.sinceMark, lost, [
      ...when(lost < had, leftOut(had, lost)),
      ...when(lastWordMs > 0, `the fenced instance spoke ${Math.round(lastWordMs)} ms afterwards`),
      ...when(logs.openedLate > 0, `the fenced instance welcomed ${logs.openedLate} clients`),
    ]),
    fencedHow: fence.how,
    fencedBy: fence.by,
    fencedAfterMs: Math.round(fence.atMs - pausedAtMs),
    welcomedAfterFence: logs.openedLate,
    /** Negative: before the fence. Null: nothing at all since the SIGSTOP. */
    lastWordAfterFenceMs: lastWordMs === -Infinity ? null : Math.round(lastWordMs),
  };
}

/** Bounded: how many clients the instance had at the mark, and how many came back somewhere. */
export async function everybodyIsBack(fleet: Fleet, instance: string) {
  const untilMs = performance.now() + backWithinMs;
  for (;;) {
    const { hadAtMark, lost } = await fleet.report();
    const had = hadAtMark.get(instance) ?? 0;
    if (lost.n >= had || performance.now() > untilMs) return { had, lost: lost.n };
    await sleep(pollMs);
  }
}

export function figuresOf(
  { overlapsBefore }: Scene,
  seen: FleetReport & { readonly messages: MessageCounts },
  { report, faults }: LogsSeen,
  gapMs: GapSummary,
  movedClients: number,
  more: readonly string[],
): Measured {
  const { sent, lost, duplicated, outOfOrder, unanswered } = seen.messages;
  const overlaps = report.overlaps - overlapsBefore;
  const wrong = [
    ...when(overlaps > 0, `${overlaps} clients were connected to two instances at once`),
    ...when(lost > 0, `${lost} messages were lost`),
    ...when(duplicated > 0, `${duplicated} messages arrived twice`),
    ...when(outOfOrder > 0, `${outOfOrder} messages arrived out of order`),
    ...when(unanswered > 0, `${unanswered} messages were never accepted`),
    ...when(sent === 0, 'no message was sent'),
    ...when(seen.missing.length > 0, `${seen.missing.length} clients are not connected at the end`),
    ...faults,
    ...more,
  ];
  return { gapMs, overlaps, lost, duplicated, outOfOrder, movedClients, messages: sent, wrong };
}

export function leftOut(had: number, back: number): string {
  return `${had - back} of ${had} clients of the instance did not come back`;
}

export function when(holds: boolean, sentence: string): string[] {
  return holds ? [sentence] : [];
}
