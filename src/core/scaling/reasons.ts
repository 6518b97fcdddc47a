// Owns: the closed list of reasons a scaling decision can have, each with its numbers. Never decides;
// the sentences are in reason-text.ts.

import type { TelemetryProblem } from '../telemetry/problems.js';

export { reasonKinds, reasonText } from './reason-text.js';

interface PerInstance {
  readonly perInstance: number;
  readonly instances: number;
}

interface SignalPerInstance extends PerInstance {
  readonly signal: string;
}

/** What each kind of reason carries. Kinds are added, never renamed: records keep them. */
interface Numbers {
  // Before there is anything to decide.
  readonly bootstrap: { readonly ready: number; readonly min: number };
  readonly 'waiting-for-instances': { readonly ready: number; readonly min: number };
  readonly 'told-below-min': { readonly replicas: number; readonly min: number };
  readonly 'told-by-others': { readonly replicas: number; readonly min: number };
  readonly 'rebalance-running': object;
  readonly 'roll-running': object;
  readonly 'unfinished-rebalance': { readonly rebalance: string };

  // What the load, the signals and the forecast recommend.
  readonly 'below-min': { readonly instances: number; readonly min: number };
  readonly 'below-floor': {
    readonly instances: number;
    readonly floor: number;
    readonly name: string;
  };
  readonly 'above-max': { readonly instances: number; readonly max: number };
  readonly 'above-upper': PerInstance & { readonly upper: number; readonly clients: number };
  readonly 'below-lower': PerInstance & { readonly lower: number; readonly clients: number };
  readonly 'within-thresholds': PerInstance & {
    readonly lower: number;
    readonly upper: number;
    readonly clients: number;
  };
  readonly 'towards-target': PerInstance & { readonly target: number; readonly wanted: number };
  readonly 'would-flap': PerInstance & { readonly bound: number };
  readonly urgent: { readonly perInstance: number; readonly bound: number };
  readonly 'signal-above-upper': SignalPerInstance & { readonly upper: number };
  readonly 'signal-keeps': SignalPerInstance & { readonly wanted: number };
  readonly 'forecast-ahead': Foreseen;
  readonly 'forecast-shadow': Foreseen;
  readonly 'forecast-not-trusted': Foreseen & { readonly why: string };
  readonly 'forecast-missing': { readonly why: string };
  readonly 'forecast-unusable': { readonly model: string };
  readonly 'spares-missing': {
    readonly running: number;
    readonly wanted: number;
    readonly spares: number;
  };
  readonly 'hot-instance': Hot & { readonly mean: number };
  readonly 'hot-by-partitions': Hot;

  // What is wrong with what was measured.
  readonly 'sample-missing': { readonly instance: string };
  readonly 'sample-stale': {
    readonly instance: string;
    readonly ageMs: number;
    readonly maxAgeMs: number;
  };
  readonly 'sample-invalid': { readonly instance: string };
  readonly 'sample-twice': {
    readonly instance: string;
    readonly lower: number;
    readonly higher: number;
  };
  readonly 'signal-missing': { readonly signal: string };
  readonly 'metrics-problem': { readonly problem: TelemetryProblem };
  readonly 'zero-while-sessions': { readonly sessions: number };
  readonly 'metrics-contradict': {
    readonly clients: number;
    readonly sessions: number;
    readonly share: number;
  };
  readonly 'no-shrink-on-missing-samples': { readonly missing: number; readonly instances: number };
  readonly 'no-shrink-on-doubt': object;
  readonly 'no-samples': object;

  // What cuts a recommendation.
  readonly 'stabilised-up': Stabilised;
  readonly 'stabilised-down': Stabilised;
  readonly 'hot-not-long': Hot & { readonly sinceMs: number; readonly windowMs: number };
  readonly 'limited-by-step': { readonly wanted: number; readonly stepMax: number };
  readonly 'limited-by-rate': {
    readonly wanted: number;
    readonly allowed: number;
    readonly used: number;
    readonly periodMs: number;
  };
  readonly 'limited-by-max': { readonly wanted: number; readonly max: number };
  readonly 'limited-by-min': { readonly wanted: number; readonly min: number };
  readonly 'limited-by-floor': {
    readonly wanted: number;
    readonly floor: number;
    readonly name: string;
  };
  readonly 'limited-by-budget': {
    readonly wanted: number;
    readonly moves: number;
    readonly spent: number;
    readonly budget: number;
  };
  readonly frozen: { readonly name: string; readonly leftMs: number };
  readonly cooldown: Cooldown;
  readonly 'cooldown-after-undo': Cooldown;
  readonly 'cooldown-after-rejection': Cooldown;
  readonly 'balanced-lately': Cooldown;
  readonly 'dry-run': object;
}

interface Foreseen {
  readonly clients: number;
  readonly horizonMs: number;
  readonly model: string;
  /** Instances that this needs. */
  readonly wanted: number;
  /** Instances that are wanted without it. */
  readonly without: number;
}

interface Hot {
  readonly instance: string;
  readonly clients: number;
  readonly upper: number;
}

interface Stabilised {
  readonly wanted: number;
  readonly kept: number;
  readonly windowMs: number;
}

interface Cooldown {
  readonly sinceMs: number;
  readonly cooldownMs: number;
}

export type ReasonKind = keyof Numbers;
export type ReasonOf<K extends ReasonKind> = { readonly kind: K } & Numbers[K];
export type Reason = { [K in ReasonKind]: ReasonOf<K> }[ReasonKind];
