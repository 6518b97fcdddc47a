// Owns: the regular grid that a series is forecast on: how long a step is, how many steps ahead one
// looks, and the seasons in steps. Never reads a clock.

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Weeks of values that a forecast remembers; the typical week is the median of so many. */
export const weeksKept = 4;
/** 15 s is the pace of evaluations; below it four weeks would be more than 1.3 MB a series. */
export const stepMsMin = 15_000;
/** Looking ahead further than a week, nothing of the last week is known. */
export const horizonDaysMax = 7;

/** Four weeks of minutes: a second of one core when all of them are learnt anew. */
export const stepsLearntMax = 40_320;

/** So far back a live forecast learns, at steps of `stepMs`. */
export const learntMs = (stepMs: number): number =>
  Math.min(weeksKept * 7 * dayMs, stepsLearntMax * stepMs);

export interface Grid {
  readonly stepMs: number;
  /** Steps ahead that a forecast is for; its error is measured at exactly this distance. */
  readonly horizon: number;
  /** Steps of a day and of a week. */
  readonly day: number;
  readonly week: number;
}

/**
 * The grid for a step and a lead time, both in ms: the horizon is the lead time in whole steps, rounded
 * up, and at least one, since what is decided now takes effect no sooner.
 *
 * Throws a RangeError when a day is no whole number of steps, or the lead time is out of range.
 */
export function gridOf(stepMs: number, leadTimeMs: number): Grid {
  if (!Number.isInteger(stepMs) || stepMs < stepMsMin || dayMs % stepMs !== 0) {
    throw new RangeError(
      `stepMs: ${stepMs} found; allowed are whole parts of a day from ${stepMsMin} ms up, such as 300000; choose one of them`,
    );
  }
  const leadTimeMaxMs = horizonDaysMax * dayMs;
  if (!Number.isFinite(leadTimeMs) || leadTimeMs < 0 || leadTimeMs > leadTimeMaxMs) {
    throw new RangeError(
      `leadTimeMs: ${leadTimeMs} found; allowed is 0 to ${leadTimeMaxMs} (a week); give the time that preparing an instance takes`,
    );
  }
  const day = dayMs / stepMs;
  return { stepMs, horizon: Math.max(1, Math.ceil(leadTimeMs / stepMs)), day, week: 7 * day };
}
