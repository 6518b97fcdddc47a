// Owns: walking through a list of steps so that whatever has begun can be undone: an undo is
// registered before its step runs; undos run last first, shielded from cancellation, past a failed
// one. Never knows what the steps do.
//
//   walk:  step 1 ─► step 2 ─► … ─► step k (onward: from here nothing is undone)
//             │ undo 1  │ undo 2      any failure or cancellation before k
//   undo:  undo 1 ◄── undo 2 ◄──────────────┘
//
// An instance that is lost interrupts whatever step waits: `recover` is called, then the walk goes on
// where the plan is made, or past the point of no return at the same step.

import {
  CancellationScope,
  TemporalFailure,
  isCancellation,
  patched,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { StepRecord } from '../activities/types.js';
import { phaseAttribute } from './attributes.js';
import { causeText } from './causes.js';
import { renderDetails } from './details.js';
import type { Phase } from './messages.js';
import type { Outcomes } from './outcomes.js';
import { isSuperseded, takeNextEpoch, underOwnEpoch } from './own-epoch.js';
import { outages } from './proxies.js';
import type { Saga } from './state.js';

export interface Undo {
  readonly title: string;
  /** A no-op when its step never did anything. Returns a sentence with numbers. */
  run(saga: Saga, journal: Journal): Promise<string>;
}

export interface Step {
  readonly phase: Phase;
  readonly title: string;
  when?(saga: Saga): boolean;
  /** Returns a sentence with numbers. */
  run(saga: Saga, journal: Journal): Promise<string>;
  undo?(saga: Saga): Undo | undefined;
  /** The point of no return: this step and what follows is neither cancelled nor undone. */
  readonly onward?: true;
}

/** Where the saga's steps are shown while they run. */
export interface Journal {
  readonly outcomes: Outcomes;
}

/** Called when somebody is gone; answers whether the plan has to be made again. */
export type Recover = () => Promise<'plan-again' | 'go-on'>;

/** Undos by the step that they belong to: a step that is run again keeps its first one. */
export type Undos = Map<Step, Undo>;

/** Runs the steps in order until one ends the saga; `undos` gets each undo before its step begins. */
export async function walk(
  steps: readonly Step[],
  saga: Saga,
  undos: Undos,
  journal: Journal,
  recover: Recover,
): Promise<void> {
  const planAt = steps.findIndex(({ phase }) => phase === 'plan');
  let at = 0;
  while (at < steps.length && saga.ending === null) {
    const step = steps[at] as Step;
    if (step.when !== undefined && !step.when(saga)) {
      at += 1;
      continue;
    }
    await heedCancellation(saga);
    const undo = undos.has(step) ? undefined : step.undo?.(saga);
    if (undo !== undefined) undos.set(step, undo);
    if (step.onward) saga.onward = true;
    saga.ahead = titlesAfter(steps, at, saga);
    const run = () =>
      interruptible(saga, () =>
        write(saga, journal, step.phase, step.title, () => step.run(saga, journal)),
      );
    const { done, interrupted } = await (saga.onward
      ? CancellationScope.nonCancellable(run)
      : run());
    if (!interrupted) {
      at += 1;
      continue;
    }
    const next = await CancellationScope.nonCancellable(recover);
    // It was shielded, so that what was held by whoever is gone is served. Now an abort counts.
    const ends = saga.onward || saga.ending !== null;
    if (!ends && saga.scope.consideredCancelled) await saga.scope.cancelRequested;
    // Owners that were down when the plan was to be made: there is none yet.
    const planless = step.phase === 'plan' && saga.plan === null;
    if ((next === 'plan-again' || planless) && !saga.onward && planAt >= 0) at = planAt;
    else if (done) at += 1;
  }
  if (saga.ending === null) await heedCancellation(saga);
}

/** Workflows from before it went on when a step ended well although it was told to stop. */
const heedPatch = 'heed-cancellation-between-steps';

/** Somebody was told that what has begun is undone: also when the step that ran has ended well. */
async function heedCancellation(saga: Saga): Promise<void> {
  if (saga.onward || !saga.scope.consideredCancelled || !patched(heedPatch)) return;
  await saga.scope.cancelRequested;
}

/** Steps to come, as far as the plan tells. */
function titlesAfter(steps: readonly Step[], at: number, saga: Saga): readonly string[] {
  const maybe = (step: Step) => saga.plan === null || step.when === undefined || step.when(saga);
  return steps
    .slice(at + 1)
    .filter(maybe)
    .map(({ title }) => title);
}

/**
 * Runs what may have to wait, so that `saga.interrupt` can end it. A result that came all the same
 * counts, and so does its failure; but somebody who is gone is seen to first.
 */
export async function interruptible(
  saga: Saga,
  run: () => Promise<void>,
): Promise<{ readonly done: boolean; readonly interrupted: boolean }> {
  // Said while nothing could be interrupted. Before the epoch is taken nobody can be fenced.
  if (saga.newlyGone.length > 0 && saga.situation !== null) {
    return { done: false, interrupted: true };
  }
  const scope = new CancellationScope();
  const outer = saga.interrupt;
  let byUs = false;
  saga.interrupt = () => {
    byUs = true;
    scope.cancel();
  };
  try {
    await scope.run(run);
    return { done: true, interrupted: saga.newlyGone.length > 0 };
  } catch (error) {
    if (!byUs || !(error instanceof TemporalFailure)) throw error;
    return { done: false, interrupted: true };
  } finally {
    saga.interrupt = outer;
  }
}

/**
 * Runs the undos last first; returns what failed. First the saga takes another epoch: an earlier try of
 * a step may still be alive and would do again what is undone here. Throws when a newer saga has begun.
 * Call it in a non-cancellable scope.
 */
export async function undoAll(
  undos: Undos,
  saga: Saga,
  journal: Journal,
): Promise<readonly string[]> {
  const failed: string[] = [];
  saga.undoing = true;
  const takesEpoch = undos.size > 0 && patched(undoEpochPatch);
  const undo = async (title: string, run: () => Promise<string>) => {
    try {
      await write(saga, journal, 'undo', `undo: ${title}`, run);
    } catch (error) {
      if (!(error instanceof TemporalFailure)) throw error;
      if (takesEpoch && isSuperseded(error)) throw error;
      failed.push(`${title}: ${causeText(error)}`);
    }
  };
  if (takesEpoch) await undo('stop what was begun', () => takeNextEpoch(saga));
  for (const one of [...undos.values()].reverse()) {
    await undo(one.title, () => underOwnEpoch(saga, () => one.run(saga, journal)));
  }
  return failed;
}

/** In the histories of undos that begin with an epoch of their own. */
const undoEpochPatch = 'undo-takes-an-epoch';

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
    show(saga, journal);
  };
  if (saga.phase !== phase || index === 0)
    upsertSearchAttributes([{ key: phaseAttribute, value: phase }]);
  saga.phase = phase;
  put('running', '');
  const waits = (outage: Saga['outage']) => {
    saga.outage = outage;
    show(saga, journal);
  };
  try {
    put('done', await outages.run(waits, run));
  } catch (error) {
    if (error instanceof TemporalFailure) {
      put(isCancellation(error) ? 'cancelled' : 'failed', causeText(error));
    }
    throw error;
  }
}

/** Brings the page in the UI up to date. */
export function show(saga: Saga, journal: Journal): void {
  setCurrentDetails(renderDetails(saga, journal.outcomes));
}
