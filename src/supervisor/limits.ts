// Owns: every bound of the local supervisor. Units come last in the name.

/** How often an instance is asked whether it is ready. */
export const probeEveryMs = 200;
/** And how often once it is ready: for as long as nothing changes, this is what an idle instance costs. */
export const probeReadyEveryMs = 1_000;
/** An answer that takes longer than this is no answer. */
export const probeTimeoutMs = 1_000;
/** So many failed probes in a row make a ready instance not ready, as Kubernetes' default. */
export const probeFailuresMax = 3;

/** From SIGTERM to SIGKILL when an instance is removed: the default of Kubernetes. */
export const terminationGraceMs = 30_000;
/** The same when the supervisor itself ends: shorter than the patience of whoever ends it. */
export const shutdownGraceMs = 3_000;

/** Waits before an instance that ended by itself is started again: 0, then these, then the last. */
export const restartBackoffMs: readonly number[] = [0, 250, 500, 1_000, 2_000, 5_000];
/** A life longer than this starts the waits over. */
export const stableAfterMs = 10_000;

/** Ended processes of its ordinal that a new one is told of. */
export const endedUidsToldMax = 8;
/** Ended processes that are remembered, oldest forgotten first; a forgotten one is "unknown". */
export const endedRememberedMax = 10_000;
/** Services of one supervisor. */
export const servicesMax = 64;
/** Instances of one service: more than a development machine can run. */
export const instancesMax = 256;
/** Largest request body. */
export const bodyMaxBytes = 64 * 1024;

/** Earlier templates of a service that it can go back to: as many as a StatefulSet keeps by default. */
export const templatesKeptMax = 10;
