// The one table of close codes: what a client reads in an `error` frame and in the close frame that
// follows. Contract: never change a number.

/** Codes of `error` frames. */
export type ErrorCode =
  'bad-frame' | 'bad-token' | 'expired' | 'superseded' | 'too-large' | 'too-many' | 'unavailable';

/** After an `error` frame. `unavailable` is 4503: fenced, shutting down, or Kafka does not answer. */
export const errorCloseCodes = {
  'bad-frame': 4400,
  'bad-token': 4401,
  expired: 4403,
  superseded: 4409,
  'too-large': 4413,
  'too-many': 4429,
  unavailable: 4503,
} as const satisfies Record<ErrorCode, number>;

/** After a `disconnect` frame, by its reason. */
export const disconnectCloseCodes = { moved: 4001, leaving: 4001, replaced: 4003 } as const;

/** After a `redirect` frame. */
export const redirectCloseCode = 4002;

/** Answers `bye`. */
export const byeCloseCode = 1000;
