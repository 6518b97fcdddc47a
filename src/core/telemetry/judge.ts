// Owns: whether answers of the metrics' database are good enough to decide on: one series where one is
// meant, numbers, fresh, complete, and in agreement with what the instances report themselves. Pure; what is
// wrong comes out as problems, and what is usable beside it stays usable: too much load may still be seen
// when half of it is missing, and too little may not.

import { isMeasurable } from '../scaling/measurable.js';
import type { TelemetryProblem } from './problems.js';

export type Labels = Readonly<Record<string, string>>;

export interface Point {
  readonly labels: Labels;
  readonly value: number;
}

/** Of one query: its series, or why there are none. */
export type Answer = readonly Point[] | { readonly failed: string };

export interface TelemetryAnswers {
  /** Connected clients of the whole service. */
  readonly clients: Answer;
  /** Connected clients of each instance; absent when the policy asks for none. */
  readonly instances?: Answer;
  /** Seconds since the oldest value that went into `clients` was measured; absent when not asked. */
  readonly age?: Answer;
}

export interface Expected {
  /** Names of the instances of the latest distribution. */
  readonly members: readonly string[];
  /** The label of `instances` that names one. */
  readonly instanceLabel: string;
  readonly maxAgeMs: number;
  /** Sum of the instances' own fresh reports; null when not all of them are fresh. */
  readonly reported: number | null;
  /** Share of the larger by which two totals may differ, beside `slackClients`. */
  readonly slackShare: number;
  /** Connections come and go between two measurements. */
  readonly slackClients: number;
}

export interface Judged {
  /** Null when there is none that could be decided on. */
  readonly clients: number | null;
  /** Of the instances that have a usable value. */
  readonly perInstance: ReadonlyMap<string, number>;
  readonly problems: readonly TelemetryProblem[];
}

/** Instances named in a problem. */
const examplesMax = 3;

/** Judges one evaluation's answers. Never throws for what a database may say. */
export function judge(answers: TelemetryAnswers, expected: Expected): Judged {
  const total = oneNumber('clients', answers.clients);
  const instances = perInstance(answers.instances, expected);
  const problems = [
    ...total.problems,
    ...stale(answers.age, expected.maxAgeMs),
    ...instances.problems,
    ...disagreements(total.value, instances, expected),
  ];
  return { clients: total.value, perInstance: instances.values, problems };
}

interface OneNumber {
  readonly value: number | null;
  readonly problems: readonly TelemetryProblem[];
}

/** The value of the only series of an answer, if it can have been measured. */
export function oneNumber(of: string, answer: Answer): OneNumber {
  const bad = (problem: TelemetryProblem): OneNumber => ({ value: null, problems: [problem] });
  if ('failed' in answer) return bad({ kind: 'telemetry-failed', of, said: answer.failed });
  const [first, second] = answer;
  if (first === undefined) return bad({ kind: 'telemetry-empty', of });
  if (second !== undefined) {
    const examples = [first, second].map(({ labels }) => labelsText(labels));
    return bad({ kind: 'telemetry-several-series', of, series: answer.length, examples });
  }
  const { value } = first;
  if (value < 0 && value > -Infinity) return bad({ kind: 'telemetry-negative', of, value });
  if (!isMeasurable(value)) {
    return bad({ kind: 'telemetry-not-a-number', of, found: String(value) });
  }
  return { value, problems: [] };
}

/** Whether some of the series say which instance they are of. */
export function labelledBy(points: readonly Point[], label: string): boolean {
  return points.some(({ labels }) => (labels[label] ?? '') !== '');
}

function stale(answer: Answer | undefined, maxAgeMs: number): readonly TelemetryProblem[] {
  if (answer === undefined) return [];
  const age = oneNumber('age', answer);
  if (age.value === null) return age.problems;
  const ageMs = Math.round(age.value * 1_000);
  return ageMs > maxAgeMs ? [{ kind: 'telemetry-stale', ageMs, maxAgeMs }] : [];
}

interface PerInstance {
  readonly values: ReadonlyMap<string, number>;
  /** Whether every member has a value; false also when none was asked for. */
  readonly isComplete: boolean;
  readonly problems: readonly TelemetryProblem[];
}

/** Series of instances that are no members (just removed, or still starting) are left out. */
function perInstance(
  answer: Answer | undefined,
  { members, instanceLabel }: Expected,
): PerInstance {
  const none = { values: new Map<string, number>(), isComplete: false };
  if (answer === undefined) return { ...none, problems: [] };
  if ('failed' in answer) {
    return {
      ...none,
      problems: [{ kind: 'telemetry-failed', of: 'instances', said: answer.failed }],
    };
  }
  const wanted = new Set(members);
  const values = new Map<string, number>();
  const twice = new Set<string>();
  for (const { labels, value } of answer) {
    const instance = labels[instanceLabel] ?? '';
    if (!wanted.has(instance) || !isMeasurable(value)) continue;
    if (values.has(instance)) twice.add(instance);
    values.set(instance, value);
  }
  for (const instance of twice) values.delete(instance);
  const missing = members.filter((instance) => !values.has(instance) && !twice.has(instance));
  const problems: TelemetryProblem[] = [...twice]
    .slice(0, examplesMax)
    .map((instance) => ({ kind: 'telemetry-twice', instance }));
  if (missing.length > 0) {
    problems.push({
      kind: 'telemetry-partial',
      missing: missing.length,
      instances: members.length,
      examples: missing.slice(0, examplesMax),
    });
  }
  return { values, isComplete: values.size === members.length, problems };
}

/** Zero is said apart: a scrape that found nothing looks like a service that nobody uses. */
function disagreements(
  total: number | null,
  { values, isComplete }: PerInstance,
  { reported, slackShare, slackClients }: Expected,
): readonly TelemetryProblem[] {
  if (total === null) return [];
  const differ = (other: number): boolean =>
    Math.abs(total - other) > Math.max(slackClients, slackShare * Math.max(total, other));
  const problems: TelemetryProblem[] = [];
  if (isComplete) {
    const other = [...values.values()].reduce((sum, value) => sum + value, 0);
    if (differ(other)) {
      problems.push({ kind: 'telemetry-contradicts', total, other, whose: 'instances' });
    }
  }
  if (reported === null) return problems;
  if (total === 0 && reported > 0) return [...problems, { kind: 'telemetry-zero', reported }];
  if (differ(reported)) {
    problems.push({ kind: 'telemetry-contradicts', total, other: reported, whose: 'reports' });
  }
  return problems;
}

const labelsShownMax = 3;

function labelsText(labels: Labels): string {
  const known = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = known.slice(0, labelsShownMax).map(([name, value]) => `${name}="${value}"`);
  return `{${[...shown, ...(known.length > labelsShownMax ? ['…'] : [])].join(', ')}}`;
}
