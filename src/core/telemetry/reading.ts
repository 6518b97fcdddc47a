// Owns: what an evaluation takes from the answers of the metrics' database: connected clients of each
// instance and of all, and signals. Whatever `judge` has against them comes out beside them. Pure.

import { isMeasurable } from '../scaling/measurable.js';
import { judge, labelledBy, oneNumber, type Answer, type Expected, type Point } from './judge.js';
import type { TelemetryProblem } from './problems.js';

export interface ClientsRead {
  /** Of the instances that have a usable value. */
  readonly perInstance: ReadonlyMap<string, number>;
  /** Of all instances; null unless every one of them is in it. */
  readonly total: number | null;
  /** Of the oldest value; 0 when it was not asked. Null: it was asked, and nobody can tell. */
  readonly ageMs: number | null;
  readonly problems: readonly TelemetryProblem[];
}

/** `clients` by instance, or one total of the service. `age` in seconds; absent when not asked. */
export function readClients(
  { clients, age }: { readonly clients: Answer; readonly age?: Answer | undefined },
  expected: Expected,
): ClientsRead {
  const asked = age === undefined ? {} : { age };
  const ageMs = ageOf(age);
  const nothing = { perInstance: new Map<string, number>(), total: null, ageMs };
  if ('failed' in clients || clients.length === 0) {
    // Nobody can say how old nothing is.
    return { ...nothing, problems: judge({ clients }, expected).problems };
  }
  const { members, instanceLabel } = expected;
  if (!labelledBy(clients, instanceLabel)) {
    const judged = judge({ clients, ...asked }, expected);
    return { ...nothing, total: judged.clients, problems: judged.problems };
  }
  const wanted = new Set(members);
  const sum = sumOf(clients.filter(({ labels }) => wanted.has(labels[instanceLabel] ?? '')));
  const summed = { clients: [{ labels: {}, value: sum }], instances: clients, ...asked };
  const first = judge(summed, { ...expected, reported: null });
  const isComplete = first.perInstance.size === members.length;
  // A part of them is compared with nothing: it is said to be a part.
  const { perInstance, problems } = isComplete ? judge(summed, expected) : first;
  return { perInstance, total: isComplete ? sum : null, ageMs, problems };
}

export interface SignalRead {
  readonly total: number;
  /** So many instances are in it. */
  readonly instances: number;
}

/** By instance, or one total of the service. Null when there is nothing that could be used. */
export function readSignal(
  of: string,
  answer: Answer,
  { members, instanceLabel }: Pick<Expected, 'members' | 'instanceLabel'>,
): { readonly read: SignalRead | null; readonly problems: readonly TelemetryProblem[] } {
  if ('failed' in answer || !labelledBy(answer, instanceLabel)) {
    const { value, problems } = oneNumber(of, answer);
    return { read: value === null ? null : { total: value, instances: members.length }, problems };
  }
  const wanted = new Set(members);
  const usable = new Map<string, number>();
  for (const { labels, value } of answer) {
    const instance = labels[instanceLabel] ?? '';
    if (!wanted.has(instance) || !isMeasurable(value)) continue;
    // Two series of one instance: of two answers the higher.
    usable.set(instance, Math.max(usable.get(instance) ?? 0, value));
  }
  if (usable.size === 0) return { read: null, problems: [{ kind: 'telemetry-empty', of }] };
  const total = [...usable.values()].reduce((sum, value) => sum + value, 0);
  return { read: { total, instances: usable.size }, problems: [] };
}

function ageOf(age: Answer | undefined): number | null {
  if (age === undefined) return 0;
  const { value } = oneNumber('age', age);
  return value === null ? null : Math.round(value * 1_000);
}

const sumOf = (points: readonly Point[]): number =>
  points.reduce((sum, { value }) => sum + (isMeasurable(value) ? value : 0), 0);
