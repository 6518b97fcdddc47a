// Owns: the one sentence that people read for why a forecast may act, or may not. Never judges.

import type { TrustReason } from './trust.js';

/** One sentence without a full stop. */
export function trustText(why: TrustReason): string {
  switch (why.kind) {
    case 'better-than-last-value':
      return `its error was ${percent(why.error)}, that of the last value ${percent(why.lastValue)}`;
    case 'value-missing':
      return 'what is connected now is not known';
    case 'too-little-measured':
      return `${why.steps} of its forecasts have been measured, and ${why.stepsMin} are wanted`;
    case 'no-load':
      return 'there was nobody to foresee';
    case 'error-too-large':
      return `it was off by ${percent(why.error)} of the load (at most ${percent(why.errorMax)})`;
    case 'not-better-than-last-value':
      return `its error was ${percent(why.error)}, not ${percent(why.margin)} below that of the last value (${percent(why.lastValue)})`;
    case 'worse-lately':
      return `in the last hours its error was ${percent(why.error)}, that of the last value ${percent(why.lastValue)}`;
  }
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
