// Every bound of the system in one place: queues, waits, retries, buffers. Units come last in the
// name. Policies may lower some of them; nothing raises one silently.

/** How long an instance may speak after it first sent a heartbeat that it has read back. */
export const leaseTtlMs = 2_000;
/** Heartbeats per lease: four chances to be read before the lease lapses. */
export const heartbeatEveryMs = 500;
/** Bounded drift of clock rates between machines, added to a TTL by whoever waits for it to pass. */
export const leaseMarginMs = 500;
/** Sockets survive a lapsed lease this long: longer than a broker failover. */
export const suspendedGraceMs = 15_000;
/** A lease that lapsed longer than this counts as fenced: far below the retention of the topic. */
export const leaseLapseMaxMs = 10 * 60_000;

/** A donor takes a partition back when nobody acquired it this long after its `released` was read. */
export const takeBackAfterMs = 2_000;
/** A client that does not answer the closing handshake is terminated after this. */
export const closeHandshakeMs = 100;
/** A client that arrives before its partition is acquired waits at most this long. */
export const parkedMs = 5_000;
/** And at most so many wait on one instance. */
export const parkedClientsMax = 20_000;
/** Clients told to move in one wave of one receiver, shared by its donors. */
export const clientsPerWave = 25;
/** Partitions released in one wave of one donor (partitions without clients are cheap, not free). */
export const partitionsPerWave = 64;

/** Duplicates of a send are dropped by a reader that starts this far back. Clients give up at 60 s. */
export const duplicateWindowMs = 120_000;
/** A client repeats a send with the same id at most this long. */
export const sendGiveUpMs = 60_000;
/** Records of one partition kept in memory for clients that come back. */
export const bufferedRecordsPerPartition = 256;

/** Largest text frame of the client protocol. */
export const frameMaxBytes = 64 * 1024;
/** The first frame must arrive within this. */
export const helloWithinMs = 5_000;
/** `alive` frames; a client treats 2.5 times this of silence as a lost connection. */
export const aliveEveryMs = 4_000;
/** Redirects that a client follows before it asks the directory again. */
export const redirectsMax = 3;

/** Partitions of the sessions and leases topics. */
export const evidencePartitions = 12;
