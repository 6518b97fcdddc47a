// Owns: what a request may say about one step of a rolling upgrade. Malformed ones get a sentence, as all
// that comes by a signal. Never carries one out.

import type { RollWish } from '../activities/types.js';
import { bytesOf } from '../src/core/bytes.js';

const replicasMax = 10_000;
/** A request is part of payloads, which stay under 2 KB. */
const imageMaxBytes = 300;
const nameMaxBytes = 100;
const endsMost = 1_000;

/** A sentence, or nothing. */
export function rollFault(said: unknown, service: string): string | undefined {
  if (typeof said !== 'object' || said === null) return 'roll must be an object';
  const { replicas, instance, to, image, template, endsMax } = said as Record<string, unknown>;
  if (!Number.isInteger(replicas) || Number(replicas) < 1 || Number(replicas) > replicasMax) {
    return `roll.replicas must be a whole number from 1 to ${replicasMax}`;
  }
  for (const [field, name] of [
    ['instance', instance],
    ['to', to],
  ] as const) {
    if (given(name) && !isInstanceOf(name, service)) {
      return `roll.${field} must be an instance such as ${service}-1`;
    }
  }
  if (given(to) && !given(instance)) return 'roll.to goes with roll.instance, who hands over';
  if (given(to) && to === instance) return 'roll.to must be another instance than roll.instance';
  if (given(image) && !isText(image, imageMaxBytes)) return 'roll.image must name an image';
  if (given(template) && !isText(template, nameMaxBytes)) {
    return 'roll.template must be the version of a template';
  }
  if (given(endsMax) && !(Number.isInteger(endsMax) && isWithin(Number(endsMax), endsMost))) {
    return `roll.endsMax must be a whole number from 0 to ${endsMost}`;
  }
  if (given(image) && given(template)) return 'roll has either an image or a template';
  return undefined;
}

/** Of one without a fault: its known fields. */
export function onlyRoll(said: unknown): RollWish {
  const { replicas, instance, to, image, template, endsMax } = said as RollWish;
  return {
    replicas,
    ...(given(instance) ? { instance } : {}),
    ...(given(to) ? { to } : {}),
    ...(given(image) ? { image } : {}),
    ...(given(template) ? { template } : {}),
    ...(given(endsMax) ? { endsMax } : {}),
  };
}

export function isInstanceOf(name: unknown, service: string): name is string {
  if (!isText(name, nameMaxBytes) || !name.startsWith(`${service}-`)) return false;
  return /^\d{1,6}$/.test(name.slice(service.length + 1));
}

const isWithin = (value: number, most: number): boolean => value >= 0 && value <= most;

const isText = (value: unknown, maxBytes: number): value is string =>
  typeof value === 'string' && value !== '' && bytesOf(value) <= maxBytes;

function given<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}
