// When a decision asks for spares that are missing: where nothing else is done, and nobody moves for it.
import { describe, expect, it } from 'vitest';
import { withSpares } from '../../../src/core/saga/spares.js';
import { decideOnce, kinds, nowMs, policy, snapshot } from './given.js';

const one = policy({ warmSpares: 1 });
const ran = (replicas: number, byOthers = false) => ({ told: { replicas, byOthers } });

describe('spares that are missing', () => {
  it('are asked for with the present number of owners', () => {
    const decision = decideOnce(snapshot([60, 60], ran(2)), one);
    expect(decision).toMatchObject({ kind: 'act', desired: 2 });
    expect(kinds(decision)).toEqual(['spares-missing', 'within-thresholds']);
  });

  it('are asked for at the minimum, too, however low the load', () => {
    const decision = decideOnce(snapshot([0, 0], ran(2)), one);
    expect(decision).toMatchObject({ kind: 'act', desired: 2 });
    expect(kinds(decision)).toContain('limited-by-min');
  });

  it('wait for a cooldown', () => {
    const seen = snapshot([60, 60], { ...ran(2), lastChangeAtMs: nowMs - 10_000 });
    const decision = decideOnce(seen, one);
    expect(decision.kind).toBe('skip');
    expect(kinds(decision).slice(0, 2)).toEqual(['cooldown', 'spares-missing']);
  });

  it('come after whatever changes the number: that brings them along', () => {
    const decision = decideOnce(snapshot([110, 110], ran(2)), one);
    expect(decision).toMatchObject({ kind: 'act', desired: 3 });
    expect(kinds(decision)).not.toContain('spares-missing');
  });

  it.each([
    ['enough run', snapshot([60, 60], ran(3)), one],
    ['the policy wants none', snapshot([60, 60], ran(2)), policy()],
    ['somebody else set the number', snapshot([60, 60], ran(2, true)), one],
    ['nobody knows how many run', snapshot([60, 60]), one],
    ['the maximum is reached', snapshot([60, 60, 60, 60], ran(4)), one],
  ])('are not asked for when %s', (_, seen, inForce) => {
    expect(kinds(decideOnce(seen, inForce))).not.toContain('spares-missing');
  });

  it('are counted above the highest owner, whoever was drained below', () => {
    const seen = { ...snapshot([60, 60], ran(3)), members: ['messaging-0', 'messaging-2'] };
    expect(decideOnce(seen, one)).toMatchObject({ kind: 'act', desired: 2 });
  });
});

it('so many run with spares: never fewer than needed, never more than the maximum', () => {
  const all = (needed: number, spares: number, max: number) => withSpares(needed, { spares, max });
  expect([all(3, 2, 8), all(3, 0, 8), all(3, 9, 5), all(6, 1, 5)]).toEqual([5, 3, 5, 6]);
});
