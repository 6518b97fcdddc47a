// Owns: waiting for a hand-over in slices, so that the page says how far it is and how long it will
// take. The instances do it by themselves; nothing here is inside a client's gap.

import type { HandOverProgress, HandOverResult, PlanSummary } from '../activities/types.js';
import { shareOf } from './progress.js';
import { call } from './proxies.js';
import { show, type Journal } from './saga.js';
import { planOf, refOf, situationOf, type Saga } from './state.js';
import { counted, seconds } from './words.js';

/** Slices double from the first to the last: an hour of hand-over is some 70 of them. */
const firstSliceMs = 2_000;
const lastSliceMs = 60_000;

export async function handOver(saga: Saga, journal: Journal): Promise<string> {
  const over = await untilHeld(saga, journal, 'waiting');
  const resumed = over.resumes === 0 ? '' : `, resumed ${over.resumes} times`;
  return `all ${over.of} partitions held as planned${resumed}`;
}

export async function untilHeld(
  saga: Saga,
  journal: Journal,
  way: 'waiting' | 'undoWaiting',
): Promise<HandOverResult> {
  const { planId } = planOf(saga);
  const stallMs = situationOf(saga).bounds.handOverStallMs;
  saga.progress = null;
  try {
    for (let sliceMs = firstSliceMs; ; sliceMs = Math.min(sliceMs * 2, lastSliceMs)) {
      const before = saga.progress;
      const summary = summaryOf(planOf(saga), before);
      const input = { saga: refOf(saga), planId, stallMs, sliceMs, before: withoutKind(before) };
      const over: HandOverResult = await call('handOver', way, summary, input);
      if (over.kind === 'all') return over;
      saga.progress = over;
      show(saga, journal);
    }
  } finally {
    saga.progress = null;
  }
}

/** `80 of 120 partitions moved, 64 of about 80 clients`; what is planned, before anything is known. */
function summaryOf(plan: PlanSummary, progress: HandOverProgress | null): string {
  const { movedPartitions, movedClients, estimateMs } = plan;
  const clients = `about ${counted(movedClients, 'client')}`;
  if (progress !== null) {
    const { done, of } = shareOf(plan, progress);
    return `${done} of ${of} partitions moved, ${progress.arrived} of ${clients}`;
  }
  if (movedPartitions === 0) return 'until everybody holds what is planned';
  return `${counted(movedPartitions, 'partition')}, ${clients}, about ${seconds(estimateMs)}`;
}

function withoutKind(progress: Saga['progress']): Saga['progress'] {
  if (progress === null) return null;
  const { held, of, arrived, resumes, quietMs } = progress;
  return { held, of, arrived, resumes, quietMs };
}
