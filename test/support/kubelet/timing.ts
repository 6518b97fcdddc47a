// Times of the process kubelet. What a pod's manifest says is kept as it is; what the real kubelet brings
// along is shortened, so that a test sees a crash loop in seconds.

/**
 * The first restart is immediate; then these, the last one for ever (a kubelet: 10 s, 20 s … 5 min). Long enough to
 * be reported and seen on a slow machine.
 */
export const crashBackOffMs: readonly number[] = [0, 3_000, 4_000];
/** A life longer than this starts the waits over (a kubelet: 10 min). */
export const stableAfterMs = 60_000;
/** Between two tries to pull an image. */
export const pullAgainAfterMs = 1_000;
/** Heartbeat of a node: its Lease (a kubelet: 10 s). */
export const nodeBeatEveryMs = 2_000;
/** An API call that failed is repeated after this. */
export const repeatCallAfterMs = 250;
/** So much of a life's log becomes its termination message, as with a kubelet. */
export const messageMaxBytes = 2_048;
