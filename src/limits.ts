// Every bound of the system in one place: queues, waits, retries, buffers. Units come last in the
// name. Policies may lower some of them; nothing raises one silently.

export * from './limits/embedding.js';

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

/** Clients of one wave that may arrive at the same instant: what a receiver welcomes within some
 * 100 ms when it does little else. More (one partition with more clients than that) are spread
 * over the time that the receiver needs for them by the policy's `acceptPerSecond` … */
export const arrivalsAtOnceMax = 50;
/** … but over no more than this: half of the gap objective (P99 1 s), because a delay is part of it. */
export const delayMaxMs = 500;

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

/** A Kafka or MongoDB connection that is not up by then counts as refused. */
export const connectTimeoutMs = 1_000;
/** How long a start waits for a backing service before it says so: one clear sentence within 10 s. */
export const reachWithinMs = 8_000;
/** An unanswered Kafka request of a reader or an appender counts as lost after this; creating 5 000
 * partitions takes longer, so administration has a bound of its own. */
export const kafkaRequestMs = 5_000;
export const kafkaAdminRequestMs = 60_000;
/** Bounds, offsets and ranges of a topic, retries included. */
export const kafkaOperationMs = 15_000;
/** Long poll of a reader. Kafka answers at once when there is something, and partitions that join
 * do not wait for it to end: so it only sets what an idle reader costs, a request a second. */
export const readerMaxWaitMs = 1_000;
/** Poll for partitions that joined while a long poll was under way: at most 1 000 / 20 of these until it ends. */
export const joiningMaxWaitMs = 20;
/** What one fetch may return: all partitions together, and each. */
export const fetchMaxBytes = 8 * 1024 * 1024;
export const fetchPartitionMaxBytes = 1024 * 1024;
/** A compressed batch that grows beyond this is not read: a record of ours has at most some 100 KiB. */
export const batchInflatedMaxBytes = 16 * 1024 * 1024;
/** Records of an unreadable batch told one by one, and partitions for which that is said at all. */
export const unreadableOffsetsMax = 10_000;
export const unreadablePartitionsSaidMax = 1_000;
/** A reader of so many partitions or more pauses between two fetches that brought something: each
 * asks for all of its partitions (no fetch sessions in kafkajs), some 1 ms of processor on both ends.
 * Readers of few partitions, the logs of the hand-over among them, never pause. */
export const readerPauseFrom = 16;
export const readerPauseMs = 10;
/** Pause between two attempts of a reader to reach Kafka again: doubling, for ever. */
export const readerRetryMinMs = 50;
export const readerRetryMaxMs = 1_000;
/** An append waits this long for an absent broker, then it is rejected with all that are behind it. */
export const appendWaitMs = 30_000;
/** Pause between two attempts of an append. */
export const appendRetryMs = 100;
/** Records that wait in one appender, the ones under way included. */
export const appendQueueMax = 20_000;
/** Of those, what one outbox of an instance hands over before it waits for an answer. */
export const outboxUnderWayMax = 10_000;
/** Largest record, and largest group of one send: below Kafka's default max.message.bytes of 1 MiB. */
export const recordMaxBytes = 256 * 1024;
export const appendGroupMaxBytes = 768 * 1024;
/** Ranges waiting to be read for clients that come back late. */
export const readRangeQueueMax = 1_000;
/** More in one request fails in KRaft (about 9 900); the rest is added in steps of this. */
export const partitionsPerCreateRequest = 5_000;
/** A new topic in which no further partition gets its leader for this long is given up. A step of
 * 5 000 opens 5 000 logs: 5 s on a quiet machine, over a minute on a busy one with a slow disk. */
export const topicStallMs = 180_000;

/** Evidence and leases are kept a week: longer than any lapse or investigation that reads them. */
export const logRetentionMs = 7 * 24 * 3_600_000;
/** Chat messages are kept a week; who comes back later than that is told `truncated`. */
export const messagesRetentionMs = 7 * 24 * 3_600_000;

/** Records of a topic that are none of ours are counted each, and said once per kind and this. */
export const skipLogEveryMs = 60_000;
/** An ownership record that is still unread is handed to the producer again after this. */
export const repeatAppendAfterMs = 1_000;
/** Timers of the hand-over (take-back, repeats, parked clients) are looked at this often. */
export const tickEveryMs = 50;
/** An instance reports at least this often … */
export const reportEveryMs = 1_000;
/** … and at most this often. */
export const reportAtMostEveryMs = 50;
/** A client that arrived is reported within this: the saga's record waits for the last one of a move. */
export const reportGapsWithinMs = 200;
/** Revisions whose gap histograms an instance keeps. */
export const gapRevisionsMax = 4;
/** Reported gaps are clamped to this. */
export const gapMaxMs = 60_000;
/** A reader is caught up with a log when it reached the end seen at the time of asking; asked this often. */
export const caughtUpPollMs = 5;
/** And it is an error when that takes longer. */
export const caughtUpWithinMs = 30_000;
/** A checkpoint of ConfigDB that is not there within this is done without: the log is read whole. */
export const checkpointWithinMs = 1_000;
/** Partitions that are no longer needed are dropped from the reader this long after the last change. */
export const forgetAfterMs = 5_000;
/** A checkpoint of the ownership log is written after this many records. */
export const checkpointEveryRecords = 50_000;

