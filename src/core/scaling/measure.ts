// Owns: from samples to the load of a service, and whether that may be relied on to remove instances.
// What is missing counts as the mean of the others, of two answers the higher. Never recommends.

import type { TelemetryProblem } from '../telemetry/problems.js';
import { isMeasurable } from './measurable.js';
import type { Policy } from './policy.js';
import type { Reason } from './reasons.js';
import type { Sample, ScalingSnapshot } from './snapshot.js';

export interface Load {
  /** Connected users, with the mean for whoever did not answer; undefined when nobody did. */
  readonly clients: number | undefined;
  readonly missing: number;
  /** Something contradicts something: instances may be added on it, not removed. */
  readonly doubtful: boolean;
  /** Nobody is connected, it is said, while somebody is: nothing is done on it. */
  readonly absurd: boolean;
  readonly hottest: { readonly instance: string; readonly clients: number } | undefined;
  readonly reasons: readonly Reason[];
}

/** O(instances); samples in the order of `members` are read without looking for them. */
export function measure(
  members: readonly string[],
  snapshot: ScalingSnapshot,
  policy: Policy,
): Load {
  const reasons: Reason[] = [];
  const sampleOf = finder(members, snapshot.samples, policy.sampleMaxAgeMs, reasons);
  let known = 0;
  let sum = 0;
  let hottest: Sample | undefined;
  for (let at = 0; at < members.length; at += 1) {
    const sample = sampleOf(at);
    const fault = faultOf(sample, members[at] ?? '', policy.sampleMaxAgeMs);
    if (fault !== undefined || sample === undefined) {
      if (fault !== undefined) reasons.push(fault);
      continue;
    }
    known += 1;
    sum += sample.clients;
    if (hottest === undefined || sample.clients > hottest.clients) hottest = sample;
  }
  const missing = members.length - known;
  const counted = known === 0 ? undefined : Math.ceil((sum / known) * members.length);
  const { sessions, telemetry = [] } = snapshot;
  const doubtful = reasons.length > missing || telemetry.length > 0;
  const said = telemetry.length === 0 ? reasons : saidOf(telemetry, reasons, known);
  if (sessions !== undefined) {
    return { missing, hottest, ...against(counted, doubtful, sessions, policy, said) };
  }
  return { clients: counted, missing, doubtful, absurd: false, hottest, reasons: said };
}

/** Where nobody has a sample because of what is wrong, that each single one is missing says nothing more. */
function saidOf(
  telemetry: readonly TelemetryProblem[],
  reasons: readonly Reason[],
  known: number,
): readonly Reason[] {
  const problems = telemetry.map((problem) => ({ kind: 'metrics-problem', problem }) as const);
  if (known > 0) return [...problems, ...reasons];
  return [...problems, ...reasons.filter(({ kind }) => kind !== 'sample-missing')];
}

function faultOf(
  sample: Sample | undefined,
  instance: string,
  maxAgeMs: number,
): Reason | undefined {
  if (sample === undefined) return { kind: 'sample-missing', instance };
  const { clients, ageMs } = sample;
  if (!isMeasurable(clients) || !Number.isFinite(ageMs))
    return { kind: 'sample-invalid', instance };
  return ageMs > maxAgeMs ? { kind: 'sample-stale', instance, ageMs, maxAgeMs } : undefined;
}

function finder(
  members: readonly string[],
  samples: readonly Sample[],
  maxAgeMs: number,
  reasons: Reason[],
): (at: number) => Sample | undefined {
  if (inOrder(members, samples)) return (at) => samples[at];
  const byInstance = new Map<string, Sample>();
  const wanted = new Set(members);
  for (const sample of samples) {
    const { instance, clients } = sample;
    if (!wanted.has(instance)) continue;
    const other = byInstance.get(instance);
    if (other === undefined || faultOf(other, instance, maxAgeMs) !== undefined) {
      byInstance.set(instance, sample);
    } else if (other.clients !== clients && faultOf(sample, instance, maxAgeMs) === undefined) {
      if (other.clients < clients) byInstance.set(instance, sample);
      const [lower, higher] = [Math.min(other.clients, clients), Math.max(other.clients, clients)];
      reasons.push({ kind: 'sample-twice', instance, lower, higher });
    }
  }
  return (at) => byInstance.get(members[at] ?? '');
}

function inOrder(members: readonly string[], samples: readonly Sample[]): boolean {
  if (members.length !== samples.length) return false;
  for (let at = 0; at < members.length; at += 1) {
    if (members[at] !== samples[at]?.instance) return false;
  }
  return true;
}

/** What was counted, against what somebody else counted. */
function against(
  counted: number | undefined,
  doubtful: boolean,
  sessions: number,
  { metrics: { contradictionShare: share } }: Policy,
  reasons: readonly Reason[],
): Pick<Load, 'clients' | 'doubtful' | 'absurd' | 'reasons'> {
  if (counted === undefined || !isMeasurable(sessions) || sessions === 0)
    return { clients: counted, doubtful, absurd: false, reasons };
  if (counted === 0) {
    const zero: Reason = { kind: 'zero-while-sessions', sessions };
    return { clients: 0, doubtful: true, absurd: true, reasons: [zero, ...reasons] };
  }
  const higher = Math.max(counted, sessions);
  if (Math.abs(counted - sessions) <= share * higher)
    return { clients: counted, doubtful, absurd: false, reasons };
  const apart: Reason = { kind: 'metrics-contradict', clients: counted, sessions, share };
  return { clients: higher, doubtful: true, absurd: false, reasons: [apart, ...reasons] };
}
