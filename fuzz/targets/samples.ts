// Good records of each topic, with numbers that often fit each other, to be spoilt. The real
// incarnation of an instance under test is in none of them.

import type { Topics } from '../../src/logs/topics.js';
import type { Random } from '../random.js';

export const lives = ['A1', 'A2', 'B1', 'C1'] as const;
const partitionsUsed = 8;

export function recordOf(topic: keyof Topics, random: Random): Readonly<Record<string, unknown>> {
  switch (topic) {
    case 'messages':
      return messageOf(random);
    case 'control':
      return controlOf(random);
    case 'ownership':
      return ownershipOf(random, String(random.below(30)));
    case 'sessions':
      return sessionOf(random);
    case 'leases':
      return leaseOf(random);
  }
}

function messageOf(random: Random) {
  const id = `c-${random.below(10)}`;
  return { id, from: 'bob', client: 'x', to: `u${random.below(5)}`, body: 'hi', sentAtMs: 1 };
}

/** Ranges of three ordinals, whole for `partitions`. */
export function controlOf(random: Random, partitions = 16): Readonly<Record<string, unknown>> {
  const base = {
    ...{ epoch: 1 + random.below(50), revision: 1 + random.below(50), rebalance: 'r' },
  };
  const type = random.pick([
    'distribution',
    'prepare',
    'cancel-prepare',
    'hold',
    'resume',
    'report',
  ]);
  if (type !== 'distribution' && type !== 'prepare') return { type, ...base };
  const cut = 1 + random.below(partitions - 1);
  return {
    ...{ type, ...base, hash: `h${base.revision}` },
    ranges: [
      [0, cut - 1, random.below(3)],
      [cut, partitions - 1, random.below(3)],
    ],
    instances: { 'messaging-0': { url: 'ws://a' }, 'messaging-1': { url: 'ws://b' } },
    pace: { clientsPerWave: 5, acceptPerSecond: 100, partitionsPerWave: 4 },
  };
}

export function ownershipOf(
  random: Random,
  prev: string | null,
): Readonly<Record<string, unknown>> {
  const incarnation = random.pick(lives);
  const instance = `messaging-${'ABC'.indexOf(incarnation[0] ?? 'A') + 1}`;
  if (random.oneIn(8)) return { type: 'fenced', instance, incarnation, how: 'acknowledged' };
  return {
    ...{ type: random.pick(['acquired', 'released']), partition: random.below(partitionsUsed) },
    ...{
      revision: 1 + random.below(4),
      instance,
      incarnation,
      prev: random.oneIn(3) ? null : prev,
    },
    ...{ next: '0', url: 'ws://b' },
  };
}

export function sessionOf(random: Random): Readonly<Record<string, unknown>> {
  const incarnation = random.pick(lives);
  const instance = `messaging-${'ABC'.indexOf(incarnation[0] ?? 'A') + 1}`;
  if (random.oneIn(10)) return { type: 'fenced', instance, incarnation, how: 'lease-expired' };
  return {
    ...{ type: random.pick(['opened', 'closed']), partition: random.below(partitionsUsed) },
    ...{
      user: `u${random.below(4)}`,
      client: 'c',
      session: 's',
      connection: `k${random.below(9)}`,
    },
    ...{ instance, incarnation, revision: 1 + random.below(4), reason: 'moved' },
  };
}

export function leaseOf(random: Random): Readonly<Record<string, unknown>> {
  const incarnation = random.pick(lives);
  return random.pick<Readonly<Record<string, unknown>>>([
    { type: 'alive', instance: 'messaging-1', incarnation, seq: random.below(20) },
    { type: 'fence', incarnation, by: 'saga' },
    { type: 'fence-acknowledged', incarnation },
    { type: 'probe', by: 'watcher' },
  ]);
}