// ---- Worker

/** A worker reads the Schedules for its metrics this often: as often as they evaluate by default. */
export const readSchedulesEveryMs = 15_000;

// ---- Messaging service and its clients

/** Sends of one connection without an answer; a chat client has a handful. */
export const sendsInFlightPerConnectionMax = 256;
/** Frames of one connection: a token bucket of this rate … */
export const framesPerSecondMax = 200;
/** … and this burst: all sends in flight repeated at once after a reconnect, and some. */
export const framesBurstMax = 512;
/** Bytes waiting in one socket; beyond it the client is too slow and is closed. */
export const sendBufferMaxBytes = 512 * 1024;
/** Catching up from buffer or Kafka waits for the socket above this: an eighth of the above. */
export const catchUpBufferBytes = 64 * 1024;
/** Sockets of one instance, greeted or not: 2.5 times the clients that may be parked. */
export const connectionsPerInstanceMax = 50_000;
/** Connections that the kernel keeps until they are accepted; it may keep fewer (`somaxconn`). With
 * Node's 511 the rest of an instance's clients came back 1 s or 3 s later: a lost SYN is repeated then. */
export const listenBacklogMax = 4_096;
/** Sockets that have not said hello; beyond it the oldest of them goes: 5 s of 1 000 new ones a second. */
export const greetingSocketsMax = 5_000;
/** Hellos of one instance: a bucket of this rate (a token takes 0.5 ms of a core to verify, evidence
 * and welcome as much, so this is half a core) … */
export const acceptsPerSecondMax = 500;
/** … and this burst: an instance of 1 000 clients lost, its clients shared by two. No wave is as big. */
export const acceptsBurstMax = 500;
/** Who comes faster waits in line, in order, and no longer than this: with `parkedMs` behind it, that
 * is less than the 10 s after which a client looks elsewhere. 2 000 in line; the next is `too-many`. */
export const acceptWaitMaxMs = 4_000;
/** Connections taken in one turn of the event loop, each by a copy of the listening handle: more than
 * the largest wave that comes in one turn. */
export const doorsPerInstance = 8;
/** The copies are made within this, or there are fewer. */
export const doorsWithinMs = 2_000;
/** An HTTP head must arrive within this: what never becomes a WebSocket holds no socket longer. */
export const httpHeadWithinMs = 5_000;
/** A file with public keys is read again this often: how soon a new key counts, and a revoked one not. */
export const keysRereadMs = 10_000;
/** Origins that an instance may be told to allow. */
export const originsMax = 100;
/** Characters of a user, client or message id. */
export const idMaxChars = 128;
/** A body up to this, as JSON text, fits a frame unmeasured: 4 KiB are more than ids and names take. */
export const bodyMaxBytes = frameMaxBytes - 4 * 1024;
/** A socket closed for an error of the client may read the reason this long. */
export const closeAfterErrorMs = 1_000;
/** Unanswered pings this long mean that nobody is there. */
export const silentSocketMs = 30_000;
/** Bytes of those records: 1 000 partitions of an instance then take 256 MB at the very most. */
export const bufferedBytesPerPartitionMax = 256 * 1024;
/** Ids of accepted sends that one instance remembers (about 100 bytes each). */
export const knownSendsMax = 200_000;
/** Message ids of one partition remembered to drop duplicates: 68 messages/s over the window. */
export const duplicatesKnownPerPartitionMax = 8_192;
/** Ranges read from Kafka at once for clients that come back late, or for repeated sends. */
export const rangeReadsAtOnceMax = 8;
/** And how many of those may wait. */
export const rangeReadsWaitingMax = 20_000;
/** Records per range read. */
export const rangeReadRecordsMax = 500;
/** Records read before a late client's offset to know what is a duplicate. */
export const duplicatePreludeRecordsMax = 5_000;
/** Partitions whose recent ids are indexed for repeated sends, least recently used dropped. */
export const sendIndexPartitionsMax = 1_024;
/** A repeated send waits at most this long for the search for its first copy. */
export const findSendWithinMs = 5_000;
/** Largest gap that a client's own report may claim. */
export const gapReportedMaxMs = 60_000;
/** A new instance rehearses so many moves, of so many clients at a time, before it says it is ready:
 * after some 300 the code of a move runs as fast as it will … */
