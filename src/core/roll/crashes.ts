// Owns: counting how often an instance ends while somebody waits for it, from the totals that a platform
// tells. Never looks itself.

/** Ends of one instance that are an accident, and are waited for; one more is a crash loop. */
export const accidentsMax = 1;

export interface Crashes {
  /** The platform's total at the last look; null before the first. */
  readonly total: number | null;
  /** Ends while it was looked at. */
  readonly ends: number;
}

export const noCrashes: Crashes = { total: null, ends: 0 };

/** A total that fell began anew: the instance was put there again meanwhile. */
export function countEnds({ total: before, ends }: Crashes, total: number): Crashes {
  const more = before === null ? 0 : total < before ? total : total - before;
  return { total, ends: ends + more };
}
