// Owns: the queue of requests of one service: once per id, bounded, the urgent ones first, and merged
// where one makes another pointless. What a signal may say: request-reading.ts. Never runs one.

import type { Outcome, RebalanceRequest, RequestSource } from '../activities/types.js';
import { readRequest } from './request-reading.js';

/** More than these wait for nothing: each saga starts from what is then. */
export const queuedRequestsMax = 16;
/** Ids that are remembered to drop repetitions. */
const rememberedIdsMax = 256;

/** A request that ends without a saga, and why. */
export interface Answered {
  readonly request: RebalanceRequest;
  readonly outcome: Outcome & ('refused' | 'unnecessary');
  readonly why: string;
}

export interface RequestQueue {
  /** Takes a signal's argument, whoever sent it; answers the requests that end here, it or others. */
  offer(argument: unknown): readonly Answered[];
  next(): RebalanceRequest | undefined;
  /** As `next`, unless the first one is none of these. */
  nextIf(wanted: (request: RebalanceRequest) => boolean): RebalanceRequest | undefined;
  size(): number;
  ids(): readonly string[];
  rest(): readonly RebalanceRequest[];
}

/** Who goes first: clients without an instance, then a process that ends, then a person. */
const ranks: Readonly<Record<RequestSource, number>> = {
  'instance-lost': 0,
  leave: 1,
  operator: 2,
  roll: 2,
  threshold: 3,
  forecast: 3,
  balance: 3,
};
const automaticRank = 3;

/**
 * `newId` names refusals of requests that came without an id. `lastCounts`: whether of a person's equal
 * wishes the later one is kept when another wish came between them; asked only where it matters.
 */
export function openQueue(
  service: string,
  pending: readonly RebalanceRequest[],
  newId: () => string,
  lastCounts: () => boolean,
): RequestQueue {
  const waiting: RebalanceRequest[] = [...pending];
  const seen = new Set(pending.map((request) => request.requestId));

  const remember = (id: string) => {
    seen.add(id);
    if (seen.size > rememberedIdsMax) seen.delete([...seen][0] as string);
  };
  /** Keeps the order of coming among equals. */
  const insert = (request: RebalanceRequest) => {
    const at = waiting.findIndex((other) => ranks[other.source] > ranks[request.source]);
    waiting.splice(at < 0 ? waiting.length : at, 0, request);
  };

  return {
    offer(argument) {
      const { request, fault } = readRequest(argument, newId, service);
      if (seen.has(request.requestId)) return [];
      if (fault !== undefined) return [{ request, outcome: 'refused', why: fault }];
      const answered: Answered[] = [];
      for (const other of [...waiting]) {
        const overtaken = () => isOvertaken(other, waiting) && lastCounts();
        const why = pointless(request, other, overtaken);
        if (why === undefined) continue;
        remember(request.requestId);
        if (why.newer) return [...answered, { request, outcome: 'unnecessary', why: why.text }];
        waiting.splice(waiting.indexOf(other), 1);
        answered.push({ request: other, outcome: 'unnecessary', why: why.text });
      }
      if (waiting.length >= queuedRequestsMax) {
        const last = waiting.at(-1) as RebalanceRequest;
        const full = `${queuedRequestsMax} requests are waiting already`;
        if (ranks[last.source] <= ranks[request.source]) {
          return [...answered, { request, outcome: 'refused', why: full }];
        }
        waiting.pop();
        answered.push({
          request: last,
          outcome: 'refused',
          why: `${full}, and a more urgent one came`,
        });
      }
      remember(request.requestId);
      insert(request);
      return answered;
    },
    next: () => waiting.shift(),
    nextIf: (wanted) =>
      waiting[0] !== undefined && wanted(waiting[0]) ? waiting.shift() : undefined,
    size: () => waiting.length,
    ids: () => waiting.map((request) => request.requestId),
    rest: () => [...waiting],
  };
}

/** Whether one of two waiting requests makes the other pointless, and which; undefined when neither. */
function pointless(
  newer: RebalanceRequest,
  older: RebalanceRequest,
  overtaken: () => boolean,
): { readonly newer: boolean; readonly text: string } | undefined {
  const [rankOfNewer, rankOfOlder] = [ranks[newer.source], ranks[older.source]];
  const byPerson = (rank: number) => rank === ranks.operator;
  if (wishOf(newer) === wishOf(older)) {
    if (byPerson(rankOfNewer) && byPerson(rankOfOlder) && overtaken()) {
      return { newer: false, text: `request ${newer.requestId} asks for the same, later` };
    }
    return rankOfNewer < rankOfOlder
      ? { newer: false, text: `request ${newer.requestId} asks for the same, and goes first` }
      : { newer: true, text: `request ${older.requestId} asks for the same and is waiting` };
  }
  const automatic = rankOfOlder === automaticRank;
  if (rankOfNewer === automaticRank && automatic) {
    return { newer: false, text: `request ${newer.requestId} was decided later` };
  }
  // An evaluation from before a person's change says nothing about what is after it.
  if (byPerson(rankOfNewer) && automatic) {
    return { newer: false, text: `request ${newer.requestId} of a person goes first` };
  }
  if (rankOfNewer === automaticRank && byPerson(rankOfOlder)) {
    return { newer: true, text: `request ${older.requestId} of a person goes first` };
  }
  return undefined;
}

/** Whether a person who was waiting before it has asked for something else since: the last word counts. */
function isOvertaken(request: RebalanceRequest, waiting: readonly RebalanceRequest[]): boolean {
  return waiting
    .slice(waiting.indexOf(request) + 1)
    .some((later) => ranks[later.source] === ranks[request.source]);
}

/** Equal for requests that come to the same. */
function wishOf(request: RebalanceRequest): string {
  const { instances, drain, leftovers, lost, rollback, roll, source } = request;
  const urgent = source === 'instance-lost' || source === 'leave' ? source : '';
  return JSON.stringify([urgent, instances, drain, leftovers, lost, rollback, roll]);
}
