// How an incarnation, one life of one instance, is named: by the process that it lives in, as the
// platform names that, and something that no other life has. Decides nothing.

import { randomUUID } from 'node:crypto';

export { processOf } from '../core/records.js';

const separator = '.';

/** A new incarnation in the process that the platform calls `uid`. */
export function incarnationOf(uid: string): string {
  return `${uid}${separator}${randomUUID().slice(0, 8)}`;
}
