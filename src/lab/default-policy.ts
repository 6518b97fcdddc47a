// Owns: the policy that a trace is replayed with when nobody gave one: the documented defaults, sized by
// the trace. Never reads a file.

import { completePolicy, type Policy } from '../core/scaling/policy.js';
import type { Trace } from './trace.js';

/** The mean of a trace needs so many instances. */
const instancesOfMean = 20;
/**
 * Shares of the target: what is above is near the capacity, what is below is worth a removal. Both are so
 * far off that rows of 5 min with 5 % of noise scale nothing: of 8 640 in a month one is 19 % above the mean.
 */
const upperShare = 1.2;
const lowerShare = 0.75;
const partitions = 20_000;
const instancesMax = 1_000;

/**
 * Unlike a live service, a replay lets the forecast act: nobody is moved by it. Undefined for a trace
 * without any load, which needs no instance.
 */
export function defaultPolicy({ values }: Trace): Policy | undefined {
  let sum = 0;
  let most = 0;
  for (const value of values) {
    sum += value;
    if (value > most) most = value;
  }
  if (sum === 0) return undefined;
  const target = sum / values.length / instancesOfMean;
  return policyFor(target, Math.min(instancesMax, Math.ceil(most / target) + 1));
}

/** Documented defaults around a target, in connected users per instance. */
export function policyFor(target: number, max: number): Policy {
  return completePolicy({
    service: 'messaging',
    partitions,
    instances: { min: 1, max },
    clientsPerInstance: { upper: upperShare * target, lower: lowerShare * target, target },
    forecast: { mode: 'acting' },
  });
}
