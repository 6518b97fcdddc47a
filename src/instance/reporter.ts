// Writes the instance's report: every second, and soon after something changed. Nothing that safety
// rests on goes this way: a report that cannot be written is dropped, and the next one says more.

import { reportAtMostEveryMs, reportEveryMs } from '../limits.js';
import type { ConfigDb, InstanceReport } from '../ports.js';

export interface Reporter {
  /** Something changed: report soon. */
  soon(): void;
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
  let stopped = false;

  const write = async (): Promise<void> => {
    timer = null;
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
  const soon = (): void => {
    if (stopped || timer !== null) return;
    timer = setTimeout(() => void write(), reportAtMostEveryMs);
  };
  const every = setInterval(() => void write(), reportEveryMs);
  soon();

  return {
    soon,
    stop: () => {
      stopped = true;
      clearInterval(every);
      if (timer !== null) clearTimeout(timer);
    },
  };
}
