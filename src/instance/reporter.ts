// Writes the instance's report: every second, and soon after something changed. Nothing that safety
// rests on goes this way: a report that cannot be written is dropped, and the next one says more.

import type { Connections } from '../core/handover/connections.js';
import type { HandOver } from '../core/handover/hand-over.js';
import { reportAtMostEveryMs, reportEveryMs } from '../limits.js';
import type { ConfigDb, InstanceReport } from '../ports.js';
import type { Gaps } from './gaps.js';

/** What an instance says of itself. */
export function reportOf(
  who: Pick<InstanceReport, 'service' | 'instance' | 'incarnation' | 'url'> & {
    readonly leaving: boolean;
  },
  machines: {
    readonly handOver: HandOver;
    readonly connections: Connections;
    readonly gaps: Gaps;
  },
  atMs: number,
): InstanceReport {
  const { leaving, ...rest } = who;
  const { handOver, connections, gaps } = machines;
  return {
    ...rest,
    revision: handOver.goals.target?.revision ?? 0,
    epoch: handOver.goals.epoch,
    clients: connections.counts().clients,
    held: handOver.counts().held,
    ...(leaving ? { leaving } : {}),
    load: connections.load(),
    takenBack: handOver.takenBackPartitions().map((p) => [p, p] as const),
    moves: gaps.report(),
    atMs,
  };
}

export interface Reporter {
  /** Something changed: report soon. */
  soon(): void;
  /** The next report is written by then, with what comes until it is. */
  within(ms: number): void;
  stop(): void;
}

export function startReporter(options: {
  readonly store: Pick<ConfigDb, 'saveReport'>;
  readonly report: () => InstanceReport;
  readonly onError: (error: unknown) => void;
}): Reporter {
  let busy = false;
  let again = false;
  let timer: NodeJS.Timeout | null = null;
  let dueMs = Infinity;
  let stopped = false;

  const write = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    dueMs = Infinity;
    if (stopped) return;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      await options.store.saveReport(options.report());
    } catch (error) {
      options.onError(error);
    } finally {
      busy = false;
    }
    if (again) {
      again = false;
      soon();
    }
  };
  const within = (ms: number): void => {
    const atMs = performance.now() + ms;
    if (stopped || dueMs <= atMs) return;
    if (timer !== null) clearTimeout(timer);
    dueMs = atMs;
    timer = setTimeout(() => void write(), ms);
  };
  const soon = (): void => within(reportAtMostEveryMs);
  const every = setInterval(() => void write(), reportEveryMs);
  soon();

  return {
    soon,
    within,
    stop: () => {
      stopped = true;
      clearInterval(every);
      if (timer !== null) clearTimeout(timer);
    },
  };
}
