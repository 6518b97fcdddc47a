// Bounds beyond which a service that embeds the library makes a mistake. Part of src/limits.ts.

/** What an embedding service does wrong is counted each, and said once per kind and this. */
export const mistakeLogEveryMs = 60_000;
/** A client that was told to go, and for which nobody said `closed` by then, was forgotten: 20 times
 * the closing handshake, after which a socket is terminated. */
export const closeForgottenMs = 2_000;
/** A turn of the event loop that is longer is a mistake of the service: half of a lease's TTL. */
export const eventLoopBlockedMs = 1_000;
/** Heartbeats of somebody else with the name of this instance, after which it is no late record of a
 * process that has ended: three seconds of them. */
export const strangersBeatsMax = 6;
