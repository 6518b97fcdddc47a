// Owns: an activity that outlives its run: when it is first called the run is terminated by hand, and it
// does its work only when it is let go.
import type { Activities } from '../../../activities/index.js';
import type { World } from './saga-world.js';

export function outliving(name: keyof Activities) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let work: Promise<unknown> | undefined;
  return {
    /** For the worker of the world that `worldOf` tells. */
    wrap:
      (worldOf: () => World) =>
      (activities: Activities): Activities => ({
        ...activities,
        [name]: async (input: never) => {
          const real = activities[name] as (input: never) => Promise<unknown>;
          if (work !== undefined) return real(input);
          work = released.then(() => real(input));
          work.catch(() => undefined);
          const w = worldOf();
          await w.client.workflow.getHandle(`rebalance/${w.service}`).terminate('by hand');
          return work;
        },
      }),
    /** Lets it work: `done`, or with what sentence it was refused. */
    letGo: async (): Promise<string> => {
      release();
      return (work ?? Promise.reject(new Error(`${name} was never called`))).then(
        () => 'done',
        (error: Error) => error.message,
      );
    },
  };
}
