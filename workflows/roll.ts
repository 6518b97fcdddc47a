// Owns: the workflow `roll/<service>`, a rolling upgrade: forward, and back by the same steps when the new
// version does not go well. The fixed workflow id is the lock; what it does to the service it asks of
// `rebalance/<service>`. Between two steps it continues as new when its history is long.
//
//   roll ──► done: completed                     pause ◄──► resume
//     │ unhealthy, or abort --back      abort: done, as it is
//     └────► back ──► done: undone

import {
  CancellationScope,
  CancelledFailure,
  TemporalFailure,
  allHandlersFinished,
  condition,
  defineWorkflowOptions,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RawValue } from '@temporalio/common';
import {
  movedClientsAttribute,
  outcomeAttribute,
  phaseAttribute,
  serviceAttribute,
} from './attributes.js';
import { said } from './operators.js';
import { Unreadable, rawArguments, readArguments } from './payload-reading.js';
import { mixText, rollTo, shielded, type Rolled } from './roll-loop.js';
import type { RollResult } from './roll-messages.js';
import { readRollHandedOn } from './roll-handing-on.js';
import { enter, newRoll, type Roll, type WayBack } from './roll-state.js';
import { readRollInput, setRollHandlers } from './roll-words.js';
import { causeText } from './causes.js';
import { failureOf } from './failures.js';

defineWorkflowOptions(roll, rawArguments);

/** What it is started with is a `RollWorkflow`'s: the roll, and what an earlier run of it left. */
export async function roll(...raw: readonly RawValue[]): Promise<RollResult> {
  const [input, handedOn] = readArguments(raw);
  const unread = [input, handedOn].find((one) => one instanceof Unreadable);
  if (unread !== undefined) {
    const text = `what the roll was started with cannot be read: ${unread.why}; what is rolled stays: ask again`;
    throw failureOf('BadInput', text);
  }
  const read = readRollInput(input, workflowInfo().workflowId);
  if (read === null) {
    const text = 'the workflow id names no service: a roll is started as roll/SERVICE';
    throw failureOf('BadInput', text);
  }
  const root = CancellationScope.current();
  const state = newRoll(read.service, read, readRollHandedOn(handedOn));
  setRollHandlers(state);
  upsertSearchAttributes([
    { key: serviceAttribute, value: read.service },
    { key: phaseAttribute, value: state.phase },
  ]);
  // The step under way goes to its end: half of one is the rebalance's to undo, not ours.
  const result = await shielded(() => carryOut(state, () => root.consideredCancelled));
  state.result = result;
  upsertSearchAttributes([
    { key: outcomeAttribute, value: result.outcome },
    { key: movedClientsAttribute, value: result.movedClients },
  ]);
  enter(state, 'done');
  await shielded(() => condition(allHandlersFinished));
  if (root.consideredCancelled) throw new CancelledFailure(result.text);
  const type = failureTypes[result.outcome];
  if (type !== undefined) throw failureOf(type, result.text, { details: [result] });
  return result;
}

const failureTypes: Partial<Record<RollResult['outcome'], string>> = {
  undone: 'RollUndone',
  'compensation-failed': 'CompensationFailed',
};

async function carryOut(state: Roll, isCancelled: () => boolean): Promise<RollResult> {
  if (state.back === null) {
    const ended = await goForward(state, isCancelled);
    if (ended !== null) return ended;
  }
  return goBack(state, state.from ?? '', isCancelled);
}

/** Null: it has to go back. */
async function goForward(state: Roll, isCancelled: () => boolean): Promise<RollResult | null> {
  const { image, template } = state.input;
  const wish = { ...(image && { image }), ...(template && { template }) };
  const forward = await tried(() => rollTo(state, wish, 'forward', isCancelled));
  const to = state.to ?? 'it';
  if (forward.kind === 'done') {
    if (state.stepsTaken === 0) {
      return resultOf(state, 'unnecessary', `all ${state.of} instances run ${to} already`);
    }
    return resultOf(state, 'completed', `all ${state.of} instances run ${to}`);
  }
  if (forward.kind === 'aborted' && state.aborted?.back !== true) {
    const who = state.aborted === null ? 'cancelled' : `aborted by ${said(state.aborted)}`;
    const how = `evenkeel roll ${state.service} goes on, with --template ${state.from} it goes back`;
    return resultOf(state, 'aborted', `${who}: ${mixText(state)} (${to}); ${how}`);
  }
  const why = forward.kind === 'failed' ? forward.why : `aborted by ${said(wordOf(state))}`;
  if (state.from === null) return resultOf(state, 'undone', `nothing was begun: ${why}`);
  state.back = { why, outcome: forward.kind === 'failed' ? 'undone' : 'aborted' };
  Object.assign(state, { isSet: false, tries: 0, rolledTo: state.to });
  enter(state, 'back');
  return null;
}

/** By the same steps: whoever runs the version from before already stays. */
async function goBack(
  state: Roll,
  template: string,
  isCancelled: () => boolean,
): Promise<RollResult> {
  const { why, outcome } = state.back as WayBack;
  const to = state.rolledTo ?? 'the new version';
  const back = await tried(() => rollTo(state, { template }, 'back', isCancelled));
  if (back.kind === 'done') {
    const text = `${why}: went back from ${to}, all ${state.of} instances run ${template}`;
    return { ...resultOf(state, outcome, text), template: { from: template, to } };
  }
  const but = back.kind === 'failed' ? back.why : 'it was stopped';
  const text = `${why}, and it could not go back to ${template} (${but}): ${mixText(state)}. Mend that, then: evenkeel roll ${state.service} --template ${template}`;
  return resultOf(state, 'compensation-failed', text);
}

/** What fails for good is told like any other end: there is nothing to tidy up between two steps. */
async function tried(run: () => Promise<Rolled>): Promise<Rolled> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    return { kind: 'failed', why: causeText(error) };
  }
}

function wordOf({ aborted }: Roll) {
  return aborted ?? { by: 'nobody' };
}

function resultOf(state: Roll, outcome: RollResult['outcome'], text: string): RollResult {
  const { service, from, to, movedClients } = state;
  return { service, outcome, text, template: { from, to }, movedClients };
}
