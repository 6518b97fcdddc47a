// Owns: waiting until somebody has fenced an incarnation: the saga, when the watcher has named it; and
// doing it instead when nobody has, so that a run without them still shows what a fence does.
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/adapters/system-clock.js';
import { parseOwnershipRecord } from '../../src/core/handover/ownership-log.js';
import { fenceIncarnation } from '../../src/logs/fence.js';
import { topicsOf } from '../../src/logs/topics.js';
import type { World } from './world.js';

/** The watcher names it after 1.5 to 2.5 s, more after a break; the saga needs a second or two. */
const sagaWithinMs = 9_000;
const pollMs = 20;

export interface Fence {
  readonly by: 'saga' | 'bench';
  readonly how: string;
  /** Append time of the record, on this machine's wall clock. */
  readonly atMs: number;
}

export async function fenceOf(
  { cluster, name }: World,
  victim: { readonly instance: string; readonly incarnation: string },
): Promise<Fence> {
  const { bus } = cluster;
  let found: { how: string; atMs: number } | undefined;
  const reader = await bus.open({
    topic: topicsOf(name).ownership,
    positions: new Map([[0, 'end']]),
    onRecords: (_partition, records) => {
      for (const { value, timestampMs: atMs } of records) {
        const record = parseOwnershipRecord(value);
        if (record?.type !== 'fenced' || record.incarnation !== victim.incarnation) continue;
        found ??= { how: record.how, atMs };
      }
    },
    onJump: () => undefined,
  });
  const wait = async (withinMs: number): Promise<void> => {
    const untilMs = performance.now() + withinMs;
    while (found === undefined && performance.now() < untilMs) await sleep(pollMs);
  };
  try {
    await wait(sagaWithinMs);
    if (found !== undefined) return { by: 'saga', ...found };
    const appender = await bus.appender('bench-watcher');
    const { how } = await fenceIncarnation({
      ...{ bus, appender, victim, service: name },
      clock: systemClock,
      by: 'bench',
    });
    await appender.close();
    return { by: 'bench', how, atMs: performance.timeOrigin + performance.now() };
  } finally {
    await reader.close();
  }
}
