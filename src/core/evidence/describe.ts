// Owns: a violation in one sentence for people. The names in it are untrusted: escaped
// where they hold anything that a terminal might obey. Never judges.

import type { FencedValue, SessionValue } from './read-value.js';
import type { ViolationKind } from './types.js';

export function describe(kind: ViolationKind, record: SessionValue, other: string | null): string {
  const who = `${shown(record.user)}/${shown(record.client)} (partition ${record.partition})`;
  const where = `${shown(record.instance)} (${shown(record.incarnation)})`;
  const elsewhere = other === null ? 'nobody' : shown(other);
  switch (kind) {
    case 'overlap':
      return `${who} was connected to ${where} while still connected to ${elsewhere}`;
    case 'two-owners':
      return `${who} was connected to ${where} while ${elsewhere} still served that partition`;
    case 'opened-without-ownership':
      return `${who} was connected to ${where}, which never held the partition at revision ${record.revision}`;
    case 'closed-differs':
      return `connection ${shown(record.connection)} was closed as ${who} on ${where}, which is not what it was opened as (by ${elsewhere})`;
    case 'closed-without-opened':
      return `connection ${shown(record.connection)} of ${who} on ${where} was closed and never opened`;
    case 'opened-after-fence':
      return `${who} was connected to ${where} after its fence, of which the ownership log knows nothing`;
    case 'fenced-without-fence':
      return `${where} was fenced without a fence in the leases`;
  }
}

export function fencedWithoutFence({ instance, incarnation, how }: FencedValue): string {
  const who = `${shown(instance)} (${shown(incarnation)})`;
  return how === 'acknowledged'
    ? `${who} is said to have acknowledged its fence, and the leases show no acknowledgement`
    : `${who} was fenced, and the leases show no fence for it`;
}

/** Control, format and line-separating characters: what could move a cursor or turn text around. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;
const shownMaxChars = 160;

/** An untrusted name as it may be printed. */
export function shown(name: string): string {
  const short = name.length > shownMaxChars ? `${name.slice(0, shownMaxChars)}…` : name;
  return short.replace(unprintable, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
