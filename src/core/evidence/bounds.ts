// Owns: how much the check remembers, so that its memory does not grow with the length of the logs.
// Forgetting must never hide an overlap: each limit says what happens beyond it.

/**
 * Closed connections of one sessions partition, to tell a repeated `opened` from a new one. A repeat
 * comes within seconds: 250 000 are 25 s of 10 000 closes a second. Beyond, the oldest is forgotten:
 * that can only raise a false alarm. About 40 MB.
 */
export const closedRememberedMax = 250_000;
/**
 * Connections open at once in one sessions partition: 10.2 million clients ÷ 12, twice. Beyond, the
 * verdict is "not ok": what is not remembered is not checked.
 */
export const openConnectionsMax = 2_000_000;
/** Fenced incarnations: every process death of 27 years at 10 a day. Beyond, the verdict is "not ok". */
export const fencedRememberedMax = 100_000;
/**
 * Clients of one sessions partition that were told to move and are not back. Beyond, the oldest
 * counts as not returned; only the estimate of gaps knows less then.
 */
export const leftRememberedMax = 1_000_000;
/**
 * Stretches of ownership of one partition. Beyond, the oldest is forgotten, what was opened at a
 * revision before it is taken on trust, and the report says `truncated`. 20 000 partitions × 256 are
 * at most 300 MB; a partition that moves once an hour for a week has 168.
 */
export const tenuresPerPartitionMax = 256;
/** Revisions with figures in the report: the highest ones. */
export const rebalancesReportedMax = 10_000;