export const rehearsalMoves = 300;
export const rehearsalClients = 20;
/** … and no longer than this, however slow the machine. */
export const rehearsalWithinMs = 1_500;
/** How often it looks whether all have moved. */
export const rehearsalPauseMs = 1;
/** An instance told to terminate leaves within this; Kubernetes' grace period must be longer. */
export const leaveWithinMs = 25_000;
/** It gives everything away by itself when the control plane has not planned without it by then: the
 * watcher looks every second, and a saga commits within two or three … */
export const leaveUnansweredMs = 5_000;
/** … and when no more than this is left: 2 000 clients at the default pace. */
export const leaveAloneWithinMs = 8_000;

/** Sends of a client library without an answer: well below what a server allows. */
export const clientSendsInFlightMax = 64;
/** Sends that wait in a client library. */
export const clientSendsQueuedMax = 1_000;
/** Sends per second of a client library: half of what a server allows. */
export const clientSendsPerSecondMax = 100;
/** First wait before a client asks the directory again, doubling … */
export const clientBackoffFirstMs = 100;
/** … up to this, with full jitter. */
export const clientBackoffMaxMs = 5_000;
/** Jitter on top of the directory's `Retry-After`: its places are a second wide. */
export const clientRetryJitterMs = 1_000;
/** A dial unanswered this long has failed. */
export const clientDialWithinMs = 5_000;
/** The same for a question to the directory, which may hold it (`sessionsHeldMs`). */
export const clientAskWithinMs = 10_000;
/** A client that was not welcomed this long after its hello looks elsewhere: twice `parkedMs`. */
export const clientWelcomeWithinMs = 10_000;
/** Refusals (bad token, bad frame) in a row after which a client gives up. */
export const clientRefusalsMax = 5;

/** Sessions handed out: a bucket of this rate (signing and answering one takes 0.4 ms of a core) … */
export const sessionsPerSecondMax = 1_000;
/** … and this burst: all clients of an instance of 2 000 at once. */
export const sessionsBurstMax = 2_000;
/** Who comes faster is told with `Retry-After` when to come, at most this far ahead: 60 000 in line. */
export const sessionsWaitMaxMs = 60_000;
/** A place in that line is kept this long for who comes late: `Retry-After` is in whole seconds, and
 * clients add a jitter of up to 5 s to it. */
export const sessionsPlaceKeptMs = 15_000;
/** A question for a session is held this long while nobody live holds the partition: a killed instance
 * is back within 3 s, more on a busy machine. Less than a client waits (`clientAskWithinMs`). */
export const sessionsHeldMs = 8_000;
/** And so many at most (a socket and some 10 KB each); the next is told to come back at once. */
export const sessionsHeldMax = 10_000;
/** A holder without a heartbeat for this long is taken for dead by the directory: it misses its second.
 * Too early does no harm: whoever asks is answered when the next heartbeat is read. */
export const silentHolderMs = 900;
/** Requests per second of one address without the right key: guessing. */
export const guessesPerSecondMax = 100;
/** Questions for the distribution per second and address. */
export const distributionsPerSecondMax = 200;
/** Sessions handed out per user in ten seconds. */
export const sessionsPerUserMax = 200;
/** Longest address that a client may name. */
export const urlMaxChars = 2_048;
/** Body of a request to the directory. */
export const directoryBodyMaxBytes = 4 * 1024;
/** Life of a session token. */
export const sessionTokenMs = 24 * 60 * 60_000;

/** How long an operation waits for a MongoDB server that takes writes, and how long it may take in all. */
export const mongoSelectMs = 5_000;
export const mongoOperationMs = 10_000;
export const mongoPoolMax = 10;
/** Races for an epoch that one writer may lose before it says so: more writers than that are a fault. */
export const epochAttemptsMax = 64;
/** Kept per service, the newest; older ones are removed once in `trimEvery` writes. */
export const decisionsMax = 10_000;
export const rebalancesMax = 10_000;
export const plansMax = 1_000;
export const checkpointsMax = 10;
export const warmedMax = 2_000;
/** Four weeks, which forecasts look back on, with room for a change of the step's length. */
export const loadDaysMax = 40;
export const trimEvery = 100;

/** Rows of a trace that is replayed: a year at 15 s is 2.1 million, 80 MB at most while it is read. */
export const traceRowsMax = 5_000_000;
/** A time and a number have some 40; what is longer is another file. */
export const traceLineMaxChars = 200;
/** Missing rows that are filled, in % of all: more would be another load than the one that was there. */
export const traceGapSharePercentMax = 1;
/** Between two rows. */
export const traceStepMinMs = 1_000;
export const traceStepMaxMs = 7 * 86_400_000;
