import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.js';
import { cells, faults, flows, nameOf, withoutCells } from '../../faults/matrix.js';
import { openMemoryService } from '../../faults/memory-service.js';

// The matrix must not forget a step or an undo: held against the list of activities, and against what
// recorded sagas did.

const histories = fileURLToPath(new URL('../replay/histories/', import.meta.url));

interface RecordedHistory {
  readonly events: readonly {
    readonly activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  }[];
}

/** Names of the activities of a recorded saga, in their order. */
function stepsIn(file: string): readonly string[] {
  const { events } = JSON.parse(readFileSync(`${histories}${file}`, 'utf8')) as RecordedHistory;
  return events.flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType.name ?? [],
  );
}

const stepsOf = (name: string) => flows.find((flow) => flow.name === name)?.steps ?? [];
const inCells = new Set<string>(flows.flatMap(({ steps }) => steps));

describe('the fault matrix', () => {
  it('has cells about each activity, or says why there are none', async () => {
    const { ports } = await openMemoryService({ service: 'nobody', replicas: 0 });
    const without = Object.keys(withoutCells);
    expect([...inCells, ...without].sort()).toEqual(Object.keys(createActivities(ports)).sort());
  });

  it.each([
    ['grow', 'grow.json'],
    ['shrink', 'shrink.json'],
    ['lost', 'instance-lost.json'],
    ['roll', 'roll-step.json'],
  ])('has a column for each step of a recorded %s, in their order', (flow, file) => {
    expect(stepsOf(flow)).toEqual(stepsIn(file));
  });

  it('has a column for each step of a recorded way back', () => {
    const steps = stepsIn('grow-undone-at-verify.json');
    expect(stepsOf('undo')).toEqual(steps.slice(steps.indexOf('verify') + 1));
  });

  it.each(readdirSync(histories))('knows everything that %s did', (file) => {
    const known = new Set([...inCells, ...Object.keys(withoutCells)]);
    expect(stepsIn(file).filter((step) => !known.has(step))).toEqual([]);
  });

  it('has each fault at each step but races that nobody can lose any more', () => {
    const names = new Set(cells().map(nameOf));
    for (const { name, steps } of flows) {
      for (const step of steps) {
        for (const fault of faults) {
          const isLate = steps.indexOf(step) > steps.indexOf('commit');
          const isCell = !(fault === 'race lost' && isLate);
          expect(names.has(`${name}/${step}/${fault}`), `${name}/${step}/${fault}`).toBe(isCell);
        }
      }
    }
  });
});
