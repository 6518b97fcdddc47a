// A real instance on an in-memory bus, and everything in its topics that is none of ours: it stays up,
// keeps what it holds, and counts what it skipped.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partitions, startLoneInstance, type LoneInstance } from '../../fuzz/instance.js';
import { eventually } from '../support/eventually.js';

let lone: LoneInstance;
beforeEach(async () => {
  lone = await startLoneInstance();
  await lone.distribute(1, 1);
  await eventually('everything is held', () => lone.instance.status().held === partitions);
});
afterEach(() => lone.close());

const whole = {
  type: 'distribution',
  epoch: 2,
  revision: 2,
  rebalance: 'x',
  hash: 'h',
  ranges: [[0, partitions - 1, 7]],
  instances: {},
  pace: {},
};

/** Nothing changed, and the next revision is obeyed as if nothing had been. */
async function expectUnmoved(skips: number): Promise<void> {
  await eventually('the records are skipped', () => lone.skipped.length >= skips);
  expect(lone.faults).toEqual([]);
  expect(lone.instance.status()).toMatchObject({ state: 'ready', revision: 1, held: partitions });
  await lone.distribute(2, 2);
  await eventually('the next revision is obeyed', () => lone.instance.status().revision === 2);
  expect(lone.instance.status()).toMatchObject({ state: 'ready', held: partitions });
}

describe('a record in the control topic that is none of ours', () => {
  const bad: Record<string, unknown> = {
    'no JSON': '{',
    null: 'null',
    'an array': '[]',
    'of a newer type': { ...whole, type: 'distribution-2' },
    'without an epoch': { ...whole, epoch: undefined },
    'with a hole': {
      ...whole,
      ranges: [
        [0, 3, 0],
        [5, partitions - 1, 0],
      ],
    },
    'with an overlap': {
      ...whole,
      ranges: [
        [0, 5, 0],
        [5, partitions - 1, 0],
      ],
    },
    'that ends too early': { ...whole, ranges: [[0, partitions - 2, 7]] },
    'that ends too late': { ...whole, ranges: [[0, partitions, 7]] },
    'out of order': {
      ...whole,
      ranges: [
        [8, partitions - 1, 0],
        [0, 7, 0],
      ],
    },
    'with an ordinal below 0': { ...whole, ranges: [[0, partitions - 1, -1]] },
    'with a partition that is no number': { ...whole, ranges: [[0, '15', 0]] },
    'without ranges': { ...whole, ranges: [] },
    'with an absurd revision': { ...whole, revision: Number.MAX_SAFE_INTEGER },
    'with an absurd epoch': { ...whole, epoch: Number.MAX_SAFE_INTEGER },
    'with a negative epoch': { ...whole, epoch: -5 },
    'with a fraction of a revision': { ...whole, revision: 2.5 },
    'with a pace of nothing': { ...whole, pace: { clientsPerWave: 0 } },
    'with a pace that is null': { ...whole, pace: { acceptPerSecond: null } },
    'with an address that is no text': { ...whole, instances: { 'messaging-7': { url: 7 } } },
    'with an address of null': { ...whole, instances: { 'messaging-7': null } },
    'that holds with an absurd epoch': { ...whole, type: 'hold', epoch: 1e300 },
  };
  it('is skipped and counted, whatever is wrong with it', async () => {
    for (const value of Object.values(bad)) {
      await lone.put('control', 0, typeof value === 'string' ? value : JSON.stringify(value));
    }
    const count = Object.keys(bad).length;
    await expectUnmoved(count);
    expect(lone.skipped).toHaveLength(count);
    const reasons = lone.skipped.map(({ reason }) => reason);
    expect(reasons.slice(0, 5)).toEqual([
      ...['not-an-object', 'not-an-object', 'not-an-object', 'unknown-type', 'malformed'],
    ]);
    expect(reasons.filter((reason) => reason === 'breaks-tiling')).toHaveLength(8);
    // Said once per kind, without a word of what the record held.
    const said = lone.events.filter(({ event }) => event === 'record-skipped');
    expect(said).toHaveLength(4);
    expect(JSON.stringify(said)).not.toContain('messaging-7');
  });
});

describe('records in the logs that are none of ours', () => {
  it('void claims with absurd numbers leave everybody who holds where he is', async () => {
    const claim = { type: 'acquired', partition: 0, revision: 2, instance: 'messaging-9' };
    const rest = { incarnation: 'stranger', prev: '0', next: '0', url: 'ws://evil' };
    const bad = [
      { ...claim, ...rest, revision: Number.MAX_SAFE_INTEGER },
      { ...claim, ...rest, partition: 'zero' },
      { ...claim, ...rest, prev: undefined },
      { ...claim, ...rest, type: 'lent' },
      'garbage',
    ];
    for (const value of bad) await lone.put('ownership', 0, JSON.stringify(value));
    // Well-formed, and void all the same.
    for (const partition of [-1, partitions, 5]) {
      await lone.put('ownership', 0, JSON.stringify({ ...claim, ...rest, partition }));
    }
    await expectUnmoved(bad.length);
    expect(lone.skipped.map(({ reason }) => reason)).toContain('unknown-type');
  });

  it('leases of other types, and heartbeats that are none, extend and end nothing', async () => {
    const { incarnation } = lone.instance;
    const bad: unknown[] = [
      { type: 'alive', incarnation, seq: 'many' },
      { type: 'renewed', incarnation },
      { type: 'fence', incarnation: 7 },
      { type: 'fence' },
      'x',
    ];
    await lone.put('leases', 0, '{"type":"probe","by":{"toString":1}}');
    for (const value of bad) await lone.put('leases', 0, JSON.stringify(value));
    await lone.put('leases', 0, JSON.stringify({ type: 'alive', incarnation, seq: 1e15 }));
    await lone.put('leases', 0, JSON.stringify({ type: 'fence', incarnation: 'somebody-else' }));
    await expectUnmoved(bad.length);
  });
});
