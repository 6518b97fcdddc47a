// Owns: what the sessions logs prove at present: who is connected where, as far as evidence goes. It
// is the live half of SingleSession; the whole logs are given to the independent check when a story
// is told. Never looks into an instance.

import type { Fenced, SessionChange } from '../../core/records.js';

export interface SessionsPart {
  readonly open: readonly SessionChange[];
  readonly fenced: readonly string[];
}

export interface SessionsOutcome {
  readonly part: SessionsPart;
  readonly violation: string | null;
}

/** Applies a record where it lands. `everHeld`: whether that incarnation ever held the partition. */
export function sessionsOutcome(
  { open, fenced }: SessionsPart,
  record: SessionChange | Fenced,
  everHeld: boolean,
): SessionsOutcome {
  if (record.type === 'fenced') {
    if (fenced.includes(record.incarnation)) return { part: { open, fenced }, violation: null };
    const left = open.filter(({ incarnation }) => incarnation !== record.incarnation);
    const all = [...fenced, record.incarnation].sort();
    return { part: { open: left, fenced: all }, violation: null };
  }
  if (fenced.includes(record.incarnation)) return { part: { open, fenced }, violation: null };
  const others = open.filter(({ connection }) => connection !== record.connection);
  if (record.type === 'closed') return { part: { open: others, fenced }, violation: null };
  const part = { open: [...others, record].sort(byConnection), fenced };
  return { part, violation: contradiction(others, record, everHeld) };
}

const byConnection = (a: SessionChange, b: SessionChange): number =>
  a.connection < b.connection ? -1 : 1;

function contradiction(
  others: readonly SessionChange[],
  record: SessionChange,
  everHeld: boolean,
): string | null {
  const { user, incarnation, partition } = record;
  const twice = others.find((other) => other.user === user);
  if (twice !== undefined) {
    return `SingleSession: ${user} is connected to ${incarnation} while connected to ${twice.incarnation}`;
  }
  const owner = others.find((o) => o.partition === partition && o.incarnation !== incarnation);
  if (owner !== undefined) {
    return `SingleOwner: ${incarnation} connects a client of p${partition} while ${owner.incarnation} has one`;
  }
  if (everHeld) return null;
  return `SingleOwner: ${incarnation} connects a client of p${partition}, which it never held`;
}
