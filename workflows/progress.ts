// Owns: how far a hand-over is and how long it will still take, in numbers, for the page of the run
// and for the command line. Pure; decides nothing.

import type { HandOverProgress, PlanSummary } from '../activities/types.js';

export interface Share {
  readonly done: number;
  readonly of: number;
}

/** Of the partitions that move; of all of them where none moves from anybody (a first distribution). */
export function shareOf(
  { movedPartitions }: Pick<PlanSummary, 'movedPartitions'>,
  { held, of }: Pick<HandOverProgress, 'held' | 'of'>,
): Share {
  if (movedPartitions === 0) return { done: held, of };
  return { done: Math.max(0, movedPartitions - (of - held)), of: movedPartitions };
}

/** By the rate so far; by the policy's pace while nothing has arrived. */
export function leftMs(
  { estimateMs }: Pick<PlanSummary, 'estimateMs'>,
  { done, of }: Share,
  soFarMs: number,
): number {
  return done === 0 ? estimateMs : Math.round((Math.max(0, soFarMs) * (of - done)) / done);
}

/** `████░░░░`; full where there is nothing to do. */
export function barText({ done, of }: Share, width: number): string {
  const full = of === 0 ? width : Math.max(0, Math.min(width, Math.floor((done / of) * width)));
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}
