// Owns: what of a saga's steps fits into the payload of its record: notes get shorter, all alike, then the
// first steps are left out, and that is counted. The whole stays in the history of the run. Pure.

import type { StepRecord } from '../activities/types.js';
import { bytesOf, shorten } from '../src/core/bytes.js';

/** Of one note; twice that for a step that failed, because its note says why. */
const noteMaxBytes = 200;
const noteMinBytes = 16;
const lessBytes = 4;

export interface RecordedSteps {
  readonly steps: readonly StepRecord[];
  /** Steps before these that did not fit. */
  readonly leftOut: number;
}

/** The longest notes with which all steps fit into so many bytes of JSON; else the last steps. */
export function stepsWithin(steps: readonly StepRecord[], maxBytes: number): RecordedSteps {
  const fits = (some: readonly StepRecord[]) => bytesOf(some) <= maxBytes;
  let shorter = steps;
  for (let max = noteMaxBytes; max >= noteMinBytes; max -= lessBytes) {
    shorter = steps.map((step) => withNote(step, max));
    if (fits(shorter)) return { steps: shorter, leftOut: 0 };
  }
  while (shorter.length > 1 && !fits(shorter)) shorter = shorter.slice(1);
  return { steps: shorter, leftOut: steps.length - shorter.length };
}

function withNote(step: StepRecord, maxBytes: number): StepRecord {
  return { ...step, note: shorten(step.note, step.state === 'failed' ? 2 * maxBytes : maxBytes) };
}
