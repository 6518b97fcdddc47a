// A few seconds of what `npm run fuzz` does for as long as one likes, and proof that it would find
// something: a planted mistake is found and cut down to its smallest input.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../fuzz/main.js';
import { fuzz } from '../../fuzz/run.js';
import { shrink } from '../../fuzz/shrink.js';
import { openers } from '../../fuzz/targets/index.js';
import { seededRandom } from '../../fuzz/random.js';

/** A new seed each run, printed when something is found; in CI a change is judged by what it changed. */
const seed = process.env['CI'] === undefined ? Date.now() % 2 ** 31 : 20_261_122;
const executions: Readonly<Record<string, number>> = { frames: 300, topics: 300 };
const executionsDefault = 600;

describe('spoilt input', () => {
  for (const [name, open] of Object.entries(openers)) {
    it(`finds nothing wrong with ${name}`, async () => {
      const target = await open();
      const count = executions[name] ?? executionsDefault;
      const report = await fuzz({ targets: [target], seed, executions: count });
      await target.close();
      expect(report.failure, `seed ${seed}`).toBeUndefined();
      expect(report.executions).toEqual({ [name]: count });
    });
  }

  it('is the same for the same seed, and another for another', async () => {
    for (const open of Object.values(openers)) {
      const target = await open();
      const inputs = (of: number) =>
        Array.from({ length: 50 }, (_, n) => target.generate(seededRandom(of + n)));
      expect(inputs(7)).toEqual(inputs(7));
      expect(inputs(7)).not.toEqual(inputs(8_000));
      await target.close();
    }
  });
});

describe('a mistake', () => {
  it('is found, cut down to what it needs, and named with its seed', async () => {
    const target = {
      name: 'planted',
      generate: (random: ReturnType<typeof seededRandom>) =>
        Array.from({ length: 10 }, () => `step ${random.below(50)} of many`),
      execute: (steps: readonly string[]) => {
        if (steps.some((step) => step.includes('37'))) throw new Error('thirty-seven');
      },
      close: async () => undefined,
    };
    const report = await fuzz({ targets: [target], seed: 5, executions: 1_000 });
    expect(report.failure).toMatchObject({ target: 'planted', seed: 5, input: ['37'] });
    expect(report.failure?.error).toContain('thirty-seven');
  });

  it('that nobody awaited is found too', async () => {
    const strays: unknown[] = [];
    const target = {
      name: 'stray',
      generate: () => ['a', 'b'],
      execute: (steps: readonly string[]) => {
        if (steps.includes('b')) strays.push(new Error('unheard'));
      },
      close: async () => undefined,
    };
    const report = await fuzz({ targets: [target], seed: 1, executions: 3, strays });
    expect(report.failure).toMatchObject({ input: ['b'], execution: 0 });
  });

  it('of order keeps its order', async () => {
    const needs = (steps: readonly string[]) => steps.join('').replace(/[^ab]/g, '').includes('ab');
    const smallest = await shrink(['xxa', 'y', 'bz', 'a'], async (steps) => needs(steps));
    expect(smallest).toEqual(['a', 'b']);
  });
});

describe('the command', () => {
  afterEach(() => vi.restoreAllMocks());

  it('teaches, and says what is wrong with its use', async () => {
    let [out, err] = ['', ''];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
    expect(await main(['--help'])).toBe(0);
    for (const name of Object.keys(openers)) expect(out).toContain(`  ${name} `);
    for (const wrong of [['--seconds', '0'], ['--seed', '-1'], ['--only', 'all'], ['more']]) {
      expect(await main(wrong), wrong.join(' ')).toBe(2);
    }
    expect(err).toContain('"all" is not a target; there are: frames, topics');
  });

  it('reports rate, memory and seed as JSON', async () => {
    let out = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    expect(
      await main(['--seconds', '1', '--only', 'records,client', '--seed', '3', '--json']),
    ).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      seed: 3,
      perSecond: expect.any(Number) as number,
      memoryMb: { start: expect.any(Number) as number, end: expect.any(Number) as number },
    });
  });
});
