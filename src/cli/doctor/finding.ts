// Owns: what doctor says of one thing that it looked at. Types only.

/** `warning`: it works, but not as production needs it; `unknown`: it could not be looked at. */
export type Verdict = 'ok' | 'warning' | 'fault' | 'unknown';

export interface Finding {
  /** Stable name for programs: `schedule`, `leases`, … */
  readonly check: string;
  readonly verdict: Verdict;
  /** One sentence: what was found. */
  readonly found: string;
  /** What to do about it; null when nothing is to be done. */
  readonly mend: string | null;
}

export const ok = (check: string, found: string): Finding => ({
  check,
  verdict: 'ok',
  found,
  mend: null,
});

export const warning = (check: string, found: string, mend: string): Finding => ({
  check,
  verdict: 'warning',
  found,
  mend,
});

export const fault = (check: string, found: string, mend: string): Finding => ({
  check,
  verdict: 'fault',
  found,
  mend,
});

export const unknown = (check: string, found: string, mend: string): Finding => ({
  check,
  verdict: 'unknown',
  found,
  mend,
});
