// Every bound of the conformance kit. Bounds of the protocol itself are in src/limits.ts; what is added
// here is patience with a busy machine, so that an instance fails for what it does and not for how fast.

/** An answer that the protocol wants at once. */
export const answerWithinMs = 10_000;
/** A step of a hand-over, append and read-back included. */
export const stepWithinMs = 15_000;
/** A program from its start to Ready. */
export const startWithinMs = 60_000;
/** A client that says nothing has this long before a kit calls the end too early: 5 s and less than one of drift. */
export const silentAtLeastMs = 4_200;
/** And the end is too late beyond this: 5 s and some patience. */
export const silentAtMostMs = 9_000;
/** Silence is believed after this long: what would be said is said within some 100 ms. */
export const quietMs = 1_500;
/** Heartbeats are watched this long: at 500 ms each, ten of them. */
export const heartbeatsWatchedMs = 5_000;
/** Mean distance of heartbeats that passes: half to double of the 500 ms. */
export const heartbeatMeanMinMs = 250;
export const heartbeatMeanMaxMs = 1_000;
/** And their median: well below the 900 ms that are silence. */
export const heartbeatMedianMaxMs = 750;
/** Clocks of brokers differ by less than this, when append times of two logs are compared. */
export const brokerSkewMs = 100;
/** Names that are tried to find a user of a given partition: 20 000 partitions, with room. */
export const namesTriedMax = 400_000;
/** Clients that wait for a move of a running service, spread over the instance's partitions. */
export const waitingClientsMax = 24;
/** A rebalance of a running service, from the request to its outcome. */
export const rebalanceWithinMs = 5 * 60_000;
/** Lines of a program's own output that are shown when it does not start. */
export const tailLinesMax = 5;
/** Between two waves: long enough for one that must not start, well below the 2 s of a take-back. */
export const betweenWavesMs = 800;
/** A pace at which three clients take 3 s: no busy machine is as slow as that by itself. */
export const slowClientsPerSecond = 1;
/** Whoever reported itself this lately runs; it does so every second, by a clock that may differ. */
export const reportedWithinMs = 60_000;
/** Addresses that are named where none was meant. */
export const urlsShownMax = 8;
/** Frames at once: beyond the burst of 512, and what 15 s of 200 a second add. */
export const floodFrames = 4_000;
/** How often a condition is looked at. */
export const pollMs = 10;
