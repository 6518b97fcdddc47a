// The test of the tests: each deliberate mistake is caught as the breach of the property that it is
// meant to breach, and the same world without it is clean. Their table stands in docs/exploration.md;
// EVENKEEL_WRITE_DOCS=1 writes it.

import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/simulate/explore/breadth-first.js';
import type { Line } from '../../src/simulate/explore/breadth-first.js';
import { evidenceOf } from '../../src/simulate/explore/evidence.js';
import { realRules } from '../../src/simulate/explore/rules.js';
import { spaceOf } from '../../src/simulate/explore/space.js';
import { World } from '../../src/simulate/explore/world.js';
import { realMachines } from '../../src/simulate/machines.js';
import type { Mistake, Scenario } from './mistake.js';
import { mistakesOfClients } from './of-clients.js';
import { noDuplicateWindow } from './of-delivery.js';
import { mistakesOfLeases } from './of-leases.js';
import { mistakesOfOwnership } from './of-ownership.js';
import { lateScale } from './of-the-platform.js';

const mistakes = [...mistakesOfOwnership, ...mistakesOfLeases, ...mistakesOfClients];
const scenarios: readonly Scenario[] = [lateScale, noDuplicateWindow];
const statesMax = 200_000;
const docsFile = new URL('../../docs/exploration.md', import.meta.url);
const markers = ['<!-- mistakes: begin -->', '<!-- mistakes: end -->'] as const;

interface Found {
  readonly what: string;
  readonly story: readonly Line[];
  /** What the independent check says of the logs that the story leaves behind. */
  readonly verified: string | null;
}

function find(mistake: Mistake): Found | null {
  const machines = { ...realMachines, ...mistake.machines };
  const rules = { ...realRules, ...mistake.rules };
  const space = spaceOf(new World(mistake.world, machines, rules));
  const { violation } = explore(space, { statesMax });
  if (violation === null) return null;
  const { ok, first } = evidenceOf([...space.before, ...violation.story]);
  return { ...violation, verified: ok ? null : (first?.kind ?? null) };
}

const found = new Map(mistakes.map((mistake) => [mistake.name, find(mistake)]));

describe('a deliberate mistake', () => {
  it.each(mistakes)('is found by exploration: $name', ({ name, property }) => {
    expect(found.get(name)?.what).toMatch(new RegExp(`^${property}: `));
  });

  it.each(scenarios)('is shown by a scenario: $name', async ({ run, property }) => {
    expect(await run(true)).toMatch(new RegExp(`^${property}: `));
  });
});

describe('the same without the mistake', () => {
  const worlds = new Map(mistakes.map(({ world }) => [world.name, world]));
  it.each([...worlds.values()])('is clean to closure: $name', (world) => {
    const { violation, closed } = explore(spaceOf(new World(world)), { statesMax });
    expect({ violation, closed }).toEqual({ violation: null, closed: true });
  });

  it.each(scenarios)('is clean: $name', async ({ run }) => {
    expect(await run(false)).toBeNull();
  });
});

describe('the table of mistakes', () => {
  it('stands in docs/exploration.md as it is found now', async () => {
    const rows = [
      ['mistake', 'breaks', 'caught by', 'events of the shortest story'],
      ['---', '---', '---', '---:'],
      ...mistakes.map(({ name, property }) => {
        const one = found.get(name);
        const verify = one?.verified == null ? '' : `; \`verify\`: ${one.verified}`;
        return [name, property, `exploration${verify}`, String(one?.story.length ?? 0)];
      }),
      ...scenarios.map(({ name, property, caughtBy }) => [name, property, caughtBy, '']),
    ];
    const table = rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
    const text = readFileSync(docsFile, 'utf8');
    const [from, to] = [text.indexOf(markers[0]), text.indexOf(markers[1])];
    const wanted = await format(
      `${text.slice(0, from)}${markers[0]}\n\n${table}\n\n${text.slice(to)}`,
      { parser: 'markdown', printWidth: 100 },
    );
    if (process.env['EVENKEEL_WRITE_DOCS'] === '1') writeFileSync(docsFile, wanted);
    expect(readFileSync(docsFile, 'utf8')).toBe(wanted);
  });
});
