// Owns: the messages that a roll workflow takes (protocol.md §6), as constants for whoever sends them,
// and their shapes. Never handles them.

import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { OperatorWord } from './messages.js';
import type { RollHandedOn } from './roll-handing-on.js';

export interface RollInput {
  readonly service: string;
  /** What instances shall run; what they are started with already when neither is given. */
  readonly image?: string;
  readonly template?: string;
  readonly by?: string;
  readonly reason?: string;
  /** How long everybody on the new version is watched after each step; 10 s when absent. */
  readonly watchMs?: number;
}

/** Of `EvenkeelPhase`, too. */
export type RollPhase = 'roll' | 'paused' | 'back' | 'done';

/** `roll/<service>` for whoever starts one. */
export type RollWorkflow = (input?: RollInput, handedOn?: RollHandedOn) => Promise<RollResult>;

export interface RollStepRecord {
  readonly title: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly note: string;
  readonly startedAtMs: number;
  readonly tookMs: number;
  readonly movedClients: number;
}

export interface RollResult {
  readonly service: string;
  readonly outcome: 'completed' | 'unnecessary' | 'aborted' | 'undone' | 'compensation-failed';
  /** One sentence for people. */
  readonly text: string;
  readonly template: { readonly from: string | null; readonly to: string | null };
  readonly movedClients: number;
}

export interface RollStatus {
  readonly service: string;
  readonly phase: RollPhase;
  /** Versions: gone back to when it goes wrong, and rolled to. */
  readonly template: { readonly from: string | null; readonly to: string | null };
  /** Instances that run the version, of so many. */
  readonly rolled: number;
  readonly of: number;
  readonly movedClients: number;
  readonly steps: readonly RollStepRecord[];
  /** Steps to come, as far as can be seen. */
  readonly stepsAhead: number;
  readonly paused: OperatorWord | null;
  readonly aborted: RollAbortWord | null;
  /** Why it goes back. */
  readonly why: string | null;
  readonly result: RollResult | null;
}

export interface RollAbortWord extends OperatorWord {
  /** Go back to the version from before, rather than leave two. */
  readonly back?: boolean;
}

export const rollStatusQuery = defineQuery<RollStatus>('status');
export const pauseRollUpdate = defineUpdate<string, [OperatorWord]>('pause');
export const resumeRollUpdate = defineUpdate<string, [OperatorWord]>('resume');
export const abortRollUpdate = defineUpdate<string, [RollAbortWord]>('abort');
