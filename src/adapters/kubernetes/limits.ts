// Owns: every bound of the Kubernetes adapter. Units come last in the name.

/** One request; an API server answers in milliseconds, or after a leader election of etcd. */
export const requestTimeoutMs = 5_000;
/** A request with its repeats, whatever the server says about when to come again. */
export const operationMs = 15_000;
/** First wait before a request is repeated, doubling … */
export const retryFirstMs = 100;
/** … up to this. */
export const retryMaxMs = 3_000;
/** A server that does not know us (401) may in a moment: a token is being exchanged. Asked so often again. */
export const unknownRepeatsMax = 3;
/** Races for the same object that one write may lose to writers who leave alone what it decides on. */
export const raceAttemptsMax = 8;
/** The controller names the revision of a change some milliseconds later; waited for this long … */
export const revisionWaitMs = 2_000;
/** … with a look each time. */
export const revisionPollMs = 50;
/** A StatefulSet that was there and is not may be made anew around its pods: waited for this long … */
export const remadeWithinMs = 5_000;
/** … with a look each time. */
export const remadePollMs = 200;
/** The server ends a watch after this; it goes on from where it was. */
export const watchForS = 240;
/** A watch that outlives that by this is dead, and nobody said so. */
export const watchOverdueMs = 15_000;
/** A watch that was silent for this long may be dead, too: whoever observes asks for a list. */
export const watchSilentMs = 10_000;
/** Wait before a watch that failed is opened again, doubling up to the other. */
export const watchRetryFirstMs = 100;
export const watchRetryMaxMs = 5_000;
/** Ended processes that are remembered, oldest forgotten first; a forgotten one is "unknown". */
export const endedRememberedMax = 10_000;
/** Pods of one page of a list. */
export const listPageMax = 500;
/** Pages of one list: 50 000 pods; what goes on longer has no end. */
export const listPagesMax = 100;
/** A list whose place the server forgot in the middle (410) is begun again so often. */
export const listsAnewMax = 2;
