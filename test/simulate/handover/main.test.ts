// The command as people use it: what it prints, how it ends, and what wrong use looks like.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/simulate/handover/main.js';

let directory: string;
let out: string;
let err: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-simulate-test-'));
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

const small = '--rebalances 3 --clients 12 --instances 3 --partitions 8'.split(' ');

describe('npm run simulate:handover', () => {
  it('prints one screen of 80 columns and the figures as JSON', async () => {
    const json = join(directory, 'figures.json');
    expect(await main([...small, '--seed', '4', '--json', json])).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(out).toContain('0 lost, 0 duplicated, 0 out of order');
    const figures = JSON.parse(readFileSync(json, 'utf8')) as { result: { violated: null } };
    expect(figures.result.violated).toBeNull();
  });

  it('prints a line per event on request, each with its virtual time', async () => {
    expect(await main([...small, '--faults', 'none', '--events'])).toBe(0);
    const events = out.split('\n').filter((line) => /^ +\d+\.\d{6} s {2}\S/.test(line));
    expect(events.length).toBeGreaterThan(100);
    expect(out).toMatch(/sim-\d +appends acquired \d @\d/);
  });

  it('adds up the worlds of a sweep', async () => {
    expect(await main([...small, '--sweep', '3'])).toBe(0);
    expect(out).toMatch(/virtual time +3 worlds/);
    expect(out).toMatch(/rebalances +9:/);
    expect(err).toContain('seed 3: 9 rebalances');
  });

  it('teaches its options', async () => {
    expect(await main(['--help'])).toBe(0);
    expect(out).toContain('--sweep <seeds>');
    expect(out).toContain('Exit status: 0 every invariant held, 1 one did not, 2 wrong use.');
  });

  it.each([
    [['--seed', 'x'], '--seed'],
    [['--faults', 'many'], 'none of none, some, all'],
    [['--instances', '1'], 'from 2 to 200'],
    [['--sweep', '2', '--events'], '--sweep runs many worlds'],
    [['--svg', 'a.svg'], '--svg draws the picture of --big'],
    [['--json', '/nowhere/at/all.json'], '/nowhere/at/all.json cannot be written'],
    [['--nonsense'], '--nonsense'],
  ])('says what is wrong with %j', async (argv, text) => {
    expect(await main(argv)).toBe(2);
    expect(err).toContain(text);
    expect(out).toBe('');
  });
});
