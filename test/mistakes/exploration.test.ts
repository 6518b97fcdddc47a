import { describe, expect, it } from 'vitest';
import { explore } from '../../src/simulate/explore/breadth-first.js';
import { spaceOf } from '../../src/simulate/explore/space.js';
import { World } from '../../src/simulate/explore/world.js';
import { realMachines } from '../../src/simulate/machines.js';
import { realRules } from '../../src/simulate/explore/rules.js';
import { mistakesOfClients } from './of-clients.js';
import { mistakesOfLeases } from './of-leases.js';
import { mistakesOfOwnership } from './of-ownership.js';

const mistakes = [...mistakesOfOwnership, ...mistakesOfLeases, ...mistakesOfClients];
const statesMax = 300_000;

describe('a deliberate mistake', () => {
  it.each(mistakes)('is found by exploration: $name', (mistake) => {
    const machines = { ...realMachines, ...mistake.machines };
    const rules = { ...realRules, ...mistake.rules };
    const t = Date.now();
    const space = spaceOf(new World(mistake.world, machines, rules));
    const found = explore(space, { statesMax });
    console.log(mistake.name, found.states, found.violation?.what, found.violation?.story.length, Date.now() - t);
    console.log(found.violation?.story.map(({ text }, i) => `${i + 1}. ${text}`).join('\n'));
    expect(found.violation?.what).toMatch(new RegExp(`^${mistake.property}: `));
  });
  const worlds = new Map(mistakes.map(({ world }) => [world.name, world]));
  it.each([...worlds.values()])('does no harm in the same world with the real machines: $name', (world) => {
    const t = Date.now();
    const real = explore(spaceOf(new World(world)), { statesMax });
    console.log(world.name, real.states, real.closed, Date.now() - t);
    expect(real.violation).toBeNull();
    expect(real.closed).toBe(true);
  });
});
