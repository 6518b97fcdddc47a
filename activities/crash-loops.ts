// Owns: noticing, while instances are waited for, that one of them ends again and again: it is not waited
// for any longer. Decides nothing where the platform cannot tell, or nobody said how many ends are too many.

import { countEnds, noCrashes, type Crashes } from '../src/core/roll/crashes.js';
import { topicsOf } from '../src/logs/topics.js';
import type { Bus, PlatformView } from '../src/ports.js';
import { troubleIn } from './trouble.js';

export interface CrashWatch {
  /**
   * `messaging-4 ended 2 times before it was Ready: CrashLoopBackOff: exit code 7`, of the first such one
   * among those that are waited for; undefined while there is none. Throws when Kafka does not answer:
   * then they end through no fault of theirs.
   */
  look(view: PlatformView, waiting: readonly string[]): Promise<string | undefined>;
}

/** `endsMax`: so many ends of one instance are an accident; absent: whatever it is, it is waited for. */
export function watchCrashes(
  { bus, service }: { readonly bus: Bus; readonly service: string },
  endsMax: number | undefined,
): CrashWatch {
  const known = new Map<string, Crashes>();
  return {
    look: async (view, waiting) => {
      if (endsMax === undefined || view.ends === undefined) return undefined;
      for (const name of waiting) {
        const now = countEnds(known.get(name) ?? noCrashes, view.ends[name] ?? 0);
        known.set(name, now);
      }
      const looping = waiting.find((name) => (known.get(name)?.ends ?? 0) > endsMax);
      if (looping === undefined) return undefined;
      await bus.bounds(topicsOf(service).control, [0]);
      const { trouble } = troubleIn(view, looping);
      const times = `ended ${known.get(looping)?.ends ?? 0} times before it was Ready`;
      return `${looping} ${times}${trouble === undefined ? '' : `: ${trouble}`}`;
    },
  };
}
