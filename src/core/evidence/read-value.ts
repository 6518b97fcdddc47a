// Owns: reading the values of the ownership and sessions logs out of untrusted JSON for the check.
// It shares no code with the program under check. Never judges whether a record is valid.

export interface FencedValue {
  readonly type: 'fenced';
  readonly incarnation: string;
}

export interface OwnershipValue {
  readonly type: 'acquired' | 'released';
  readonly partition: number;
  readonly revision: number;
  readonly instance: string;
  readonly incarnation: string;
  /** Offset of the record it builds on; null for the first of a partition. */
  readonly prev: number | null;
}

export interface SessionValue {
  readonly type: 'opened' | 'closed';
  readonly partition: number;
  readonly user: string;
  readonly client: string;
  readonly connection: string;
  readonly instance: string;
  readonly incarnation: string;
  readonly revision: number;
  readonly reason: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Null when the value is no record of the ownership log. */
export function readOwnership(value: unknown): OwnershipValue | FencedValue | null {
  const fields = asFields(value);
  if (fields === null) return null;
  if (fields['type'] === 'fenced') return readFenced(fields);
  const { type, partition, revision, instance, incarnation } = fields;
  const prev = readOffset(fields['prev']);
  if (type !== 'acquired' && type !== 'released') return null;
  if (!isIndex(partition) || !isIndex(revision) || prev === undefined) return null;
  if (!isText(instance) || !isText(incarnation)) return null;
  return { type, partition, revision, instance, incarnation, prev };
}

/** Null when the value is no record of the sessions log. */
export function readSession(value: unknown): SessionValue | FencedValue | null {
  const fields = asFields(value);
  if (fields === null) return null;
  if (fields['type'] === 'fenced') return readFenced(fields);
  const { type, partition, revision, user, client, connection, instance, incarnation } = fields;
  if (type !== 'opened' && type !== 'closed') return null;
  if (!isIndex(partition) || !isIndex(revision)) return null;
  if (!isText(user) || !isText(client) || !isText(connection)) return null;
  if (!isText(instance) || !isText(incarnation)) return null;
  const reason = isText(fields['reason']) ? fields['reason'] : null;
  return { type, partition, user, client, connection, instance, incarnation, revision, reason };
}

function readFenced(fields: Fields): FencedValue | null {
  const { incarnation } = fields;
  return isText(incarnation) ? { type: 'fenced', incarnation } : null;
}

/** Undefined when it is neither null nor an offset. */
function readOffset(value: unknown): number | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) return undefined;
  return Number(value);
}

function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null ? (value as Fields) : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
