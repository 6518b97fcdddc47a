// Owns: the name by which an activity tells its workflow that the epoch it was given is another run's.

/** Type of that failure: the run was reset, and has to begin anew. */
export const otherRunType = 'EpochOfAnotherRun';
