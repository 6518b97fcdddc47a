// Owns: watching a hand-over in the ownership log until everything is held as planned, and the last
// look from the log. Instances hand over directly; nothing here is inside a client's gap.

import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import { since } from './notify.js';
import { loadPlan } from './plan.js';
import { poll } from './polling.js';
import { currentView, heldAsPlanned, membersOf } from './situation.js';
import type { HandOverResult, SagaRef } from './types.js';

/** Reports are looked at this often: a donor that took partitions back waits to be resumed. */
const reportsEveryMs = 1_000;
/** Resumes of one hand-over; with a take-back bound of 2 s each, they span ten seconds and more. */
const resumesMax = 5;

export async function handOver(
  connections: Connections,
  input: { readonly saga: SagaRef; readonly planId: string; readonly stallMs: number },
): Promise<HandOverResult> {
  const { clock } = connections;
  const { saga, planId, stallMs } = input;
  const { service } = saga;
  const startedMs = clock.monotonicMs();
  const { ranges, partitions } = await loadPlan(connections, planId);
  const view = await currentView(connections, service, partitions);
  const resume = resumer(connections, saga);
  let best = { held: -1, firstWrong: null as string | null };
  let progressAtMs = startedMs;
  const done = await poll(
    clock,
    Number.POSITIVE_INFINITY,
    async () => {
      const seen = heldAsPlanned(view, service, ranges);
      if (seen.firstWrong === null) return 'all' as const;
      if (seen.held > best.held) {
        best = seen;
        progressAtMs = clock.monotonicMs();
      }
      await resume.whereTakenBack();
      return clock.monotonicMs() - progressAtMs > stallMs ? ('stalled' as const) : undefined;
    },
    () => ({ held: best.held, of: partitions, resumes: resume.count() }),
  );
  if (done === 'all')
    return { partitions, tookMs: since(connections, startedMs), resumes: resume.count() };
  const text = `no partition arrived for ${stallMs} ms with ${best.held} of ${partitions} held as planned (${best.firstWrong ?? ''})`;
  throw finalFailure('HandOverStalled', text);
}

/** Tells donors that took partitions back to go on, a bounded number of times. */
function resumer(connections: Connections, { service, ...said }: SagaRef) {
  const { configDb, clock } = connections;
  let resumes = 0;
  let lookedAtMs = clock.monotonicMs();
  return {
    count: () => resumes,
    async whereTakenBack(): Promise<void> {
      if (resumes >= resumesMax || clock.monotonicMs() - lookedAtMs < reportsEveryMs) return;
      lookedAtMs = clock.monotonicMs();
      const reports = await configDb.reports(service);
      if (reports.every(({ takenBack }) => takenBack.length === 0)) return;
      const revision = reports.reduce((highest, report) => Math.max(highest, report.revision), 0);
      resumes += 1;
      await connections.publish(service, { type: 'resume', revision, ...said });
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
