// Owns: one fencing under way: the real machine and how far its appends are. As in src/logs/fence.ts:
// `fence` is appended and acknowledged, the machine says when it is over, `fenced` goes to the
// sessions logs and only then to the ownership log. Never decides whom to fence.

import type { Fencing } from '../../core/handover/fencing.js';
import type { Fenced } from '../../core/records.js';
import { copyOf } from './graph.js';

export interface FencePart {
  /** Place of the incarnation that fences; -1 for the control plane. */
  readonly by: number;
  readonly victim: number;
  readonly fencing: Fencing | null;
  stage:
    'fence-sent' | 'fence-landed' | 'waiting' | 'telling-sessions' | 'telling-ownership' | 'done';
  fenced: Fenced | null;
}

export type FenceStep = 'acknowledged' | 'time' | 'heard' | 'process-ended';

/**
 * One step; null when the machine does not take it. The fencer's clock is as fast as drift allows: all
 * of the margin may have gone by for nobody else.
 */
export function fenceStep(
  before: FencePart,
  step: FenceStep,
  victim: string,
  driftMs: number,
): FencePart | null {
  const part = copyOf(before);
  const { fencing } = part;
  if (fencing === null) return null;
  if (step === 'acknowledged') {
    fencing.onAppended(0);
    part.stage = 'waiting';
    return part;
  }
  if (step === 'heard') fencing.onLeaseRecord({ type: 'fence-acknowledged', incarnation: victim });
  if (step === 'process-ended') fencing.onProcessEnded();
  const fenced = fencing.verdict(driftMs);
  if (fenced === null) return null;
  return { ...part, fencing: null, stage: 'telling-sessions', fenced };
}
