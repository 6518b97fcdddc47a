// The closed list of what can be wrong with an answer of the metrics' database, each with its numbers, and
// the one sentence that people read for it. Never judges.

/** `of`: what was asked for, such as `clients`. */
export type TelemetryProblem =
  /** Nobody answered, or refused; `said` is the whole sentence. */
  | { readonly kind: 'telemetry-failed'; readonly of: string; readonly said: string }
  | { readonly kind: 'telemetry-empty'; readonly of: string }
  | {
      readonly kind: 'telemetry-several-series';
      readonly of: string;
      readonly series: number;
      /** Of the first two, so that it is seen by what they differ. */
      readonly examples: readonly string[];
    }
  | { readonly kind: 'telemetry-not-a-number'; readonly of: string; readonly found: string }
  | { readonly kind: 'telemetry-negative'; readonly of: string; readonly value: number }
  | { readonly kind: 'telemetry-stale'; readonly ageMs: number; readonly maxAgeMs: number }
  /** Instances of the distribution that have no value, or one that is none. */
  | {
      readonly kind: 'telemetry-partial';
      readonly missing: number;
      readonly instances: number;
      readonly examples: readonly string[];
    }
  /** Series, but none of them says by its label which instance it is of. */
  | { readonly kind: 'telemetry-unlabelled'; readonly of: string; readonly label: string }
  /** Two series for one instance. */
  | { readonly kind: 'telemetry-twice'; readonly instance: string }
  /** The total and the sum of the instances, or of their own reports, differ by more than is allowed. */
  | {
      readonly kind: 'telemetry-contradicts';
      readonly total: number;
      readonly other: number;
      readonly whose: 'instances' | 'reports';
    }
  /** The total is nothing, while instances report connected clients. */
  | { readonly kind: 'telemetry-zero'; readonly reported: number };

/** One sentence, without a full stop. */
export function problemText(problem: TelemetryProblem): string {
  switch (problem.kind) {
    case 'telemetry-failed':
      return `no metrics for ${problem.of}: ${problem.said}`;
    case 'telemetry-empty':
      return `the query for ${problem.of} gives no series: nothing is scraped, or a label in it is wrong`;
    case 'telemetry-several-series':
      return `the query for ${problem.of} gives ${problem.series} series where one is meant (${problem.examples.join(', ')}): sum over what they differ by`;
    case 'telemetry-not-a-number':
      return `the query for ${problem.of} gives ${problem.found}, which is no number to decide on`;
    case 'telemetry-negative':
      return `the query for ${problem.of} gives ${problem.value}, and nothing there can be below 0`;
    case 'telemetry-stale':
      return `the metrics are ${seconds(problem.ageMs)} old (at most ${seconds(problem.maxAgeMs)})`;
    case 'telemetry-partial':
      return `${problem.missing} of ${problem.instances} instances have no metrics (${problem.examples.join(', ')}${problem.missing > problem.examples.length ? ', …' : ''})`;
    case 'telemetry-unlabelled':
      return `the query for ${problem.of} does not say whose its values are: write sum by (${problem.label}) (…)`;
    case 'telemetry-twice':
      return `${problem.instance} has two series: the query must give one for each instance`;
    case 'telemetry-contradicts':
      return `the metrics say ${problem.total} clients, and ${problem.whose === 'reports' ? "the instances' own reports" : 'their values for each instance'} sum up to ${problem.other}`;
    case 'telemetry-zero':
      return `the metrics say 0 clients, while the instances report ${problem.reported}`;
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
