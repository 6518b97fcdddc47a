// What one question to Prometheus may cost.

/** For the whole of one request: the answer is wanted within a tick of the Schedule. */
export const requestMs = 5_000;
/** A range of weeks may take longer. */
export const rangeRequestMs = 30_000;
/** Tries of one request, when nobody answers or the server says that it is busy … */
export const triesMax = 2;
/** … and the pause between them. */
export const retryAfterMs = 250;
/** A body that is longer is not read to its end. */
export const answerMaxBytes = 32 * 1024 * 1024;
/** Series of one answer. */
export const seriesMax = 10_000;
/** Prometheus refuses more than 11 000 points a series. */
export const pointsPerRequest = 10_000;
/** Parts of one range: 400 000 points, more than ten weeks of 15 s. */
export const partsMax = 40;
/** Of a query in an error message. */
export const queryShownChars = 120;
