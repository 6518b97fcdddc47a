// How an incarnation, one life of one instance, is named: by the process that it lives in, as the
// platform names that, and something that no other life has. Decides nothing.

import { randomUUID } from 'node:crypto';

const separator = '.';

/** A new incarnation in the process that the platform calls `uid`. */
export function incarnationOf(uid: string): string {
  return `${uid}${separator}${randomUUID().slice(0, 8)}`;
}

/** The platform's name of the process that an incarnation lives in; all of it when it names none. */
export function processOf(incarnation: string): string {
  const end = incarnation.lastIndexOf(separator);
  return end < 0 ? incarnation : incarnation.slice(0, end);
}
