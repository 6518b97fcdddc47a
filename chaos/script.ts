// Owns: which events a seed stands for: requests at random moments, words of people and faults near
// them or anywhere. Pure: the same seed, length and links make the same script on every machine.

import { randomOf, type Random } from '../bench/random.js';
import { lineOf, type ChaosEvent, type Fault, type Request } from './events.js';
import * as limits from './limits.js';

export interface Script {
  readonly seed: number;
  /** Every fault is over by then. */
  readonly durationMs: number;
  /** Round trip of the links between clients and the first instances; 0: no such links. */
  readonly roundTripMs: number;
  /** In the order of their times. */
  readonly events: readonly ChaosEvent[];
}

/** Things to happen with their weights: what goes on everywhere in production more often. */
const requestKinds = [
  ['resize', 6],
  ['autoscale', 4],
  ['drain', 2],
  ['in-place', 2],
  ['rollback', 2],
  ['approval', 1],
] as const satisfies readonly (readonly [Request['kind'], number])[];

const wordKinds = [
  ['abort', 3],
  ['cancel', 2],
  ['terminate', 2],
  ['reject', 1],
  ['approve', 1],
] as const;

const faultKinds = [
  ['worker-killed', 4],
  ['instance-killed', 4],
  ['instance-paused', 4],
  ['mongo', 2],
  ['kafka', 2],
  ['temporal', 2],
  ['temporal-killed', 1],
  ['directory-killed', 2],
  ['instance-told-to-end', 1],
  ['links-cut', 1],
] as const;

const roundTripsMs = [0, 20, 100] as const;

export function scriptOf(seed: number, durationMs: number): Script {
  const random = randomOf(seed);
  const roundTripMs = roundTripsMs[whole(random, 0, roundTripsMs.length - 1)] ?? 0;
  const count = (perTenSeconds: number): number => Math.ceil((perTenSeconds * durationMs) / 10_000);
  const anywhere = (): number => whole(random, limits.quietStartMs, durationMs);
  const requests = times(count(limits.requestsPerTenSeconds), () => ({
    atMs: anywhere(),
    ...requestOf(random),
  }));
  /** While the saga of some request is likely to be under way. */
  const soonAfter = (): number => {
    const after = requests[whole(random, 0, requests.length - 1)]?.atMs ?? 0;
    return Math.min(durationMs, after + whole(random, 100, limits.afterRequestMaxMs));
  };
  const words = times(count(limits.wordsPerTenSeconds), () => ({
    atMs: soonAfter(),
    kind: pick(random, wordKinds),
  }));
  const faults: ({ atMs: number } & Fault)[] = [];
  for (let i = count(limits.faultsPerTenSeconds); i > 0; i -= 1) {
    for (let thrown = 0; thrown < limits.throwsMax; thrown += 1) {
      const atMs = random() < 0.5 ? soonAfter() : anywhere();
      const fault = { atMs, ...faultOf(random, roundTripMs, durationMs - atMs) };
      if (faults.some((other) => collide(fault, other))) continue;
      faults.push(fault);
      break;
    }
  }
  const events = [...requests, ...words, ...faults].sort((a, b) => a.atMs - b.atMs);
  return { seed, durationMs, roundTripMs, events };
}

/** One line per event, with what a person needs to run it again. */
export function scriptText({ seed, durationMs, roundTripMs, events }: Script): string {
  const links = roundTripMs === 0 ? '' : `, links of ${roundTripMs} ms to the first instances`;
  const head = `seed ${seed}: ${events.length} events in ${durationMs / 1_000} s${links}`;
  return [head, ...events.map((event) => `  ${lineOf(event)}`)].join('\n');
}

function requestOf(random: Random): Request {
  const instances = whole(random, 2, limits.instancesMax);
  const place = whole(random, 0, limits.instancesMax - 1);
  const kind = pick(random, requestKinds);
  switch (kind) {
    case 'resize':
      return { kind, instances: random() < 0.1 ? 1 : instances };
    case 'autoscale':
      return { kind, instances: random() < 0.2 ? null : instances };
    case 'drain':
      return { kind, place, instances: random() < 0.5 ? instances : null };
    case 'rollback':
      return { kind, back: whole(random, 1, 4) };
    case 'approval':
      return { kind, policy: random() < 0.6 ? 'always' : 'never' };
    case 'in-place':
      return { kind };
  }
}

function faultOf(random: Random, roundTripMs: number, leftMs: number): Fault {
  const place = whole(random, 0, limits.instancesMax - 1);
  const within = ({ min, max }: { readonly min: number; readonly max: number }): number =>
    Math.min(leftMs, whole(random, min, max));
  const kind = pick(random, faultKinds);
  switch (kind) {
    case 'worker-killed':
    case 'directory-killed':
    case 'temporal-killed':
      return { kind, awayMs: within(limits.restartAfterMs) };
    case 'instance-killed':
    case 'instance-told-to-end':
      return { kind, place };
    case 'instance-paused': {
      const forMs = random() < 0.5 ? within(limits.shortPauseMs) : within(limits.longPauseMs);
      return { kind, place, forMs };
    }
    case 'kafka':
      return { kind: 'part-paused', part: kind, forMs: within(limits.kafkaPauseMs) };
    case 'mongo':
      return { kind: 'part-paused', part: kind, forMs: within(limits.mongoPauseMs) };
    case 'temporal':
      return { kind: 'part-paused', part: kind, forMs: within(limits.temporalPauseMs) };
    case 'links-cut':
      // Without links there is nothing to cut: what cuts most is the end of an instance.
      return roundTripMs > 0 ? { kind } : { kind: 'instance-killed', place };
  }
}

/** A program is not stopped while it is stopped; instances may be. */
function collide(a: { atMs: number } & Fault, b: { atMs: number } & Fault): boolean {
  const [one, other] = [targetOf(a), targetOf(b)];
  if (one === undefined || one !== other) return false;
  return a.atMs <= b.atMs + lastsMs(b) && b.atMs <= a.atMs + lastsMs(a);
}

function targetOf(fault: Fault): string | undefined {
  if (fault.kind === 'part-paused') return fault.part;
  if (fault.kind === 'temporal-killed') return 'temporal';
  return fault.kind === 'worker-killed' || fault.kind === 'directory-killed'
    ? fault.kind
    : undefined;
}

function lastsMs(fault: Fault): number {
  if ('forMs' in fault) return fault.forMs;
  return 'awayMs' in fault ? fault.awayMs + limits.startMs : 0;
}

function pick<T>(random: Random, weighted: readonly (readonly [T, number])[]): T {
  let at = random() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of weighted) {
    at -= weight;
    if (at < 0) return value;
  }
  return (weighted.at(-1) as readonly [T, number])[0];
}

/** Both ends included. */
function whole(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (Math.max(from, to) - from + 1));
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
