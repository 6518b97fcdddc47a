// Owns: reading the values of the ownership and sessions logs out of untrusted JSON for the check.
// It shares no code with the program under check. Never judges whether a record is valid.

export interface FencedValue {
  readonly type: 'fenced';
  readonly instance: string;
  readonly incarnation: string;
  /** `acknowledged`, `process-ended`, `lease-expired`, or what a newer version may say. */
  readonly how: string | null;
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

/** Written down in docs/protocol.md: a record with a higher one is void for every reader. */
const revisionMax = 1_000_000_000;
const claimedTypeMaxChars = 40;

type Fields = Readonly<Record<string, unknown>>;

/** Null when the value is no record of the ownership log. */
export function readOwnership(value: unknown): OwnershipValue | FencedValue | null {
  const fields = asFields(value);
  if (fields === null) return null;
  if (fields['type'] === 'fenced') return readFenced(fields);
  const { type, partition, instance, incarnation } = fields;
  const revision = readRevision(fields['revision']);
  const prev = readOffset(fields['prev']);
  if (type !== 'acquired' && type !== 'released') return null;
  if (!isIndex(partition) || revision === null || prev === undefined) return null;
  if (!isText(instance) || !isText(incarnation)) return null;
  return { type, partition, revision, instance, incarnation, prev };
}

/** Null when the value is no record of the sessions log. */
export function readSession(value: unknown): SessionValue | FencedValue | null {
  const fields = asFields(value);
  if (fields === null) return null;
  if (fields['type'] === 'fenced') return readFenced(fields);
  const { type, partition, user, client, connection, instance, incarnation } = fields;
  const revision = readRevision(fields['revision']);
  if (type !== 'opened' && type !== 'closed') return null;
  if (!isIndex(partition) || revision === null) return null;
  if (!isText(user) || !isText(client) || !isText(connection)) return null;
  if (!isText(instance) || !isText(incarnation)) return null;
  const reason = isText(fields['reason']) ? fields['reason'] : null;
  return { type, partition, user, client, connection, instance, incarnation, revision, reason };
}

/** The type that a record claims to be of, for a message; null when it claims none. */
export function claimedType(value: unknown): string | null {
  const type = asFields(value)?.['type'];
  return isText(type) ? type.slice(0, claimedTypeMaxChars) : null;
}

function readFenced(fields: Fields): FencedValue | null {
  const { instance, incarnation, how } = fields;
  if (!isText(instance) || !isText(incarnation)) return null;
  return { type: 'fenced', instance, incarnation, how: isText(how) ? how : null };
}

/** Undefined when it is neither null nor an offset; a record that says nothing of it is no record. */
function readOffset(value: unknown): number | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'string' || !/^\d{1,16}$/.test(value)) return undefined;
  const offset = Number(value);
  return Number.isSafeInteger(offset) ? offset : undefined;
}

/** Null when it is no number that a revision may have. */
function readRevision(value: unknown): number | null {
  return isIndex(value) && value <= revisionMax ? value : null;
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
