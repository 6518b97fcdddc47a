// Owns: connected users per instance as the instances report them to ConfigDB. No clock is compared
// with another machine's: a report's age is how long it has not changed, by our own clock.

import { aPort, checkGiven } from '../given.js';
import type { Clock, ConfigDb, LoadSample, MetricsSource } from '../ports.js';

interface Seen {
  /** The reporter's clock: only compared with its own. */
  readonly atMs: number;
  readonly changedMs: number;
}

/** Instances whose reports were read; more than these are forgotten, oldest first. */
const rememberedMax = 10_000;

export function metricsFromReports(
  configDb: Pick<ConfigDb, 'reports'>,
  clock: Clock,
): MetricsSource {
  checkGiven(
    'metricsFromReports',
    { configDb, clock },
    {
      configDb: aPort('reports'),
      clock: aPort('monotonicMs', 'wallMs'),
    },
  );
  const seen = new Map<string, Seen>();
  return {
    load: async (service) => {
      const reports = await configDb.reports(service);
      const nowMs = clock.monotonicMs();
      return reports.map(({ instance, incarnation, clients, atMs }): LoadSample => {
        const before = seen.get(incarnation);
        // Met for the first time its age is unknown; wall clocks are the only hint, so it counts
        // as what they say, which can only make a healthy report look old for one evaluation.
        const firstMs = nowMs - Math.max(0, clock.wallMs() - atMs);
        const changedMs =
          before === undefined ? firstMs : before.atMs === atMs ? before.changedMs : nowMs;
        seen.delete(incarnation);
        seen.set(incarnation, { atMs, changedMs });
        if (seen.size > rememberedMax) seen.delete([...seen.keys()][0] as string);
        return { instance, clients, ageMs: Math.round(nowMs - changedMs) };
      });
    },
  };
}
