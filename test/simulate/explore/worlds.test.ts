import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/simulate/explore/breadth-first.js';
import type { Line } from '../../../src/simulate/explore/breadth-first.js';
import { agreementOf, evidenceOf } from '../../../src/simulate/explore/evidence.js';
import { spaceOf } from '../../../src/simulate/explore/space.js';
import { World } from '../../../src/simulate/explore/world.js';
import { worlds } from '../../../src/simulate/explore/worlds.js';
import type { WorldOptions } from '../../../src/simulate/explore/world-options.js';
import { seeded } from '../../support/seeded.js';

/** `npm run explore` goes on until they are closed. */
const sampleStates = 5_000;

describe('a world to explore', () => {
  it.each(worlds)('is without a violation as far as it is sampled here: $name', (options) => {
    const world = new World(options);
    const { violation } = explore(spaceOf(world), { statesMax: sampleStates });
    expect(violation).toBeNull();
    expect(agreementOf(world).differences).toEqual([]);
  });

  it('has a name of its own', () => {
    expect(new Set(worlds.map(({ name }) => name)).size).toBe(worlds.length);
  });

  const first = worlds[0] as WorldOptions;
  /** Clients that wait do so for ever: a few hundred states. */
  const small: WorldOptions = {
    ...first,
    comesToRest: false,
    limits: { ...first.limits, parkedMs: Number.POSITIVE_INFINITY },
  };

  it('goes through what it is made for', () => {
    const { kinds, closed } = explore(spaceOf(new World(small)));
    expect(closed).toBe(true);
    expect([...kinds.keys()]).toEqual(
      expect.arrayContaining(['publishes', 'timers', 'closed lands', 'client reads welcome']),
    );
  });

  it('has as many states when they are kept whole instead of as fingerprints', () => {
    const space = spaceOf(new World(small));
    const seen = new Set([space.initial.join()]);
    const open = [space.initial];
    for (let row = open.pop(); row !== undefined; row = open.pop()) {
      space.successors(row, (_kind, next) => {
        const key = next.join();
        if (seen.has(key)) return;
        seen.add(key);
        open.push(next.slice());
      });
    }
    expect(explore(spaceOf(new World(small))).states).toBe(seen.size);
  });

  it('never changes a part that has its number', () => {
    const world = new World(small);
    explore(spaceOf(world));
    const parts = [world.hosts, world.leases, world.clients, world.logs, world.owns];
    expect(parts.map((one) => one.changed())).toEqual(parts.map(() => []));
    expect(world.hosts.size).toBeGreaterThan(30);
  });
});

/** Far too large to be closed: everything at once. */
const everything: WorldOptions = {
  ...(worlds[0] as WorldOptions),
  name: 'everything',
  instances: 3,
  partitions: 2,
  revisions: [
    [0, 1],
    [2, 1],
    [1, 0],
  ],
  clients: [0, 1],
  messages: 3,
  leases: [0, 1, 2],
  heartbeatsUnderWay: 2,
  says: ['prepare', 'cancel-prepare', 'hold', 'resume'],
  leaves: [1],
  sessions: 2,
  checkpoints: true,
  budgets: {
    ...{ crashes: 2, restarts: 3, pauses: 2, fences: 2 },
    ...{ duplicates: 2, lostSockets: 2, repeatedNotices: 1, repeats: 4 },
  },
  limits: { ...(worlds[0] as WorldOptions).limits, ttlMs: 2, repeatAfterMs: 1, parkedMs: 3 },
};

describe('random walks through a world of everything', () => {
  const world = new World(everything);
  const space = spaceOf(world);

  it.each(Array.from({ length: 25 }, (_, i) => i + 1))(
    'seed %i: no violation, and the independent check finds none in the logs',
    (seed) => {
      const random = seeded(seed);
      const lines: Line[] = [...space.before];
      let row = space.initial;
      for (let step = 0; step < 400; step += 1) {
        let count = 0;
        let chosen: Int32Array = row;
        let line: Line = { text: '' };
        space.successors(row, (_kind, next, violation, say) => {
          if (violation !== null) throw new Error(`seed ${seed}: ${violation}: ${say().text}`);
          count += 1;
          if (random.below(count) !== 0) return;
          chosen = next.slice();
          line = say();
        });
        row = chosen;
        lines.push(line);
        expect(space.violation(row), `seed ${seed}`).toBeNull();
      }
      const { ok, first } = evidenceOf(lines);
      expect({ ok, first }, `seed ${seed}`).toEqual({ ok: true });
    },
  );

  it('go through every kind of trouble', () => {
    expect(world.logs.size).toBeGreaterThan(50);
    expect(agreementOf(world).differences).toEqual([]);
  });
});
