// Owns: what a model of the competition is. A model looks at the history and says what it expects one
// horizon ahead; it never learns how it fared, and never sees another model.

import type { History } from './history.js';
import type { Saved } from './saved.js';

export interface Model {
  /** Short, in words, unique in a competition; stands in decisions. */
  readonly name: string;
  /** Called once for each step, after the step is in the history. */
  observe(history: History): void;
  /** What is expected `horizon` steps after the latest; NaN while the model cannot tell. */
  forecast(history: History): number;
  /** What it has learnt; a model that learns nothing says {}. */
  save(): Saved;
  load(from: Saved): void;
}

/** A rule that needs the history only. */
export function rule(name: string, forecast: (history: History) => number): Model {
  return {
    name,
    forecast,
    observe: () => undefined,
    save: () => ({}),
    load: () => undefined,
  };
}
