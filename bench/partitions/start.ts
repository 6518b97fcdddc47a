// Owns: how long a start of an instance takes, from its process being spawned until a client of its
// is welcomed, and the steps on the way. Never decides how many starts there are.
import { setTimeout as sleep } from 'node:timers/promises';
import { processOf } from '../../src/instance/incarnation.js';
import { isReady } from '../../src/local/programs.js';
import type { GuardedProcess } from '../../stack/guarded.js';
import type { Crowded } from './service.js';

const withinMs = 60_000;
const pollMs = 10;

/** Milliseconds since the spawn. */
export interface Start {
  /** The readiness probe says so. */
  readonly readyMs: number;
  /** The ownership log says that it holds all of its partitions. */
  readonly ownedMs: number;
  /** Both, and a client that dialled then is welcomed. */
  readonly servingMs: number;
}

export async function measuredStart(
  crowded: Crowded,
): Promise<{ readonly process: GuardedProcess; readonly start: Start }> {
  const startedMs = performance.now();
  const since = (): number => performance.now() - startedMs;
  const process = await crowded.spawn();
  const [readyMs, ownedMs] = await Promise.all([
    until(process, async () => (await isReady(crowded.probePort)) === true).then(since),
    until(process, () => Promise.resolve(ownsAll(crowded, process.uid))).then(since),
  ]);
  let welcomed = false;
  const onState = (phase: string): void => void (welcomed ||= phase === 'welcomed');
  const client = crowded.client(0, { onState });
  await until(process, () => Promise.resolve(welcomed), 1);
  const servingMs = since();
  await client.close();
  return { process, start: { readyMs, ownedMs, servingMs } };
}

function ownsAll({ ownership, owned: [from, to] }: Crowded, uid: string): boolean {
  for (let partition = from; partition <= to; partition += 1) {
    const holder = ownership.holderOf(partition);
    if (holder === null || processOf(holder.incarnation) !== uid) return false;
  }
  return true;
}

async function until(
  process: GuardedProcess,
  holds: () => Promise<boolean>,
  everyMs = pollMs,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (!process.isRunning())
      throw new Error(`${process.name} ended at its start; see .stack/bench`);
    if (performance.now() > untilMs) throw new Error(`${process.name} did not serve in time`);
    await sleep(everyMs);
  }
}
