// Owns: from a replay's rows to what a chart can show: as many buckets as there are pixels, and the week
// in which the first policy was overloaded most. Never draws.

import { dayMs } from '../../core/forecast/grid.js';
import type { Trace } from '../trace.js';

/** What served at each row, for one policy. */
export interface Served {
  readonly name: string;
  readonly capacity: number;
  /** Instances at each step of the trace; 0 before what is counted. */
  readonly instances: Uint16Array;
}

export interface Timeline {
  readonly trace: Trace;
  /** Steps that are counted. */
  readonly fromStep: number;
  readonly served: readonly Served[];
}

export interface Bucket {
  readonly atMs: number;
  readonly least: number;
  readonly most: number;
  /** For each policy, what could be served when the load was greatest. */
  readonly capacity: readonly number[];
  /** At some row of it the load was above the capacity of the first policy. */
  readonly over: boolean;
}

const weekMs = 7 * dayMs;

/** At most `count` buckets of whole steps over [from, to); of whole days where that is near enough. */
export function bucketsOf(
  timeline: Timeline,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): readonly Bucket[] {
  const { startMs, stepMs } = timeline.trace;
  const least = Math.max(1, Math.ceil((to - from) / count));
  const day = Math.max(1, Math.round(dayMs / stepMs));
  // Days side by side can be compared; parts of days make stripes of mornings and evenings.
  const width = least > day / 4 ? Math.ceil(least / day) * day : least;
  const buckets: Bucket[] = [];
  for (let start = from; start < to; start += width) {
    const atMs = startMs + start * stepMs;
    buckets.push({ atMs, ...extremesOf(timeline, start, Math.min(to, start + width)) });
  }
  return buckets;
}

function extremesOf({ trace, served }: Timeline, from: number, to: number): Omit<Bucket, 'atMs'> {
  const { values } = trace;
  const [first] = served;
  let least = Infinity;
  let most = -1;
  let greatest = from;
  let over = false;
  for (let step = from; step < to; step += 1) {
    const value = values[step] ?? 0;
    if (value < least) least = value;
    if (value > most) [most, greatest] = [value, step];
    if (first !== undefined && value > (first.instances[step] ?? 0) * first.capacity) over = true;
  }
  const capacity = served.map((of) => (of.instances[greatest] ?? 0) * of.capacity);
  return { least, most, capacity, over };
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Rows above the capacity of the first policy. */
  readonly overloaded: number;
}

/** The seven days with most rows above the capacity of the first policy; of equals, with most load. */
export function worstWeek({ trace, fromStep, served }: Timeline): Stretch {
  const { values, stepMs } = trace;
  const [first] = served;
  const length = Math.max(1, Math.min(values.length - fromStep, Math.round(weekMs / stepMs)));
  const above = (step: number): number => {
    if (step < fromStep || first === undefined) return 0;
    return (values[step] ?? 0) > (first.instances[step] ?? 0) * first.capacity ? 1 : 0;
  };
  let overloaded = 0;
  let load = 0;
  let best = { from: fromStep, overloaded: -1, load: -1 };
  for (let step = fromStep; step < values.length; step += 1) {
    overloaded += above(step) - above(step - length);
    load += (values[step] ?? 0) - (step - length >= fromStep ? (values[step - length] ?? 0) : 0);
    const from = step - length + 1;
    if (from < fromStep) continue;
    const more = overloaded > best.overloaded;
    if (more || (overloaded === best.overloaded && load > best.load))
      best = { from, overloaded, load };
  }
  return { from: best.from, to: best.from + length, overloaded: Math.max(0, best.overloaded) };
}
