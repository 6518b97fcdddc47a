// Owns: what a signal may say, whoever sent it: a request, or a sentence that says what is wrong with
// it. A malformed signal never throws, because that would block the workflow.

import type { LostInstance, RebalanceRequest, RequestSource } from '../activities/types.js';
import { bytesOf, cut, printable, shorten } from '../src/core/bytes.js';
import { unreadableSignalText } from './messages.js';
import { isInstanceOf, onlyRoll, rollFault } from './roll-wish.js';
import { Unreadable } from './payload-reading.js';

const instancesMax = 10_000;
const revisionMax = 1_000_000_000;
/** A request is part of payloads, which stay under 2 KB. */
const requestMaxBytes = 1_000;
const reasonMaxBytes = 300;
const nameMaxBytes = 100;
const namesMax = 6;

const sources: readonly RequestSource[] = [
  'operator',
  'threshold',
  'forecast',
  'balance',
  'instance-lost',
  'leave',
  'roll',
];

/** The request in a signal's argument, and what is wrong with it: then it is only good for a refusal. */
export function readRequest(
  argument: unknown,
  newId: () => string,
  service: string,
): { readonly request: RebalanceRequest; readonly fault?: string } {
  const isObject = typeof argument === 'object' && argument !== null && !Array.isArray(argument);
  const said = (isObject ? argument : {}) as Record<string, unknown>;
  const source = sources.find((known) => known === said['source']);
  const { instances, drain, leftovers, lost, rollback, roll } = said;
  const by = text(said['by'], nameMaxBytes, shorten);
  const request: RebalanceRequest = {
    requestId: text(said['requestId'], nameMaxBytes) ?? newId(),
    reason: text(said['reason'], reasonMaxBytes, shorten) ?? 'no reason given',
    source: source ?? 'operator',
    ...(by === undefined ? {} : { by }),
    ...(isWhole(instances, instancesMax) ? { instances } : {}),
    ...(isNames(drain) ? { drain } : {}),
    ...(leftovers === 'retry' || leftovers === 'accept' ? { leftovers } : {}),
    ...(isLost(lost, service) ? { lost: lost.map(onlyNames) } : {}),
    ...(isWhole(rollback, revisionMax) ? { rollback } : {}),
    ...(given(roll) && rollFault(roll, service) === undefined ? { roll: onlyRoll(roll) } : {}),
  };
  const fault =
    argument instanceof Unreadable
      ? `${unreadableSignalText}${argument.why}`
      : isObject
        ? (faultOf(said, source, service) ?? faultOfSize(request))
        : 'a request must be an object';
  return fault === undefined ? { request } : { request, fault };
}

function faultOf(
  said: Record<string, unknown>,
  source: RequestSource | undefined,
  service: string,
): string | undefined {
  for (const field of ['requestId', 'reason']) {
    if (text(said[field], nameMaxBytes) === undefined) {
      return `${field} must be a text of printable characters that is not empty`;
    }
  }
  if (source === undefined) return `source must be one of ${sources.join(', ')}`;
  const { instances, drain, leftovers, lost, rollback, roll } = said;
  if (given(instances) && !isWhole(instances, instancesMax)) {
    return `instances must be a whole number from 1 to ${instancesMax}`;
  }
  if (given(drain) && !isNames(drain)) {
    return `drain must be a list of instance names, 1 to ${namesMax}`;
  }
  if (given(leftovers) && leftovers !== 'retry' && leftovers !== 'accept') {
    return 'leftovers must be retry or accept';
  }
  if (given(rollback) && !isWhole(rollback, revisionMax)) return 'rollback must be a revision';
  if (given(rollback) && (given(instances) || given(drain))) {
    return 'rollback says who shall own what: it goes with neither instances nor drain';
  }
  const fault = given(roll) ? rollFault(roll, service) : undefined;
  if (fault !== undefined) return fault;
  if (given(roll) && (given(instances) || given(drain) || given(rollback))) {
    return 'roll says who hands over to whom: it goes with neither instances, drain nor rollback';
  }
  const lostNeeded = `lost must be a list of {"instance":"${service}-1","incarnation":"…"}, 1 to ${namesMax}`;
  if (given(lost) && !isLost(lost, service)) return lostNeeded;
  if (source === 'instance-lost' && !given(lost)) return lostNeeded;
  if (source === 'leave' && !(isNames(drain) && drain.every((one) => isInstanceOf(one, service)))) {
    return `leave must say in drain who leaves: ["${service}-1"], 1 to ${namesMax}`;
  }
  return undefined;
}

/** What is kept of it; fields that nobody knows are dropped, however large. */
function faultOfSize(request: RebalanceRequest): string | undefined {
  if (bytesOf(request) <= requestMaxBytes) return undefined;
  return `a request must be at most ${requestMaxBytes} bytes as JSON, with reason cut to ${reasonMaxBytes}`;
}

const given = (value: unknown): boolean => value !== undefined && value !== null;

function isWhole(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max;
}

function isNames(value: unknown): value is readonly string[] {
  return isList(value) && value.every(isName);
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && bytesOf(value) <= nameMaxBytes;

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.length <= namesMax;
}

/** Only of this service: whoever is named is fenced. */
function isLost(value: unknown, service: string): value is readonly LostInstance[] {
  if (!isList(value)) return false;
  return value.every((one) => {
    if (typeof one !== 'object' || one === null) return false;
    const { instance, incarnation } = one as Record<string, unknown>;
    return isName(incarnation) && isInstanceOf(instance, service);
  });
}

const onlyNames = ({ instance, incarnation }: LostInstance): LostInstance => ({
  instance,
  incarnation,
});

function text(value: unknown, maxBytes: number, within = cut): string | undefined {
  const shown = typeof value === 'string' ? within(printable(value), maxBytes) : '';
  return shown === '' ? undefined : shown;
}
