// Owns: walking through a list of steps so that whatever has begun can be undone: an undo is
// registered before its step runs; undos run last first, shielded from cancellation, past a failed
// one. Never knows what the steps do.
//
//   walk:  step 1 ─► step 2 ─► … ─► step k (onward: from here nothing is undone)
//             │ undo 1  │ undo 2      any failure or cancellation before k
//   undo:  undo 1 ◄── undo 2 ◄──────────────┘

import {
  CancellationScope,
  TemporalFailure,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { StepRecord } from '../activities/types.js';
import { phaseAttribute } from './attributes.js';
import { renderDetails } from './details.js';
import type { Phase, RequestOutcome } from './messages.js';
import type { Saga } from './state.js';

export interface Undo {
  readonly title: string;
  /** A no-op when its step never did anything. Returns a sentence with numbers. */
  run(saga: Saga): Promise<string>;
}

export interface Step {
  readonly phase: Phase;
  readonly title: string;
  when?(saga: Saga): boolean;
  /** Returns a sentence with numbers. */
  run(saga: Saga): Promise<string>;
  undo?(saga: Saga): Undo | undefined;
  /** The point of no return: this step and what follows is neither cancelled nor undone. */
  readonly onward?: true;
}

/** Where the saga's steps are shown while they run. */
export interface Journal {
  readonly outcomes: readonly RequestOutcome[];
}

/** Runs the steps in order until one ends the saga; `undos` gets each undo before its step begins. */
export async function walk(
  steps: readonly Step[],
  saga: Saga,
  undos: Undo[],
  journal: Journal,
): Promise<void> {
  for (const step of steps) {
    if (saga.ending !== null) return;
    if (step.when !== undefined && !step.when(saga)) continue;
    const undo = step.undo?.(saga);
    if (undo !== undefined) undos.push(undo);
    if (step.onward) saga.onward = true;
    const run = () => write(saga, journal, step.phase, step.title, () => step.run(saga));
    await (saga.onward ? CancellationScope.nonCancellable(run) : run());
  }
}

/** Runs the undos last first; returns what failed. Call it in a non-cancellable scope. */
export async function undoAll(
  undos: readonly Undo[],
  saga: Saga,
  journal: Journal,
): Promise<readonly string[]> {
  const failed: string[] = [];
  saga.undoing = true;
  for (const undo of [...undos].reverse()) {
    try {
      await write(saga, journal, 'undo', `undo: ${undo.title}`, () => undo.run(saga));
    } catch (error) {
      if (!(error instanceof TemporalFailure)) throw error;
      failed.push(`${undo.title}: ${causeText(error)}`);
    }
  }
  return failed;
}

/** Keeps the account of one step: phase, details, times and what came of it. */
export async function write(
  saga: Saga,
  journal: Journal,
  phase: Phase,
  title: string,
  run: () => Promise<string>,
): Promise<void> {
  const startedAtMs = Date.now();
  const index = saga.steps.length;
  const put = (state: StepRecord['state'], note: string) => {
    saga.steps[index] = {
      phase,
      title,
      state,
      note,
      startedAtMs,
      tookMs: Date.now() - startedAtMs,
    };
    setCurrentDetails(renderDetails(saga, journal.outcomes));
  };
  if (saga.phase !== phase || index === 0)
    upsertSearchAttributes([{ key: phaseAttribute, value: phase }]);
  saga.phase = phase;
  put('running', '');
  try {
    put('done', await run());
  } catch (error) {
    if (error instanceof TemporalFailure) {
      put(isCancellation(error) ? 'cancelled' : 'failed', causeText(error));
    }
    throw error;
  }
}

/** The innermost message: what really happened, without Temporal's wrapping. */
export function causeText(error: unknown): string {
  let innermost = error;
  while (innermost instanceof TemporalFailure && innermost.cause !== undefined) {
    innermost = innermost.cause;
  }
  return innermost instanceof Error ? innermost.message : String(innermost);
}

/** The type of the innermost application failure, as activities name it. */
export function causeType(error: unknown): string | undefined {
  let type: string | undefined;
  for (let at = error; at instanceof Error; at = at.cause) {
    const named = (at as { type?: unknown }).type;
    if (typeof named === 'string') type = named;
  }
  return type;
}
