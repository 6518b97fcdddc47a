// Owns: the queue of requests of one service: what a signal may say, once per id, in order, bounded.
// Never runs one.

import type { RebalanceRequest, RequestSource } from '../activities/types.js';

/** More than these wait for nothing: each saga starts from what is then. */
export const queuedRequestsMax = 16;
/** Ids that are remembered to drop repetitions. */
const rememberedIdsMax = 256;
const instancesMax = 10_000;
const textMaxChars = 300;

const sources: readonly RequestSource[] = [
  'operator',
  'threshold',
  'forecast',
  'balance',
  'instance-lost',
  'leave',
  'roll',
];

export interface Refusal {
  readonly request: RebalanceRequest;
  readonly why: string;
}

export interface RequestQueue {
  /** Takes a signal's argument, whoever sent it; says why when it cannot. */
  offer(argument: unknown): Refusal | undefined;
  next(): RebalanceRequest | undefined;
  size(): number;
  ids(): readonly string[];
  rest(): readonly RebalanceRequest[];
}

/** `newId` names refusals of requests that came without an id. */
export function openQueue(pending: readonly RebalanceRequest[], newId: () => string): RequestQueue {
  const waiting: RebalanceRequest[] = [...pending];
  const seen = new Set(pending.map((request) => request.requestId));
  return {
    offer(argument) {
      const { request, fault } = readRequest(argument, newId);
      if (seen.has(request.requestId)) return undefined;
      if (fault !== undefined) return { request, why: fault };
      if (waiting.length >= queuedRequestsMax) {
        return { request, why: `${queuedRequestsMax} requests are waiting already` };
      }
      seen.add(request.requestId);
      if (seen.size > rememberedIdsMax) seen.delete([...seen][0] as string);
      waiting.push(request);
      return undefined;
    },
    next: () => waiting.shift(),
    size: () => waiting.length,
    ids: () => waiting.map((request) => request.requestId),
    rest: () => [...waiting],
  };
}

/** The request in a signal's argument, and what is wrong with it: then it is only good for a refusal. */
export function readRequest(
  argument: unknown,
  newId: () => string,
): { readonly request: RebalanceRequest; readonly fault?: string } {
  const said = (typeof argument === 'object' && argument !== null ? argument : {}) as Record<
    string,
    unknown
  >;
  const source = sources.find((known) => known === said['source']);
  const instances = said['instances'];
  const drain = said['drain'];
  const leftovers = said['leftovers'];
  const request: RebalanceRequest = {
    requestId: text(said['requestId']) ?? newId(),
    reason: text(said['reason']) ?? 'no reason given',
    source: source ?? 'operator',
    ...(text(said['by']) === undefined ? {} : { by: text(said['by']) as string }),
    ...(isCount(instances) ? { instances } : {}),
    ...(isNames(drain) ? { drain } : {}),
    ...(leftovers === 'retry' || leftovers === 'accept' ? { leftovers } : {}),
  };
  const fault = said === argument ? faultOf(said, source) : 'a request must be an object';
  return fault === undefined ? { request } : { request, fault };
}

function faultOf(
  said: Record<string, unknown>,
  source: RequestSource | undefined,
): string | undefined {
  for (const field of ['requestId', 'reason']) {
    if (text(said[field]) === undefined) return `${field} must be a text that is not empty`;
  }
  if (source === undefined) {
    return `source must be one of ${sources.join(', ')}`;
  }
  if (given(said['instances']) && !isCount(said['instances'])) {
    return `instances must be a whole number from 1 to ${instancesMax}`;
  }
  if (given(said['drain']) && !isNames(said['drain']))
    return 'drain must be a list of instance names';
  const leftovers = said['leftovers'];
  if (given(leftovers) && leftovers !== 'retry' && leftovers !== 'accept') {
    return 'leftovers must be retry or accept';
  }
  return undefined;
}

const given = (value: unknown): boolean => value !== undefined && value !== null;

function isCount(value: unknown): value is number {
  return (
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= instancesMax
  );
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, textMaxChars) : undefined;
}
