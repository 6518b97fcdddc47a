import { describe, expect, it } from 'vitest';
import {
  growthsLookedAt,
  leadTimeDefaultMs,
  leadTimeMs,
} from '../../../src/core/scaling/lead-time.js';
import { policy } from './given.js';

const windows = { upMs: 60_000, downMs: 300_000, urgentShare: 0.3 };
const measured = policy({ stabilisation: windows });
const took = (...ms: number[]) => ms.map((tookMs) => ({ tookMs }));

describe('the lead time', () => {
  it('is the slowest of the last growths, the growing window, and one evaluation', () => {
    expect(leadTimeMs(measured, took(20_000, 45_000, 30_000))).toBe(45_000 + 60_000 + 15_000);
  });

  it('forgets a growth that was slow long ago', () => {
    const lately = Array.from({ length: growthsLookedAt }, () => 20_000);
    expect(leadTimeMs(measured, took(...lately, 900_000))).toBe(95_000);
  });

  it('has a default before the first growth', () => {
    expect(leadTimeMs(measured, [])).toBe(leadTimeDefaultMs + 75_000);
  });

  it('is what the policy says, when it says it', () => {
    const said = policy({ forecast: { ...policy().forecast, horizonMs: 600_000 } });
    expect(leadTimeMs(said, took(20_000))).toBe(600_000);
  });
});
