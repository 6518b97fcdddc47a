// Owns: reading what a workflow is started with, and what a signal or an update carries. The SDK hands it
// over as it came, so that a payload which this worker cannot decode is refused with a sentence; for the
// SDK it would be a failed workflow task, tried again for ever, and a run's id is the lock. Results of
// activities are still left to the SDK: whoever cannot read those must not go on.

import {
  defaultPayloadConverter,
  rawValueTypeInfo,
  type RawValue,
  type SignalDefinition,
  type UpdateDefinition,
} from '@temporalio/common';
import { defineSignal, defineUpdate, patched, workflowInfo } from '@temporalio/workflow';
import { shorten } from '../src/core/bytes.js';

/** Only the first one is read; none of the others may fail. */
const argumentsMax = 1_000;
const whyMaxBytes = 300;
const typeInfo = { inputTypes: Array.from({ length: argumentsMax }, () => rawValueTypeInfo) };
/** With the signal's number: it was refused in the history of the run, so it is whenever that is replayed. */
const refusedPatch = 'unreadable-signal-';
/** With the argument's number: the run began without it, so it does whenever its history is replayed. */
const missedPatch = 'unreadable-input-';

/** What stands for a payload that cannot be read. */
export class Unreadable {
  constructor(readonly why: string) {}
}

/** For `defineWorkflowOptions`: the workflow takes its arguments as they came, for `readArguments`. */
export const rawArguments = { staticOptions: { typeInfo } };

/** For handlers only: who sends one uses the definitions of messages.ts. */
export const rawSignal = (name: string): SignalDefinition<[RawValue | undefined]> =>
  defineSignal(name, { typeInfo });

export const rawUpdate = (name: string): UpdateDefinition<string, [RawValue | undefined]> =>
  defineUpdate(name, { typeInfo });

/** What was sent, or why it cannot be read. */
export function readPayload(raw: RawValue | undefined): unknown {
  if (raw === undefined) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(raw.payload);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return new Unreadable(shorten(text.replace(/^Unknown encoding: /, 'encoding '), whyMaxBytes));
  }
}

/** Reads the signals of one run in their order; see `readLastingly`. */
export function openSignalReader(): (raw: RawValue | undefined) => unknown {
  let count = 0;
  return (raw) => {
    count += 1;
    return readLastingly(raw, 'a signal', () => patched(`${refusedPatch}${count}`));
  };
}

/** Reads what the run was started with; see `readLastingly`. */
export function readArguments(raws: readonly RawValue[]): readonly unknown[] {
  return raws.map((raw, i) =>
    readLastingly(raw, "the run's input", () => patched(`${missedPatch}${i}`)),
  );
}

/**
 * A worker with other keys may replay the run, so what could not be read is marked in the history and
 * stays so; what was taken and cannot be read any more fails the workflow task, until the key is there
 * again. `isMarked` marks, or finds the mark; it is asked only where it matters.
 */
function readLastingly(raw: RawValue | undefined, what: string, isMarked: () => boolean): unknown {
  const value = readPayload(raw);
  if (value instanceof Unreadable) {
    if (!isMarked()) throw new Error(`${what} was taken, and now it cannot be read: ${value.why}`);
  } else if (workflowInfo().unsafe.isReplaying && isMarked()) {
    return new Unreadable('it could not be read when it came');
  }
  return value;
}
