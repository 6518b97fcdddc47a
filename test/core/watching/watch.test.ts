// Who is suspected, and who is not: a watcher in small worlds of heartbeats, probes and a broker that
// may be away, in its own time.
import { describe, expect, it } from 'vitest';
import { limits, WatchedWorld } from './watched-world.js';

/** Printed in the names. */
const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
const named = (world: WatchedWorld) => world.named.map(({ instance }) => instance);

describe('one instance falls silent', () => {
  for (const seed of seeds) {
    it(`seed ${seed}: it is named once, between 1.5 s and 3.1 s later, and nobody else`, () => {
      const world = new WatchedWorld(seed, 5);
      world.run(20_000);
      expect(world.named).toEqual([]);
      const diedAtMs = world.nowMs;
      world.kill(2);
      world.run(10_000);
      expect(named(world)).toEqual(['s-2']);
      const afterMs = (world.named[0]?.atMs ?? 0) - diedAtMs;
      expect(afterMs).toBeGreaterThanOrEqual(limits.silentMs - 500);
      expect(afterMs).toBeLessThanOrEqual(limits.silentMs + 2 * limits.everyMs + 600);
    });
  }

  it('is not named when it holds nothing', () => {
    const world = new WatchedWorld(1, 3);
    world.run(10_000);
    world.holds(1, false);
    world.kill(1);
    world.run(20_000);
    expect(world.named).toEqual([]);
  });

  it('is not named while a successor is heard, which fences it by itself', () => {
    const world = new WatchedWorld(1, 3);
    world.run(10_000);
    world.kill(1);
    world.run(1_000);
    world.restart(1);
    world.run(20_000);
    expect(world.named).toEqual([]);
  });

  it('is named when its successor falls silent, too', () => {
    const world = new WatchedWorld(1, 3);
    world.run(10_000);
    world.kill(1);
    world.run(1_000);
    world.restart(1);
    world.run(5_000);
    world.kill(1);
    world.run(5_000);
    expect(named(world)).toEqual(['s-1']);
    expect(world.named[0]?.incarnation).toBe('s-1.1');
  });

  it('is named again when it still holds after a while, and at once when the word was lost', () => {
    const world = new WatchedWorld(1, 3);
    world.run(10_000);
    world.kill(1);
    world.run(limits.repeatMs + 5_000);
    expect(named(world)).toEqual(['s-1', 's-1']);
    world.watch.unsaid('s-1.1');
    world.run(1_000);
    expect(named(world)).toEqual(['s-1', 's-1', 's-1']);
  });

  it('is forgotten when it is fenced: it holds no more', () => {
    const world = new WatchedWorld(1, 3);
    world.run(10_000);
    world.kill(1);
    world.run(4_000);
    world.holds(1, false);
    world.run(60_000);
    expect(named(world)).toEqual(['s-1']);
  });
});

describe('everybody is silent', () => {
  for (const seed of seeds) {
    it(`seed ${seed}: a broker that is away for 1 to 20 s makes no suspect, then or afterwards`, () => {
      const world = new WatchedWorld(seed, 5);
      world.run(10_000);
      world.brokerAway(1_000 + world.random(19_000));
      world.run(60_000);
      expect(world.named).toEqual([]);
    });

    it(`seed ${seed}: a watcher that is paused for 1 to 20 s suspects nobody`, () => {
      const world = new WatchedWorld(seed, 5);
      world.run(10_000);
      world.pauseWatcher(1_000 + world.random(19_000));
      world.run(60_000);
      expect(world.named).toEqual([]);
    });
  }

  for (const seed of seeds) {
    it(`seed ${seed}: a broker that is away is seen by whoever watches a single instance, too`, () => {
      const world = new WatchedWorld(seed, 1);
      world.run(10_000 + world.random(500));
      world.brokerAway(1_000 + world.random(5_000));
      world.run(60_000);
      expect(world.named).toEqual([]);
    });

    it(`seed ${seed}: several that fall silent are held, looked at again, and then named`, () => {
      const world = new WatchedWorld(seed, 5);
      world.run(10_000);
      const diedAtMs = world.nowMs;
      for (const ordinal of [1, 3]) world.kill(ordinal);
      world.run(limits.silentMs + limits.severalHeldMs - 500);
      expect(world.named).toEqual([]);
      world.run(5_000);
      expect(named(world).sort()).toEqual(['s-1', 's-3']);
      expect((world.named[0]?.atMs ?? 0) - diedAtMs).toBeGreaterThan(limits.severalHeldMs);
    });
  }

  it('and not named when they are heard again meanwhile', () => {
    const world = new WatchedWorld(3, 5);
    world.run(10_000);
    for (const ordinal of [0, 1, 2, 3, 4]) world.mute(ordinal, limits.silentMs + 1_500);
    world.run(30_000);
    expect(world.named).toEqual([]);
  });
});

it('says nothing of anybody while its own probes come late', () => {
  const world = new WatchedWorld(5, 3);
  world.run(10_000);
  world.probesLateMs = limits.lateMs + 1;
  world.run(2_000);
  world.kill(1);
  world.run(30_000);
  expect(world.named).toEqual([]);
  world.probesLateMs = 0;
  world.run(limits.settleMaxMs + limits.silentMs + 1_000);
  expect(named(world)).toEqual(['s-1']);
});

it('knows its probes from those of another watcher', () => {
  const world = new WatchedWorld(5, 3);
  world.run(10_000);
  world.probesLateMs = 1_000_000;
  for (let n = 0; n < 100; n += 1) {
    world.run(100);
    const probe = { type: 'probe', by: 'watcher', watcher: 'another' } as const;
    for (const partition of [0, 1, 2])
      for (let seq = 0; seq < 100; seq += 1)
        world.watch.read({ ...probe, seq }, partition, world.nowMs);
    if (n === 10) world.kill(1);
  }
  expect(world.named).toEqual([]);
});
