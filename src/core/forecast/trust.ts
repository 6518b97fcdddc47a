// Owns: whether a forecast may act, from how it fared lately against the last value, which needs no
// forecast. Every answer has its reason and its numbers. Never looks at the forecast itself.

import type { Grid } from './grid.js';
import { RollingSums } from './rolling-sums.js';
import type { Saved } from './saved.js';

export interface TrustPolicy {
  /** The forecast's error must be at least this share below the last value's, [0, 1). */
  readonly margin: number;
  /** And at most this share of the load itself: what is off by half foresees nothing. */
  readonly errorMax: number;
  /** Whole days over which errors are compared, 1 to 28. */
  readonly windowDays: number;
  /** Days' worth of measured forecasts in the window before anything is trusted. */
  readonly daysMin: number;
}

/**
 * A tenth better than no forecast at all, over a week, so that every weekday has been seen; a quarter of
 * the load is what thresholds usually leave as room. Two days: one of them might be a repetition.
 */
export const trustDefaults: TrustPolicy = {
  margin: 0.1,
  errorMax: 0.25,
  windowDays: 7,
  daysMin: 2,
};

/** Why a forecast acts or does not; errors are WAPE, as shares of the load (0.05 is 5 %). */
export type TrustReason =
  | { readonly kind: 'better-than-last-value'; readonly error: number; readonly lastValue: number }
  | { readonly kind: 'value-missing' }
  | { readonly kind: 'too-little-measured'; readonly steps: number; readonly stepsMin: number }
  | { readonly kind: 'no-load' }
  | { readonly kind: 'error-too-large'; readonly error: number; readonly errorMax: number }
  | {
      readonly kind: 'not-better-than-last-value';
      readonly error: number;
      readonly lastValue: number;
      readonly margin: number;
    }
  | {
      readonly kind: 'worse-lately';
      readonly error: number;
      readonly lastValue: number;
      readonly steps: number;
    };

export interface Trust {
  readonly acts: boolean;
  readonly why: TrustReason;
}

/** Errors are summed in quarters of a day; "lately" is the quarter at hand and the one before. */
const blocksPerDay = 4;
const latelyBlocks = 2;

const measured = 0;
const load = 1;
const ofForecast = 2;
const ofLastValue = 3;

export class TrustLedger {
  private readonly sums: RollingSums;
  private readonly stepsMin: number;
  private known = false;

  constructor(
    grid: Grid,
    private readonly policy: TrustPolicy,
  ) {
    const blockSteps = Math.max(1, Math.round(grid.day / blocksPerDay));
    const blocks = Math.max(latelyBlocks, Math.ceil((policy.windowDays * grid.day) / blockSteps));
    this.sums = new RollingSums(4, blocks, blockSteps);
    this.stepsMin = Math.ceil(policy.daysMin * grid.day);
  }

  /** Takes in a step: what came (undefined: a gap) and what the two had said of it. */
  score(value: number | undefined, forecast: number, lastValue: number): void {
    this.sums.step();
    this.known = value !== undefined;
    if (value === undefined || forecast !== forecast) return;
    this.sums.add(measured, 1);
    this.sums.add(load, Math.abs(value));
    this.sums.add(ofForecast, Math.abs(value - forecast));
    this.sums.add(ofLastValue, Math.abs(value - lastValue));
  }

  /** Whether a forecast made now may act. The reason named is the first that speaks against it. */
  judge(): Trust {
    const { sums, policy, stepsMin } = this;
    if (!this.known) return no({ kind: 'value-missing' });
    const steps = sums.sum(measured);
    if (steps < stepsMin) return no({ kind: 'too-little-measured', steps, stepsMin });
    const total = sums.sum(load);
    if (total === 0) return no({ kind: 'no-load' });
    const error = sums.sum(ofForecast) / total;
    const lastValue = sums.sum(ofLastValue) / total;
    const { margin, errorMax } = policy;
    if (error > errorMax) return no({ kind: 'error-too-large', error, errorMax });
    if (!(error < lastValue * (1 - margin))) {
      return no({ kind: 'not-better-than-last-value', error, lastValue, margin });
    }
    const lately = this.lately();
    if (lately !== undefined) return no(lately);
    return { acts: true, why: { kind: 'better-than-last-value', error, lastValue } };
  }

  save(): Saved {
    return { sums: this.sums.save(), known: this.known };
  }

  load(from: Saved): void {
    this.sums.load(from['sums'] as Saved);
    this.known = from['known'] === true;
  }

  /** A good week does not excuse the last hours: the regime has changed, or it is a holiday. */
  private lately(): TrustReason | undefined {
    const total = this.sums.sum(load, latelyBlocks);
    const off = this.sums.sum(ofForecast, latelyBlocks);
    const offLast = this.sums.sum(ofLastValue, latelyBlocks);
    if (off <= offLast) return undefined;
    const share = (sum: number): number => (total === 0 ? 0 : sum / total);
    const steps = this.sums.sum(measured, latelyBlocks);
    return { kind: 'worse-lately', error: share(off), lastValue: share(offLast), steps };
  }
}

function no(why: TrustReason): Trust {
  return { acts: false, why };
}
