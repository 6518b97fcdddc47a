// The world at scale, in small: the same machines, model and picture with fewer of everything.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { percentile } from '../../../src/simulate/figures.js';
import { scaleDefaults } from '../../../src/simulate/scale/model.js';
import { runScale } from '../../../src/simulate/scale/run.js';
import { ScaleWorld } from '../../../src/simulate/scale/scale-world.js';

const small = {
  ...scaleDefaults,
  instances: 20,
  by: 2,
  partitions: 600,
  clientsPerInstance: 8_000,
};

describe('a service with many donors', () => {
  it('keeps each receiver near its pace, and every gap within the objective', async () => {
    const world = new ScaleWorld({ ...small, seed: 7 });
    for (const to of [22, 20]) {
      const change = await world.change(to);
      expect(change.returned).toBe(change.moved.clients);
      expect(change.moved.clients).toBeGreaterThan(10_000);
      expect(change.peakAcceptPerSecond).toBeLessThan(1.7 * small.pace.acceptPerSecond);
      expect(percentile(change.gapsMs, 0.99)).toBeLessThan(1_000);
    }
  });

  it('draws its picture and says the same in a table of 80 columns', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'evenkeel-scale-test-'));
    try {
      const svg = join(directory, 'picture.svg');
      const { table } = await runScale(3, svg, () => undefined, small);
      expect(table.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(table).toMatch(/not returned +0 +0$/);
      const drawn = readFileSync(svg, 'utf8');
      expect(drawn).toMatch(/^<svg [^>]+>/);
      expect(drawn).toContain('Grow 20 to 22');
      expect(drawn).toContain('Shrink 22 to 20');
      expect(drawn).not.toMatch(/NaN|undefined/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
