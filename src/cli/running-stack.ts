// Owns: what runs on this machine already, by what it left in the folder of the parts and in the local stack of
// this checkout. Never starts anything.

import { dataDirDefault, runningSupervisor } from '../supervisor/folder.js';

type Found = Readonly<Record<string, string | undefined>>;

/** The supervisor of this folder, and what `npm run stack -- env` prints; of each nothing when it does not run. */
export async function runningStackEnv(env: Found = process.env): Promise<Found> {
  const supervisor = runningSupervisor(env['EVENKEEL_DATA_DIR'] || dataDirDefault);
  const platform =
    supervisor === undefined
      ? {}
      : {
          EVENKEEL_SUPERVISOR_URL: supervisor.url,
          EVENKEEL_SUPERVISOR_TOKEN: supervisor.token,
        };
  try {
    const { readRunningEnv } = await import('../../stack/state.js');
    return { ...readRunningEnv(), ...platform };
  } catch {
    return platform; // The package ships without the local stack.
  }
}
