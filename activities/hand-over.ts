// Owns: watching a hand-over in the ownership log until everything is held as planned, and the last
// look from the log. Instances hand over directly; nothing here is inside a client's gap.

import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import { loadPlan } from './plan-document.js';
import { poll, since, withKafka } from './polling.js';
import { cameUnder } from './record.js';
import { currentView, heldAsPlanned, membersOf } from './situation.js';
import type { HandOverProgress, HandOverResult, SagaRef } from './types.js';

/** Reports are looked at this often: a donor that took partitions back waits to be resumed. */
const reportsEveryMs = 1_000;
/** Resumes of one hand-over; with a take-back bound of 2 s each, they span ten seconds and more. */
const resumesMax = 5;

export interface HandOverInput {
  readonly saga: SagaRef;
  readonly planId: string;
  readonly stallMs: number;
  /** Answers with where it stands after this, so that the workflow can show it. */
  readonly sliceMs: number;
  /** Where the slice before ended. */
  readonly before: HandOverProgress | null;
}

export async function handOver(
  connections: Connections,
  { saga, planId, stallMs, sliceMs, before }: HandOverInput,
): Promise<HandOverResult> {
  const { clock, configDb } = connections;
  const { service } = saga;
  const startedMs = clock.monotonicMs();
  const { ranges, partitions, revision } = await loadPlan(connections, planId);
  const view = await currentView(connections, service, partitions);
  const reports = reportsWatch(connections, saga, revision, before);
  let best = { held: before?.held ?? -1, firstWrong: null as string | null };
  let progressAtMs = startedMs - (before?.quietMs ?? 0);
  const progress = async (): Promise<HandOverProgress> => ({
    held: Math.max(best.held, 0),
    of: partitions,
    arrived: cameUnder(await configDb.reports(service), revision),
    resumes: reports.resumes(),
    quietMs: since(connections, progressAtMs),
  });
  const done = await poll(
    clock,
    sliceMs,
    withKafka(connections, service, async () => {
      const seen = heldAsPlanned(view, service, ranges);
      if (seen.firstWrong === null) {
        best = seen;
        return 'all' as const;
      }
      if (seen.held > best.held) progressAtMs = clock.monotonicMs();
      if (seen.held >= best.held) best = seen;
      await reports.look();
      return clock.monotonicMs() - progressAtMs > stallMs ? ('stalled' as const) : undefined;
    }),
    () => ({
      held: best.held,
      of: partitions,
      next: best.firstWrong,
      arrived: reports.arrived(),
      resumes: reports.resumes(),
      quietMs: since(connections, progressAtMs),
    }),
  );
  if (done !== 'stalled') {
    const kind = done === 'all' ? 'all' : 'going';
    return { kind, ...(await progress()), tookMs: since(connections, startedMs) };
  }
  const text = `no partition arrived for ${stallMs} ms with ${best.held} of ${partitions} held as planned (${best.firstWrong ?? ''})`;
  throw finalFailure('HandOverStalled', text);
}

/** Counts who arrived, and tells donors that took partitions back to go on, a bounded number of times. */
function reportsWatch(
  connections: Connections,
  { service, ...said }: SagaRef,
  revision: number,
  before: HandOverProgress | null,
) {
  const { configDb, clock } = connections;
  let resumes = before?.resumes ?? 0;
  let arrived = before?.arrived ?? 0;
  let lookedAtMs = clock.monotonicMs();
  return {
    resumes: () => resumes,
    arrived: () => arrived,
    async look(): Promise<void> {
      if (clock.monotonicMs() - lookedAtMs < reportsEveryMs) return;
      lookedAtMs = clock.monotonicMs();
      const reports = await configDb.reports(service);
      arrived = cameUnder(reports, revision);
      if (resumes >= resumesMax || reports.every(({ takenBack }) => takenBack.length === 0)) return;
      const highest = reports.reduce((most, report) => Math.max(most, report.revision), 0);
      resumes += 1;
      await connections.publish(service, { type: 'resume', revision: highest, ...said });
    },
  };
}

/** Reads the log to its present end; fails when anything is not exactly as planned. */
export async function verify(
  connections: Connections,
  { saga, planId }: { readonly saga: SagaRef; readonly planId: string },
): Promise<{ partitions: number; instances: number }> {
  const { ranges, partitions, revision } = await loadPlan(connections, planId);
  const view = await currentView(connections, saga.service, partitions);
  const { held, firstWrong } = heldAsPlanned(view, saga.service, ranges);
  if (firstWrong === null) return { partitions: held, instances: membersOf(ranges).length };
  throw finalFailure('NotAsPlanned', `revision ${revision}: ${firstWrong}`);
}
