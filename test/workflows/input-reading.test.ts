import { describe, expect, it } from 'vitest';
import type { RequestOutcome } from '../../workflows/messages.js';
import { readInput } from '../../workflows/input-reading.js';
import { Unreadable } from '../../workflows/payload-reading.js';

const read = (
  input: unknown,
  id = 'rebalance/m',
  idCounts = true,
  waiting: readonly unknown[] = [],
) => readInput(input, waiting, id, () => idCounts);

const request = { requestId: 'r1', reason: 'r', source: 'operator', instances: 3 } as const;
const outcome: RequestOutcome = {
  requestId: 'r0',
  outcome: 'completed',
  text: 'grow 2 → 3',
  revision: 2,
  movedClients: 1,
  gapP99Ms: 3,
};

describe('the input of a run', () => {
  it('is taken as it is where nothing is wrong with it', () => {
    expect(read({ service: 'm' })).toEqual({
      ...{ service: 'm', pending: [], outcomes: [], notes: [] },
      ...{ notBegun: 0, undone: undefined },
    });
    expect(read({ service: 'm', pending: [request], outcomes: [outcome] })).toEqual({
      service: 'm',
      pending: [request],
      outcomes: [outcome],
      notBegun: 0,
      undone: undefined,
      notes: [],
    });
  });

  it.each([[undefined], [null], [{}], ['m'], [[]], [7], [{ service: 5 }], [{ service: '' }]])(
    'lacks the service: %j, so the id says it',
    (input) => {
      expect(read(input)).toMatchObject({
        service: 'm',
        notes: ['the run was started for no service; it is about m, as its id says'],
      });
    },
  );

  it('cannot be read: the id says whom it is about, and the rest is noted', () => {
    const sealed = new Unreadable('encoding binary/encrypted');
    const given = read(sealed, 'rebalance/m', false, [sealed, request]);
    expect(given).toMatchObject({ service: 'm', pending: [request] });
    expect(given?.notes).toEqual([
      'what the run was started with cannot be read: encoding binary/encrypted',
      'it is about m, as its id says; requests and outcomes of an earlier run, if it had any, are lost',
      "left out of the run's input: a pending request, which cannot be read: encoding binary/encrypted",
    ]);
    expect(read(sealed, 'other/m')).toBe(null);
  });

  it('contradicts the id, which is the lock: the id counts', () => {
    expect(read({ service: 'other' })).toMatchObject({
      service: 'm',
      notes: ['the run was started for service other; it is about m, as its id says'],
    });
  });

  it('names the service of a run that began before the id counted', () => {
    expect(read({ service: 'other' }, 'rebalance/m', false)).toMatchObject({ service: 'other' });
    expect(read({ service: 'm' }, 'fake', false)).toMatchObject({ service: 'm', notes: [] });
  });

  it.each([['rebalance/'], ['m'], ['autoscale/m'], [`rebalance/${'m'.repeat(101)}`]])(
    'is no run of a service under the id %s',
    (id) => {
      expect(read(undefined, id)).toBeNull();
      expect(read({ service: 'm' }, id)).toBeNull();
    },
  );

  it.each<[string, unknown, string]>([
    ['pending', 'abc', 'pending, which was no list'],
    ['pending', { length: 3 }, 'pending, which was no list'],
    ['pending', [null], 'a pending request: a request must be an object'],
    ['pending', [{ ...request, instances: -1 }], 'a pending request: instances must be'],
    ['outcomes', 7, 'outcomes, which was no list'],
    ['outcomes', [{ ...outcome, outcome: 'toString' }], 'an outcome that is none'],
    ['outcomes', ['x'], 'an outcome that is none'],
  ])('leaves out %s %j, and says so', (field, value, why) => {
    const seen = read({ service: 'm', [field]: value });
    expect(seen).toMatchObject({ service: 'm', pending: [], outcomes: [] });
    expect(seen?.notes).toHaveLength(1);
    expect(seen?.notes[0]).toContain(`left out of the run's input: ${why}`);
  });

  it('keeps what is good beside what is not', () => {
    expect(read({ service: 'm', pending: [7, request], outcomes: [outcome, {}] })).toMatchObject({
      pending: [request],
      outcomes: [outcome],
    });
  });

  it('goes on with what was handed on in arguments of its own, and with why a saga was undone', () => {
    const more = { ...request, requestId: 'r2' };
    const said = { service: 'm', pending: [request], notBegun: 7, undone: 'verify failed; undone' };
    expect(read(said, undefined, true, [more, 'garbage'])).toMatchObject({
      pending: [request, more],
      notBegun: 7,
      undone: 'verify failed; undone',
      notes: ["left out of the run's input: a pending request: a request must be an object"],
    });
    const odd = { service: 'm', notBegun: -1.5, undone: { type: 'x' } };
    expect(read(odd)).toMatchObject({ notBegun: 0, undone: undefined });
  });

  it('is bounded, however much it has', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => ({ ...request, requestId: `r${i}` }));
    const wrong = Array.from({ length: 5_000 }, (_, i) => ({ ...request, source: i, reason: '' }));
    const seen = read({ service: 'm', pending: many, outcomes: many.map(() => outcome) });
    expect([seen?.pending.length, seen?.outcomes.length]).toEqual([16, 48]);
    expect(read({ service: 'm', pending: wrong })?.notes.length).toBeLessThanOrEqual(13);
  });
});
