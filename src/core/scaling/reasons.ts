// Owns: the closed list of reasons a scaling decision can have, each with its numbers, and the one
// sentence people read for each. Never decides.

export type Reason =
  | { readonly kind: 'bootstrap'; readonly ready: number; readonly min: number }
  | { readonly kind: 'waiting-for-instances'; readonly ready: number; readonly min: number }
  | { readonly kind: 'rebalance-running' }
  | { readonly kind: 'roll-running' }
  | { readonly kind: 'unfinished-rebalance'; readonly rebalance: string }
  | { readonly kind: 'below-min'; readonly instances: number; readonly min: number }
  | { readonly kind: 'above-max'; readonly instances: number; readonly max: number }
  | {
      readonly kind: 'above-upper';
      readonly perInstance: number;
      readonly upper: number;
      readonly clients: number;
      readonly instances: number;
    }
  | {
      readonly kind: 'below-lower';
      readonly perInstance: number;
      readonly lower: number;
      readonly clients: number;
      readonly instances: number;
    }
  | {
      readonly kind: 'within-thresholds';
      readonly perInstance: number;
      readonly lower: number;
      readonly upper: number;
      readonly clients: number;
      readonly instances: number;
    }
  | { readonly kind: 'sample-missing'; readonly instance: string }
  | {
      readonly kind: 'sample-stale';
      readonly instance: string;
      readonly ageMs: number;
      readonly maxAgeMs: number;
    }
  | {
      readonly kind: 'no-shrink-on-missing-samples';
      readonly missing: number;
      readonly instances: number;
    }
  | { readonly kind: 'no-samples' }
  | { readonly kind: 'limited-by-step'; readonly wanted: number; readonly stepMax: number }
  | { readonly kind: 'limited-by-max'; readonly wanted: number; readonly max: number }
  | { readonly kind: 'limited-by-min'; readonly wanted: number; readonly min: number }
  | {
      readonly kind: 'would-flap';
      readonly perInstance: number;
      readonly bound: number;
      readonly instances: number;
    }
  | { readonly kind: 'cooldown'; readonly sinceMs: number; readonly cooldownMs: number }
  | { readonly kind: 'cooldown-after-undo'; readonly sinceMs: number; readonly cooldownMs: number };

/** One sentence, without a full stop. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'bootstrap':
      return `no distribution yet and ${reason.ready} instances are ready (at least ${reason.min} wanted)`;
    case 'waiting-for-instances':
      return `no distribution yet, but only ${reason.ready} of ${reason.min} instances are ready`;
    case 'rebalance-running':
      return 'a rebalance is running';
    case 'roll-running':
      return 'a rolling upgrade is under way: instances are added and removed by it alone';
    case 'unfinished-rebalance':
      return `${reason.rebalance} ended without an outcome: what it left is to be sorted out`;
    case 'below-min':
      return `${reason.instances} instances are fewer than the policy's minimum ${reason.min}`;
    case 'above-max':
      return `${reason.instances} instances are more than the policy's maximum ${reason.max}`;
    case 'above-upper':
      return `${one(reason.perInstance)} users per instance are above ${reason.upper} (${reason.clients} on ${reason.instances})`;
    case 'below-lower':
      return `${one(reason.perInstance)} users per instance are below ${reason.lower} (${reason.clients} on ${reason.instances})`;
    case 'within-thresholds':
      return `${one(reason.perInstance)} users per instance are within ${reason.lower}..${reason.upper} (${reason.clients} on ${reason.instances})`;
    case 'sample-missing':
      return `no sample of ${reason.instance}: counted as the mean of the others`;
    case 'sample-stale':
      return `the sample of ${reason.instance} is ${seconds(reason.ageMs)} old (at most ${seconds(reason.maxAgeMs)}): counted as the mean of the others`;
    case 'no-shrink-on-missing-samples':
      return `never shrinks on missing data: ${reason.missing} of ${reason.instances} samples are missing or stale`;
    case 'no-samples':
      return 'no instance has a fresh sample';
    case 'limited-by-step':
      return `${reason.wanted} instances were wanted, but one decision changes at most ${reason.stepMax}`;
    case 'limited-by-max':
      return `${reason.wanted} instances were wanted, but the policy allows ${reason.max}`;
    case 'limited-by-min':
      return `${reason.wanted} instances were wanted, but the policy keeps ${reason.min}`;
    case 'would-flap':
      return `${reason.instances} instances would have ${one(reason.perInstance)} users each, above ${one(reason.bound)}: too near the upper threshold`;
    case 'cooldown':
      return `the last change was ${seconds(reason.sinceMs)} ago (cooldown ${seconds(reason.cooldownMs)})`;
    case 'cooldown-after-undo':
      return `the last change was undone ${seconds(reason.sinceMs)} ago (cooldown ${seconds(reason.cooldownMs)})`;
  }
}

function one(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}

function seconds(ms: number): string {
  return `${one(ms / 1000)} s`;
}
