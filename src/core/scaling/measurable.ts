// Owns: which numbers can have been measured at all. What is larger than any of them is a fault of whoever
// says it, as a negative number is; and sums and ratios of those that can stay finite, so that a record of
// them is JSON.

/** A petabyte of memory, or more users than people on earth, many times over. */
export const measuredMax = 1e15;

/** Whether connected users, or a signal, can be so many. What is no number, as NaN in a record of JSON, is none. */
export const isMeasurable = (value: number): boolean =>
  Number.isFinite(value) && value >= 0 && value <= measuredMax;
