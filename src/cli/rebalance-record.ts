// Owns: the record of a rebalance in ConfigDB as commands show it. A saga that was terminated left
// only a part of one, so every field may be missing. Pure.

import type {
  Gaps,
  Outcome,
  RebalanceRequest,
  RecordInput,
  StepRecord,
  UnbegunInput,
  UnbegunRequest,
} from '../../activities/types.js';
import type { RebalanceDoc } from '../ports.js';

export interface RebalanceSeen {
  readonly id: string;
  readonly atMs: number;
  readonly runId: string;
  /** Null: it runs, or was terminated. */
  readonly outcome: Outcome | null;
  readonly text: string;
  readonly request: RebalanceRequest | null;
  readonly plan: RecordInput['plan'];
  /** In force afterwards. */
  readonly revision: number | null;
  readonly movedClients: number;
  readonly notReturned: number;
  /** Of those that were told to move. */
  readonly gapMs: Gaps | null;
  /** Of those that came for another reason meanwhile; null: nobody did, or it was not told apart. */
  readonly otherGapMs: Gaps | null;
  readonly startedAtMs: number | null;
  readonly durationMs: number | null;
  readonly steps: readonly StepRecord[];
  /** Steps before these, which did not fit into the record. */
  readonly stepsLeftOut: number;
  /** Requests that waited when its run ended early. */
  readonly unbegun: readonly UnbegunSeen[];
}

export type UnbegunSeen = UnbegunRequest & Pick<UnbegunInput, 'outcome' | 'text'>;

export function rebalanceSeen({ id, runId, atMs, body }: RebalanceDoc): RebalanceSeen {
  const said = body as Partial<Omit<RebalanceSeen, 'id' | 'runId' | 'atMs'>>;
  return {
    id,
    atMs,
    runId,
    outcome: said.outcome ?? null,
    text: said.text ?? '',
    request: said.request ?? null,
    plan: said.plan ?? null,
    revision: said.revision ?? null,
    movedClients: said.movedClients ?? 0,
    notReturned: said.notReturned ?? 0,
    gapMs: said.gapMs ?? null,
    otherGapMs: said.otherGapMs ?? null,
    startedAtMs: said.startedAtMs ?? null,
    durationMs: said.durationMs ?? null,
    steps: said.steps ?? [],
    stepsLeftOut: said.stepsLeftOut ?? 0,
    unbegun: said.unbegun ?? [],
  };
}
