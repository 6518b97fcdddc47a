// What a fuzzer of one surface is: inputs as short texts, so that any of them can be cut down and
// printed, and an execution that throws when something that must hold does not. Types and one error.

import type { Random } from './random.js';

export interface Target {
  readonly name: string;
  /** One input: steps in their order. */
  generate(random: Random): readonly string[];
  /** Throws for a crash or a broken expectation. Must leave nothing behind that a later one could see. */
  execute(steps: readonly string[]): void | Promise<void>;
  close(): Promise<void>;
}

/** Thrown when something that must hold after any input does not. */
export class ExpectationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpectationError';
  }
}

export function expectThat(holds: boolean, message: string): void {
  if (!holds) throw new ExpectationError(message);
}
