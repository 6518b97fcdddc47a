// A delay is part of a client's gap: none for waves that a receiver takes at once, else spread within
// what the receiver needs anyway and a bound.
import { describe, expect, it } from 'vitest';
import { arrivalDelayMs } from '../../../src/core/handover/arrival-delay.js';
import { Connections } from '../../../src/core/handover/connections.js';
import { arrivalsAtOnceMax, delayMaxMs } from '../../../src/limits.js';

const limits = { arrivalsAtOnceMax, delayMaxMs };
const delays = (clients: number, perSecond: number, jitter = 0.5) =>
  Array.from({ length: clients }, (_, at) =>
    arrivalDelayMs(at, clients, perSecond, jitter, limits),
  );

describe('the delay of a wave', () => {
  it('is 0 for waves of the default size and twice that, however slow the receiver is', () => {
    for (const clients of [1, 25, arrivalsAtOnceMax]) {
      expect(Math.max(...delays(clients, 1))).toBe(0);
    }
  });

  it('begins with the client that is too many and grows with the position', () => {
    const all = delays(150, 1_000);
    expect(all.slice(0, arrivalsAtOnceMax).every((ms) => ms === 0)).toBe(true);
    expect([...all].sort((a, b) => a - b)).toEqual(all);
    // 100 too many at 1 000 a second: a tenth of a second for all of them.
    expect(all.at(-1)).toBe(99);
  });

  it('is bounded, and longer for nobody than the receiver needs', () => {
    for (const perSecond of [1, 100, 5_000]) {
      const needs = ((2_000 - arrivalsAtOnceMax) * 1_000) / perSecond;
      const longest = Math.max(...delays(2_000, perSecond, 0.999));
      expect(longest).toBeLessThanOrEqual(Math.min(delayMaxMs, needs));
    }
  });

  it('keeps each client within a slot of its own', () => {
    const early = delays(150, 1_000, 0);
    const late = delays(150, 1_000, 0.999);
    for (let at = arrivalsAtOnceMax + 1; at < 150; at += 1) {
      expect(late[at - 1]).toBeLessThanOrEqual(early[at] as number);
    }
  });
});

describe('the connections of a partition that moves', () => {
  const moveAway = (clients: number, acceptPerSecond?: number) => {
    const connections = new Connections({ parkedMs: 5_000, parkedClientsMax: 10_000, ...limits });
    for (let n = 0; n < clients; n += 1) {
      const identity = { partition: 0, user: `u${n}`, client: 'c', session: 's', sessionAtMs: 1 };
      connections.admit(`id-${n}`, identity, { kind: 'serve', revision: 1 }, 0);
      connections.openedAcknowledged(`id-${n}`, true);
    }
    const notice = { reason: 'moved', url: 'ws://b', revision: 2 } as const;
    return connections
      .drain([0], acceptPerSecond === undefined ? notice : { ...notice, acceptPerSecond })
      .flatMap((action) => (action.kind === 'disconnect' ? [action.delayMs] : []));
  };

  it('are told to come at once when they are few', () => {
    expect(moveAway(25, 100)).toEqual(Array.from({ length: 25 }, () => 0));
  });

  it('are spread when one partition has more clients than a receiver takes at once', () => {
    const all = moveAway(600, 100);
    expect(all).toHaveLength(600);
    expect(all.filter((ms) => ms === 0).length).toBeLessThanOrEqual(arrivalsAtOnceMax + 4);
    expect(Math.max(...all)).toBeLessThan(delayMaxMs);
    // No tenth of the window gets more than its share by much.
    const tenths = new Map<number, number>();
    for (const ms of all.slice(arrivalsAtOnceMax)) {
      const tenth = Math.floor(ms / (delayMaxMs / 10));
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
    }
    expect(tenths.size).toBe(10);
    expect(Math.max(...tenths.values())).toBeLessThanOrEqual(57);
    expect(moveAway(600, 100)).toEqual(all);
  });

  it('are not delayed where nobody says how fast the receiver is', () => {
    expect(Math.max(...moveAway(600))).toBe(0);
  });
});
