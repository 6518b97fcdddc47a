// Owns: one line in a worker's log for each time that somebody else has changed a number of instances. The
// platform passes through unchanged; whoever reads the line may act, nobody here does.

import type { Platform, PlatformView } from '../ports.js';

type Log = (event: string, detail: Readonly<Record<string, unknown>>) => void;

/** The same platform; `log` is called at the first view that shows a change, not at those after it. */
export function tellingOfOthers(platform: Platform, log: Log): Platform {
  /** What was told of last, by service. */
  const told = new Map<string, string>();
  const look = ({ service, replicas, foreign }: PlatformView): void => {
    if (foreign === undefined) return void told.delete(service);
    const { from, by } = foreign;
    const change = JSON.stringify([from, replicas, by]);
    if (told.get(service) === change) return;
    told.set(service, change);
    log('scaled-by-others', { service, from, to: replicas, by });
  };
  return {
    ...platform,
    observe: async (service) => {
      const view = await platform.observe(service);
      look(view);
      return view;
    },
  };
}

/** `kubectl changed the number of instances from 2 to 4`; undefined when nobody else did. */
export function scaledByOthersText({
  foreign,
  replicas,
}: Pick<PlatformView, 'foreign' | 'replicas'>) {
  if (foreign === undefined) return undefined;
  const who = foreign.by ?? 'somebody else';
  return `${who} changed the number of instances from ${foreign.from} to ${replicas}`;
}
